"""The limits in force now: how much of each is used, what working orders may add, what is left.

    used      what has happened: positions, fills, messages, losses
    reserved  what working orders, those of others too, can still add to it
    headroom  limit - used - reserved;  percent = (used + reserved) / limit * 100

Of a floor, a least that must be left, `used` is what is left before working orders and `reserved`
what they can still take: headroom = used - reserved - limit, percent = limit / (used - reserved).

Rule 1: a rule measures itself, by the same code as for an order: it is asked about an order of
nothing, in the book as it is and in the book as if nothing worked.
Rule 2: what an order of nothing adds by being one (a count) is taken out again; where that cannot
be told, or a fact is missing, there is no number, and `why` says so.
Rule 3: values are at the latest prices on record, of any age.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from riskgate.ledger.book import Book
from riskgate.ledger.budgets import Budget, in_words, keys_of
from riskgate.ledger.world import Conditions
from riskgate.model.decision import Action, Decision, Finding
from riskgate.model.events import Decided
from riskgate.model.market import LIVE, PriceTerms
from riskgate.model.money import ZERO
from riskgate.model.order import Order, OrderType, Side
from riskgate.model.readings import Holding
from riskgate.model.snapshot import Snapshot
from riskgate.model.subject import Subject
from riskgate.policy.bound import Bound
from riskgate.policy.evaluate import answers_of
from riskgate.policy.explaining import use_of
from riskgate.record.present import Present, Question
from riskgate.rulekit.parameters import count

EACH: Final = "each order"
NOT_SEEN: Final = "no order and no position falls under it yet"
SINGLE: Final = "each order is measured by itself"
ALIKE: Final = "orders alike are counted, whatever their names"
SHARES: Final = "what one more order would add cannot be told apart"
ENDLESS: Final = timedelta(days=36_500)
Key = tuple[str, str]  # a limit, and the waiver that set it
Answers = Mapping[Key, Finding]
Said = dict[Question, Answers]


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which limits: those that such an order meets, of such rules, and used for at least so much.

    `rule` is a part of a rule's name; `over` is in percent.
    """

    rule: str = ""
    account: str = ""
    strategy: str = ""
    symbol: str = ""
    over: Decimal | None = None

    def covers(self, bound: Bound, budget: Budget, symbol: str) -> bool:
        """Whether an order with these names may fall into a budget of a rule."""
        named = {name: getattr(self, name) for name in ("account", "strategy", "symbol")}
        told = {**dict(budget), **({"symbol": symbol} if "symbol" in dict(budget) else {})}
        for name, value in named.items():
            if not value:
                continue
            if name in told and told[name] != value:
                return False
            asked = Subject()._replace(**{name: value})
            if not bound.selector.narrowed((name,)).matches(asked):
                return False
        return self.rule in bound.name


class LimitNow(msgspec.Struct, frozen=True, kw_only=True):
    """One limit of one budget. Amounts are in `unit`; None where `why` says that nobody can tell.

    `action` is what a breach does: warn, hold or deny; `enforced` is false in shadow mode. A limit
    that is a `floor` is the least that must be left.
    """

    rule: str
    kind: str
    limit_name: str
    budget: str
    unit: str
    used: Decimal | None = None
    reserved: Decimal | None = None
    limit: Decimal
    headroom: Decimal | None = None
    percent: Decimal | None = None
    floor: bool = False
    enforced: bool = True
    action: str = Action.DENY.word
    where: str = ""
    waiver: str = ""
    because: str = ""
    why: str = ""


def limits_now(
    present: Present, at: datetime, wanted: Wanted | None = None
) -> tuple[LimitNow, ...]:
    """Every limit that is a number, the fullest first. Raise ConfigError without policies."""
    policies, wish = present.policies_at_hand(), Wanted() if wanted is None else wanted
    bounds = {bound.name: bound for bound in policies.bounds}
    asked = {
        question: probe
        for question, probe in present.questions().items()
        if wish.covers(bounds[question[0]], question[1], probe.symbol)
    }
    found = _asked(present, at, bounds, asked)
    seen = {one.rule for one in found}
    rest = (b for b in policies.bounds if b.name not in seen and wish.covers(b, (), ""))
    every = [*found, *(row for bound in rest for row in _untold(bound))]
    if wish.over is not None:
        every = [one for one in every if one.percent is not None and one.percent >= wish.over]
    return tuple(sorted(every, key=_fullest))


def _asked(
    present: Present, at: datetime, bounds: Mapping[str, Bound], asked: Mapping[Question, Order]
) -> list[LimitNow]:
    """What the rules say of orders of nothing; of both sides the fuller."""
    of_probe: dict[Order, list[Question]] = {}
    for question, probe in asked.items():
        if present.world.market.resolve(probe.terms) is not None:  # else nobody can be asked
            of_probe.setdefault(probe, []).append(question)
    book = present.world.book
    now: Said = {}
    more: Said = {}
    idle: Said = {}
    first: Said = {}
    for probe, questions in of_probe.items():
        seen = _look(present, probe, at)
        now.update({q: _answers(bounds[q[0]], seen) for q in questions})
        first.update({q: _answers(bounds[q[0]], _blank(seen)) for q in questions})
        with book.supposing(_sent(book, probe, seen), at):
            seen = _look(present, probe, at)
            more.update({q: _answers(bounds[q[0]], seen) for q in questions})
    with _nothing_working(book):
        for probe, questions in of_probe.items():
            seen = _look(present, probe, at)
            idle.update({q: _answers(bounds[q[0]], seen) for q in questions})
    rows: dict[tuple[str, Budget, Key], LimitNow] = {}
    for question, answers in now.items():
        name, budget, _ = question
        for key, finding in answers.items():
            beside = (_number(one[question].get(key)) for one in (idle, more, first))
            row = _row(bounds[name], budget, _Told(finding, *beside))
            known = rows.get((name, budget, key))
            if known is None or _fullest(row) < _fullest(known):
                rows[name, budget, key] = row
    return list(rows.values())


