"""The look before the decision: everything that is known, as one snapshot for one order.

Rule 1: a snapshot holds all that the applying rules read, and is recorded with the decision.
Rule 2: looking changes nothing, but for windows that forget what has left them.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, Protocol

import msgspec

from riskgate.errors import MissingData
from riskgate.execution.route import Place, Routed, Routing, routed
from riskgate.ledger.book import Book
from riskgate.ledger.companions import ALONE, Companions
from riskgate.ledger.counters.news import Mention, Question
from riskgate.ledger.counting import Counting
from riskgate.ledger.kinds import Kind, Kinds, kind_of
from riskgate.ledger.legs import supposed
from riskgate.ledger.life import Life
from riskgate.ledger.market import Market
from riskgate.model.cash import most_units
from riskgate.model.codes import Code
from riskgate.model.combos import leg_of, named, net, thinnest
from riskgate.model.hours import Hours, Phase, parse_ib_hours, phase_within
from riskgate.model.instrument import Instrument, Part
from riskgate.model.money import text
from riskgate.model.order import Fault, Order
from riskgate.model.readings import Holding, Reading
from riskgate.model.snapshot import LegView, Replaced, Snapshot
from riskgate.model.subject import Subject
from riskgate.model.trading import Standing, TradingState
from riskgate.policy.policies import PolicySet
from riskgate.policy.sanity import UNKNOWN
from riskgate.policy.selection import Selection, price_terms_at
from riskgate.rulekit.sessions import CONTRACT_HOURS, CONTRACT_TRADING_HOURS

PRICE_FIELDS = ("limit_price", "stop_price", "trail_amount", "limit_offset")
SNAP = Decimal("1e-9")
EXIT = "an emergency exit can only reduce a position"
NOTHING_HELD = Holding()
_made = tuple.__new__
DIRECT = Routing()
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
    routed: str = ""


USUAL: Final = Conditions()
Related = tuple[Life | None, Companions]


class World:
    """Market, book and policies together, as an order meets them."""

    def __init__(self, policies: PolicySet, market: Market, hours: HoursSource) -> None:
        self.policies = policies
        self.market = market
        self._hours = hours
        self._kinds = Kinds(market)
        self.routing: Routing | None = None
        self.announced: tuple[Standing, ...] = ()  # states that somebody is about to record
        self.book = self.empty_book()

    def empty_book(self) -> Book:
        """A book in which nothing has happened yet, with this policy set's counters."""
        return Book(Counting(self.policies), self.market.mark)

    def resolve(self, order: Order, floats: frozenset[str] = frozenset()) -> Order:
        """The order with what it leaves open filled in, and float prices on the tick.

        That is the account if there is but one, and the most units that an amount of cash can be.
        """
        changes: dict[str, object] = {}
        accounts = self.market.accounts
        if order.account is None and len(accounts) == 1:
            changes["account"] = next(iter(accounts))
        instrument = self.market.resolve(order.terms) if floats or order.for_cash else None
        if instrument is not None:
            for name in floats & frozenset(PRICE_FIELDS):
                changes[name] = _on_tick(getattr(order, name), instrument.min_tick)
        if order.for_cash and instrument is not None:
            quote = self.market.quote(instrument.key)
            changes["quantity"] = max(order.quantity, most_units(order, instrument, quote))
        return msgspec.structs.replace(order, **changes) if changes else order

    def misstated(self, order: Order) -> tuple[Fault, ...]:
        """The fault of an order for cash that says how many units that is, and is wrong."""
        instrument = self.market.resolve(order.terms) if order.for_cash else None
        if instrument is None or not order.quantity:
            return ()
        if order.quantity == most_units(order, instrument, self.market.quote(instrument.key)):
            return ()
        why = f"an order for cash states no quantity; found {text(order.quantity)}, write 0"
        return (Fault(Code.BAD_QUANTITY, why),)

    def unknown_legs(self, order: Order) -> tuple[Fault, ...]:
        """The legs of a combo that nobody knows, each as it is stated."""
        named_legs = ((leg.contract, named(leg.contract)) for leg in order.legs)
        return tuple(
            Fault(Code.UNKNOWN_INSTRUMENT, f"leg {UNKNOWN.format(contract)}")
            for contract, name in named_legs
            if name is not None and self.market.resolve(name.terms) is None
        )

    def route(self, order: Order, at: datetime) -> Routed:
        """The order with the venue it goes to, as the settings have it at this moment."""
        routing = self.routing
        if routing is None or (routing == DIRECT and order.route is None):
            return Routed(order)
        instrument = self.market.resolve(order.terms)
        if instrument is None:
            return routed(routing, order, Place())
        venues = self.market.venues.get(instrument.key, ())
        return routed(routing, order, Place(instrument, venues, _session(instrument, at)))

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
        changed = self.market.take_changed()
        if changed:
            self.book.holdings.remark(changed)
        kind = self._kinds.of(order, self.policies)
        if replacing is None:
            related = (None, beside)
            if kind.instrument is None or not kind.instrument.legs:
                return self._look(order, as_of, kind, conditions, related)
            return self._seen(order, as_of, kind, conditions, related)
        with self.book.without(replacing):
            return self._seen(order, as_of, kind, conditions, (replacing, beside))

    def _seen(
        self,
        order: Order,
        as_of: datetime,
        kind: Kind,
        conditions: Conditions,
        related: Related,
    ) -> Snapshot:
        """The snapshot of an order; that of a combo holds those of its legs."""
        seen = self._look(order, as_of, kind, conditions, related)
        instrument = kind.instrument
        if instrument is None or not instrument.legs:
            return seen
        replaced, beside = related
        alone = Companions(emergency=beside.emergency)
        plain = msgspec.structs.replace(conditions, unsupported=())
        book = self.book.holdings, self.book.counting
        views: list[LegView] = []
        with ExitStack() as supposing:
            for part in instrument.legs:
                own = leg_of(order, part)
                what = kind_of(own, part.instrument, self.policies)
                leg = self._look(own, as_of, what, plain, (None, alone))
                before = _replaced_leg(replaced, part)
                view = LegView(own, msgspec.structs.replace(leg, replaced=before))
                supposing.enter_context(supposed(book, view, as_of))
                views.append(view)
        legs = tuple(views)
        return msgspec.structs.replace(
            seen,
            legs=legs,
            quote=net(instrument, [view.snapshot.quote for view in legs]),
            adv=thinnest(instrument, [view.snapshot.adv for view in legs]),
        )

    def _look(
        self,
        order: Order,
        as_of: datetime,
        kind: Kind,
        conditions: Conditions,
        related: Related,
    ) -> Snapshot:
        instrument, subject, selection = kind
        market, (replaced, beside) = self.market, related
        account = market.accounts.get(order.account or "")
        question = self._question(order, kind, as_of, related)
        seen = Snapshot(
            as_of=as_of,
            subject=subject,
            instrument=instrument,
            accounts=tuple(market.accounts),
            account=account,
            account_max_age=conditions.account_max_age,
            quote=market.quote(subject.instrument),
            price_terms=price_terms_at(selection, subject, as_of),
            base="USD" if account is None else account.currency,
            fx=market.fx,
            adv=market.adv.get(subject.instrument),
            holding=question.whole,
            readings=self._readings(selection, question, beside),
            hours=self._sessions(selection, instrument, as_of),
        )
        # To build it by fewer names takes half as long, and nearly every order is as usual.
        unusual = _unusual(conditions)
        if self.book.facts.standings or self.announced or beside.emergency:
            standing = self._state_for(subject if instrument else _unnamed(order))
            unusual["state"] = TradingState.REDUCE_ONLY if beside.emergency else standing.state
            unusual["state_text"] = _said(standing, emergency=beside.emergency)
        if replaced is not None or beside is not ALONE:
            unusual["replaced"] = self._replaced(replaced, order)
            unusual["parent_left"] = self._parent_left(order, replaced, beside.parent)
            unusual["submission"] = beside.submission
            unusual["block"] = bool(beside.members)
            unusual["forgiven"] = beside.forgiven
        return msgspec.structs.replace(seen, **unusual) if unusual else seen

    def _state_for(self, subject: Subject) -> Standing:
        """The strictest state, those included that somebody is about to set."""
        held = self.book.state_for(subject) or FREE
        if not self.announced:
            return held
        named = (subject.account, subject.strategy, subject.symbol, subject.underlying)
        coming = (one for one in self.announced if one.scope.covers(*named))
        return max((held, *coming), key=lambda one: one.state.strictness)

    def _question(self, order: Order, kind: Kind, as_of: datetime, related: Related) -> Question:
        instrument, subject, _ = kind
        replaced, beside = related
        group = replaced.bracket if replaced else beside.bracket or beside.block
        account = self.market.accounts.get(order.account or "")
        holding, by_strategy = self.book.holdings.of, self.book.counting.by_strategy
        whole = holding(subject.account, subject.instrument)
        own = NOTHING_HELD
        if by_strategy:
            own = holding(subject.account, subject.instrument, subject.strategy)
        reported = None if account is None else account.at
        venue = "" if instrument is None else instrument.exchange
        # A named tuple's own constructor is a function of Python: this takes half as long.
        mention = _made(Mention, (subject, order, beside.parent, group))
        return _made(Question, (mention, whole, own, as_of, reported, venue))

    def _readings(
        self, selection: Selection, question: Question, beside: Companions
    ) -> dict[str, Reading]:
        found = self.book.counting.readings(selection.counted, question)
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
        return Replaced(life.order, life.spent, also, is_exit, waits_for)

    def _parent_left(self, order: Order, replaced: Life | None, parent: int) -> Decimal | None:
        """What the parent leaves after this order; below zero its children exceed it.

        A parent that nobody knows, that does not work any more, or that is for another account,
        instrument or side leaves nothing: a child has no privilege (semantics.md, section 13).
        """
        number = replaced.parent if replaced else parent
        if not number:
            return None
        owner = self.book.orders.get(number)
        if owner is None or owner.order is None or not self._is_parent(owner, order, replaced):
            return -order.quantity
        filled = replaced.filled if replaced else Decimal(0)
        gone = owner.filled if self.book.works.converts(number) else Decimal(0)
        return owner.order.quantity - gone - owner.committed - (order.quantity - filled)

    def _is_parent(self, owner: Life, order: Order, replaced: Life | None) -> bool:
        """Whether an order may be a slice of this one now; a modify was one already."""
        if replaced is not None:
            return True
        works, stated = self.book.works, owner.order
        able = owner.status.working or works.converts(owner.order_id)
        if stated is None or not able or works.leaves_nothing(owner.order_id):
            return False
        named = (stated.account, stated.side, stated.terms)
        return named == (order.account, order.side, order.terms)

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


