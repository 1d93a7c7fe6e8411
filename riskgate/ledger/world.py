"""The look before the decision: everything that is known, as one snapshot for one order.

Rule 1: a snapshot holds all that the applying rules read, and is recorded with the decision.
Rule 2: looking changes nothing, but for windows that forget what has left them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

import msgspec

from riskgate.ledger.book import Book
from riskgate.ledger.companions import ALONE, Companions
from riskgate.ledger.counters.news import Mention, Question
from riskgate.ledger.counting import Counting
from riskgate.ledger.life import Life
from riskgate.ledger.market import Market
from riskgate.model.account import Account
from riskgate.model.hours import Hours, parse_ib_hours
from riskgate.model.instrument import Instrument
from riskgate.model.order import Fault, Order
from riskgate.model.readings import Reading
from riskgate.model.snapshot import Replaced, Snapshot
from riskgate.model.subject import Subject, subject_of
from riskgate.model.trading import Standing, TradingState
from riskgate.policy.policies import PolicySet, Selection, price_terms_at
from riskgate.rulekit.sessions import CONTRACT_HOURS, CONTRACT_TRADING_HOURS

PRICE_FIELDS = ("limit_price", "stop_price", "trail_amount", "limit_offset")
SNAP = Decimal("1e-9")
EXIT = "an emergency exit can only reduce a position"
FREE = Standing(state=TradingState.ACTIVE, by="", reason="", at=datetime.min.replace(tzinfo=UTC))


class HoursSource(Protocol):
    """Trading hours by exchange code."""

    def hours(self, code: str, at: datetime) -> Hours:
        """The sessions around a moment."""
        ...


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """What the outside says of itself when an order is judged."""

    reconciled: bool = True
    distrust: str = ""
    connected: bool = True
    journal_writable: bool = True
    mode_fault: str | None = None
    unsupported: tuple[Fault, ...] = ()
    account_max_age: timedelta | None = None


class World:
    """Market, book and policies together, as an order meets them."""

    def __init__(self, policies: PolicySet, market: Market, hours: HoursSource) -> None:
        self.policies = policies
        self.market = market
        self._hours = hours
        self.announced: tuple[Standing, ...] = ()  # states that somebody is about to record
        self.book = self.empty_book()

    def empty_book(self) -> Book:
        """A book in which nothing has happened yet, with this policy set's counters."""
        return Book(Counting(self.policies), self.market.mark)

    def resolve(self, order: Order, floats: frozenset[str] = frozenset()) -> Order:
        """The order with the account filled in if there is one, and float prices on the tick."""
        changes: dict[str, object] = {}
        accounts = self.market.accounts
        if order.account is None and len(accounts) == 1:
            changes["account"] = next(iter(accounts))
        instrument = self.market.resolve(order.terms) if floats else None
        if instrument is not None:
            for name in floats & frozenset(PRICE_FIELDS):
                changes[name] = _on_tick(getattr(order, name), instrument.min_tick)
        return msgspec.structs.replace(order, **changes) if changes else order

    def snapshot(
        self,
        order: Order,
        as_of: datetime,
        conditions: Conditions,
        *,
        replacing: Life | None = None,
        beside: Companions = ALONE,
    ) -> Snapshot:
        """Everything that deciding this order reads, now."""
        self.book.holdings.remark(self.market.take_changed())
        instrument = self.market.resolve(order.terms)
        if replacing is None:
            return self._look(order, as_of, instrument, conditions, (None, beside))
        with self.book.without(replacing):
            return self._look(order, as_of, instrument, conditions, (replacing, beside))

    def _look(
        self,
        order: Order,
        as_of: datetime,
        instrument: Instrument | None,
        conditions: Conditions,
        related: tuple[Life | None, Companions],
    ) -> Snapshot:
        subject = subject_of(order, instrument) if instrument else Subject()
        selection = self.policies.for_(subject)
        account = self.market.accounts.get(order.account or "")
        replaced, beside = related
        mention = Mention(
            subject, order, beside.parent, replaced.bracket if replaced else beside.bracket
        )
        question = self._question(mention, account, as_of)
        if instrument is not None:
            question = question._replace(venue=instrument.exchange)
        standing = self._state_for(subject if instrument else _unnamed(order))
        return Snapshot(
            as_of=as_of,
            subject=subject,
            instrument=instrument,
            accounts=tuple(self.market.accounts),
            account=account,
            account_max_age=conditions.account_max_age,
            quote=self.market.quote(subject.instrument),
            price_terms=price_terms_at(selection, subject, as_of),
            base=account.currency if account else "USD",
            fx=self.market.fx,
            adv=self.market.adv.get(subject.instrument),
            holding=question.whole,
            readings=self._readings(selection, question, beside),
            hours=self._sessions(selection, instrument, as_of),
            state=TradingState.REDUCE_ONLY if beside.emergency else standing.state,
            state_text=_said(standing, emergency=beside.emergency),
            reconciled=conditions.reconciled,
            distrust=conditions.distrust,
            connected=conditions.connected,
            journal_writable=conditions.journal_writable,
            mode_fault=conditions.mode_fault,
            unsupported=conditions.unsupported,
            replaced=self._replaced(replaced, order),
            parent_left=self._parent_left(order, replaced, beside.parent),
            submission=beside.submission,
            forgiven=beside.forgiven,
        )

    def _state_for(self, subject: Subject) -> Standing:
        """The strictest state, those included that somebody is about to set."""
        held = self.book.state_for(subject) or FREE
        if not self.announced:
            return held
        named = (subject.account, subject.strategy, subject.symbol, subject.underlying)
        coming = (one for one in self.announced if one.scope.covers(*named))
        return max((held, *coming), key=lambda one: one.state.strictness)

    def _question(self, mention: Mention, account: Account | None, as_of: datetime) -> Question:
        subject, holdings = mention.subject, self.book.holdings
        return Question(
            asked=mention,
            whole=holdings.of(subject.account, subject.instrument),
            own=holdings.of(subject.account, subject.instrument, subject.strategy),
            at=as_of,
            reported=account.at if account else None,
        )

    def _readings(
        self, selection: Selection, question: Question, beside: Companions
    ) -> dict[str, Reading]:
        found = dict(self.book.counting.readings(selection.counted, question))
        for bound in selection.grouped:
            found[bound.name] = beside.reading(bound)
        return found

    def _replaced(self, life: Life | None, order: Order) -> Replaced | None:
        if life is None or life.order is None:
            return None
        also = tuple(one.order for one in life.versions if one.order != life.order)
        entry = self.book.orders.get(life.bracket) if life.is_exit else None
        waits_for = entry.reserved if entry is not None else Decimal(0)
        whole = entry.order if entry is not None else None
        # What is larger than its entry is no exit of it any more: it is asked like any order.
        is_exit = whole is not None and order.quantity <= whole.quantity
        return Replaced(life.order, life.filled, also, is_exit, waits_for)

    def _parent_left(self, order: Order, replaced: Life | None, parent: int) -> Decimal | None:
        """What the parent leaves after this order; below zero its children exceed it.

        A parent that nobody knows, that does not work any more, or that is for another account,
        instrument or side leaves nothing: a child has no privilege (semantics.md, section 13).
        """
        number = replaced.parent if replaced else parent
        if not number:
            return None
        owner = self.book.orders.get(number)
        if owner is None or owner.order is None or not _is_parent(owner, order, replaced):
            return -order.quantity
        filled = replaced.filled if replaced else Decimal(0)
        return owner.order.quantity - owner.committed - (order.quantity - filled)

    def _sessions(
        self, selection: Selection, instrument: Instrument | None, as_of: datetime
    ) -> dict[str, Hours]:
        found: dict[str, Hours] = {}
        for code in selection.calendars:
            if code != CONTRACT_HOURS:
                found[code] = self._hours.hours(code, as_of)
            elif instrument is not None and instrument.hours and instrument.zone:
                found[code] = _parsed(instrument.hours, instrument.zone)
                if instrument.trading_hours:
                    longer = _parsed(instrument.trading_hours, instrument.zone)
                    found[CONTRACT_TRADING_HOURS] = longer
        return found