def _look(present: Present, probe: Order, at: datetime) -> Snapshot:
    """What an order of nothing meets, with prices of any age and kind."""
    seen = present.world.snapshot(probe, at, Conditions())
    kind = seen.quote.type if seen.quote is not None else LIVE
    return msgspec.structs.replace(seen, price_terms=PriceTerms(ENDLESS, (kind,)))


def _answers(bound: Bound, seen: Snapshot) -> Answers:
    """What a rule says of an order of nothing, of each limit that is a number."""
    found = answers_of(bound, _plain(seen), seen)
    return {(f.limit_name, f.waiver): f for f in found if isinstance(f.limit, Decimal)}


def _plain(seen: Snapshot) -> Order:
    """An order of nothing at no price of its own."""
    side = Side(seen.subject.side)
    return Order(side=side, quantity=ZERO, symbol=seen.subject.symbol, order_type=OrderType.LMT)


def _blank(seen: Snapshot) -> Snapshot:
    """The same world in which nothing was ever counted and nothing is held."""
    nothing = {name: type(reading)() for name, reading in seen.readings.items()}
    return msgspec.structs.replace(seen, readings=nothing, holding=Holding())


def _sent(book: Book, probe: Order, seen: Snapshot) -> Decided:
    """An order of nothing as if it were sent."""
    decision = Decision(probe, Action.ALLOW, seen.as_of, "")
    number = book.last_order_id + 1
    return Decided(
        order_id=number, ref="", text="", decision=decision, snapshot=seen, unit_value=ZERO
    )


@contextmanager
def _nothing_working(book: Book) -> Iterator[None]:
    """The book as if no order worked, of ours or of others."""
    foreign = book.foreign
    with ExitStack() as standing_aside:
        for life in book.working():
            for one in (life, *life.members):
                standing_aside.enter_context(book.without(one))
        book.holdings.foreign(())
        try:
            yield
        finally:
            book.holdings.foreign(foreign)


def _number(finding: Finding | None) -> Decimal | None:
    """What was observed, if it is a number that can be counted with."""
    observed = None if finding is None else finding.observed
    return observed if isinstance(observed, Decimal) and observed.is_finite() else None


class _Told(NamedTuple):
    """What a rule says of an order of nothing: now, if nothing worked, after one more, at first."""

    now: Finding
    idle: Decimal | None
    more: Decimal | None
    first: Decimal | None


def _row(bound: Bound, budget: Budget, told: _Told) -> LimitNow:
    """One limit of one budget."""
    now, observed, own = told.now, _number(told.now), _own(bound, told)
    row = _shape(bound, now, in_words(budget))
    if observed is None or told.idle is None or own is None:
        why = now.text if observed is None or told.idle is None else SHARES
        return msgspec.structs.replace(row, why=f"{now.code}: {why}" if now.code else why)
    total, used = observed - own, told.idle - own
    use = use_of(msgspec.structs.replace(now, observed=total))
    return msgspec.structs.replace(
        row,
        used=used,
        reserved=used - total if use.floor else total - used,
        headroom=use.headroom,
        percent=use.percent,
        why=now.text,
    )


def _own(bound: Bound, told: _Told) -> Decimal | None:
    """What of a measurement an order of nothing is itself; None where that cannot be told."""
    limit, now = bound.rule.limits().get(told.now.limit_name), _number(told.now)
    if limit is not None and limit.type == count():
        return told.first
    if now is None or told.more is None:
        return None
    return told.more - now if told.more == now or bound.rule.adds_up else None


def _untold(bound: Bound) -> Iterator[LimitNow]:
    """The limits of a rule of which there is nothing to say now, and why."""
    why = NOT_SEEN
    if keys_of(bound) is None:
        why = SINGLE if bound.tally is None else ALIKE
    for check in bound.checks:
        if isinstance(check.value, Decimal):
            finding = Finding(
                rule=bound.name,
                kind=bound.kind,
                limit_name=check.name,
                limit=check.value,
                unit=check.unit,
            )
            row = _shape(bound, finding, "" if why == NOT_SEEN else EACH)
            yield msgspec.structs.replace(row, why=why)


def _shape(bound: Bound, finding: Finding, budget: str) -> LimitNow:
    """A limit without its numbers."""
    limit = finding.limit
    return LimitNow(
        rule=bound.name,
        kind=bound.kind,
        limit_name=finding.limit_name,
        budget=budget,
        unit=finding.unit,
        limit=limit if isinstance(limit, Decimal) else ZERO,
        floor=use_of(finding).floor,
        enforced=bound.enforced,
        action=bound.action.word,
        where=bound.where,
        waiver=finding.waiver,
        because=bound.because,
    )


def _fullest(row: LimitNow) -> tuple[bool, Decimal, str, str, str]:
    """The fullest first, those without a number last."""
    percent = row.percent
    return percent is None, -(percent or ZERO), row.rule, row.limit_name, row.budget