def _replaced_leg(life: Life | None, part: Part) -> Replaced | None:
    """What a leg takes the place of where the combo is changed."""
    leg = life.legs.of(part.instrument) if life is not None and life.legs is not None else None
    if life is None or life.order is None or leg is None:
        return None
    also = tuple(leg_of(one.order, part) for one in life.versions if one.order != life.order)
    return Replaced(leg_of(life.order, part), leg.filled, also)


def _unusual(conditions: Conditions) -> dict[str, object]:
    """What the outside says of itself that is not as it should be."""
    if conditions.account_max_age is not None:
        conditions = msgspec.structs.replace(conditions, account_max_age=None)
    if conditions == USUAL:
        return {}
    return {
        "reconciled": conditions.reconciled,
        "distrust": conditions.distrust,
        "connected": conditions.connected,
        "journal_writable": conditions.journal_writable,
        "mode_fault": conditions.mode_fault,
        "unsupported": conditions.unsupported,
        "routed": conditions.routed,
    }


def _said(standing: Standing, *, emergency: bool) -> str:
    """The state in words; the emergency exit is open under every state, and only to reductions."""
    shown = "" if standing is FREE else str(standing)
    return f"{shown}; {EXIT}".removeprefix("; ") if emergency else shown


def _unnamed(order: Order) -> Subject:
    """What is known of an order whose instrument is not."""
    return Subject(strategy=order.strategy or "")


@lru_cache(maxsize=4096)
def _parsed(hours: str, zone: str) -> Hours:
    """A contract's own hours; text that cannot be read says nothing about any time."""
    try:
        return parse_ib_hours(hours, zone)
    except ValueError:
        return Hours(CONTRACT_HOURS, zone, (), known=False)


def _session(instrument: Instrument, at: datetime) -> Phase | None:
    """The part of its day in which an instrument is; None where its hours are not known."""
    if not instrument.hours or not instrument.zone:
        return None
    liquid = _parsed(instrument.hours, instrument.zone)
    trading = _parsed(instrument.trading_hours or instrument.hours, instrument.zone)
    try:
        return phase_within(liquid, trading, at)
    except MissingData:
        return None


def _on_tick(price: Decimal | None, tick: Decimal) -> Decimal | None:
    """A price that came as a float, moved to the tick it means (semantics.md, section 2)."""
    if price is None or not price.is_finite() or tick <= 0:
        return price
    near = (price / tick).to_integral_value() * tick
    return near if abs(price - near) <= SNAP * abs(price) else price