def _said(standing: Standing, *, emergency: bool) -> str:
    """The state in words; the emergency exit is open under every state, and only to reductions."""
    shown = "" if standing is FREE else str(standing)
    return f"{shown}; {EXIT}".removeprefix("; ") if emergency else shown


def _unnamed(order: Order) -> Subject:
    """What is known of an order whose instrument is not."""
    return Subject(strategy=order.strategy or "")


def _is_parent(owner: Life, order: Order, replaced: Life | None) -> bool:
    """Whether an order may be a slice of this one; a modify was one already."""
    if replaced is not None:
        return True
    stated = owner.order
    return (
        stated is not None
        and owner.status.working
        and (stated.account, stated.side, stated.terms) == (order.account, order.side, order.terms)
    )


@lru_cache(maxsize=4096)
def _parsed(hours: str, zone: str) -> Hours:
    """A contract's own hours; text that cannot be read says nothing about any time."""
    try:
        return parse_ib_hours(hours, zone)
    except ValueError:
        return Hours(CONTRACT_HOURS, zone, (), known=False)


def _on_tick(price: Decimal | None, tick: Decimal) -> Decimal | None:
    """A price that came as a float, moved to the tick it means (semantics.md, section 2)."""
    if price is None or not price.is_finite() or tick <= 0:
        return price
    near = (price / tick).to_integral_value() * tick
    return near if abs(price - near) <= SNAP * abs(price) else price
