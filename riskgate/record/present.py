"""How things stand now by the record alone: the book with its counters, kept up as events come.

Rule 1: an event is folded once; only policies that were not counted under of late fold all again,
and those that come back go on from where they were left.
Rule 2: the market is that of the decisions on record: the latest prices, of any age.
Rule 3: looking takes no lock and changes nothing on record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from riskgate.errors import ConfigError, PolicyError
from riskgate.ledger.budgets import Budget, budget_of, keys_of
from riskgate.ledger.market import Market
from riskgate.ledger.world import World
from riskgate.model.events import AccountReported, Decided, PolicyActivated, Recorded
from riskgate.model.hours import Hours
from riskgate.model.instrument import Instrument
from riskgate.model.market import Quote
from riskgate.model.money import ZERO
from riskgate.model.order import Order, OrderType, Side
from riskgate.model.snapshot import Snapshot
from riskgate.model.subject import subject_of
from riskgate.model.words import abridged
from riskgate.policy.policies import NO_POLICIES, PolicySet
from riskgate.record.progress import STEP, Progress, untold
from riskgate.record.recorded_policies import Read, RecordedPolicies
from riskgate.record.status import Fold

MOST_LEFT: Final = 4  # books under other policies that are kept, in case these come back
Question = tuple[str, Budget, Side]  # a rule, one of its budgets, a side
Asked = dict[Question, Order]


class Present:
    """A record folded up to now; `read` gives its events after a number.

    `given` are policies for a record that does not hold the texts of its own. `lacking` says what
    is wrong where the policies in force are not at hand, so that nothing is counted.
    """

    def __init__(self, read: Read, given: PolicySet | None = None) -> None:
        self.lacking = ""
        self._read = read
        self._given = given
        self._recorded = RecordedPolicies(read)
        self._left: dict[str, _Counted] = {}
        self._now = _Counted(NO_POLICIES)

    def catch_up(
        self,
        heard: Callable[[Recorded], None] = lambda _event: None,
        progress: Progress = untold,
    ) -> int:
        """Fold what is new, telling each new event; how many there were."""
        new = 0
        for event in self._read(self.fold.events):
            if isinstance(event.payload, PolicyActivated):
                self._recorded.note(event.seq, event.payload)
                if not self.fold.events:
                    self._now = _Counted(self._found(event.payload.digest))
            self._take(event)
            heard(event)
            new += 1
            if new % STEP == 0:
                progress(new)
        self._count_under(self.fold.ledger.digest)
        return new

    @property
    def market(self) -> Market:
        """The latest prices on record."""
        return self._now.market

    @property
    def world(self) -> World:
        """The book and the market together."""
        return self._now.world

    @property
    def fold(self) -> Fold:
        """What was folded so far."""
        return self._now.fold

    def _count_under(self, digest: str) -> None:
        """Go over to the policies in force, if they are not those that were counted under."""
        if not digest or digest == self.world.policies.digest:
            return
        found = self._found(digest)
        if found is self.world.policies:
            return
        last = self.fold.events
        left = self._left
        left[self.world.policies.digest] = self._now
        self._now = left.pop(found.digest) if found.digest in left else _Counted(found)
        if len(left) > MOST_LEFT:
            del left[next(iter(left))]
        for event in self._read(self.fold.events):
            if event.seq > last:
                break
            self._take(event)

    def _found(self, digest: str) -> PolicySet:
        """The policies in force; none at all, and why, where nobody has them."""
        self.lacking = ""
        if self._given is not None and self._given.digest == digest:
            return self._given
        try:
            found = self._recorded.find(digest)
        except PolicyError as error:
            self.lacking = str(error)
            return NO_POLICIES
        if found is None:
            self.lacking = (
                "the journal does not hold the texts of the policies in force,"
                f" `{abridged(digest)}`; name them with `--policies PATH`"
            )
        return found or NO_POLICIES

    def _take(self, event: Recorded) -> None:
        payload = event.payload
        if isinstance(payload, Decided) and payload.snapshot is not None:
            self._seen(payload.snapshot)
            if payload.decision.order is not None:
                self._ask(payload.decision.order, payload.snapshot)
        elif isinstance(payload, AccountReported):
            self.market.set_account(payload.account)
        self.fold.take(event)

    def _seen(self, snapshot: Snapshot) -> None:
        """Take over the market that somebody decided in."""
        market, instrument = self.market, snapshot.instrument
        if snapshot.account is not None:
            market.set_account(snapshot.account)
        if snapshot.fx:
            market.set_rates({**market.fx, **snapshot.fx})
        for view in snapshot.legs:
            self._seen(view.snapshot)
        if instrument is None:
            return
        market.list_instrument(instrument.terms, instrument)
        if snapshot.quote is not None and _is_news(snapshot.quote, market.quote(instrument.key)):
            market.set_quote(instrument.key, snapshot.quote)
        if snapshot.adv is not None:
            market.set_adv(instrument.key, snapshot.adv)

    def _ask(self, order: Order, snapshot: Snapshot) -> None:
        """Remember whose budgets an order falls into, with itself as what to ask for them."""
        instrument = snapshot.instrument
        if instrument is None:
            return
        for view in snapshot.legs:
            self._ask(view.order, view.snapshot)
        if not instrument.legs:  # a combo falls into the budgets of its legs
            for key, probe in self._asks(order, instrument):
                self._now.asked[key] = probe

    def questions(self) -> Asked:
        """What to ask for each budget there is: of orders, and of positions that none explains."""
        found: Asked = {}
        for account, instrument, _ in self.fold.ledger.holdings.standing():
            if instrument.legs:
                continue
            self.market.list_instrument(instrument.terms, instrument)
            order = Order(
                side=Side.BUY,
                quantity=ZERO,
                symbol=instrument.symbol,
                order_type=OrderType.MKT,
                account=account,
            )
            found.update(self._asks(order, instrument))
        return {**found, **self._now.asked}

    def _asks(self, order: Order, instrument: Instrument) -> Iterator[tuple[Question, Order]]:
        """An order of nothing for each budget that an order falls into, and each side."""
        for side in Side:
            probe = _nothing_of(order, instrument, side)
            subject = subject_of(probe, instrument)
            for bound in self.world.policies.for_(subject).bounds:
                keys = self._now.keys[bound.name]
                if keys is not None:
                    yield (bound.name, budget_of(keys, subject), side), probe

    def policies_at_hand(self) -> PolicySet:
        """The policies in force. Raise ConfigError where nobody has them."""
        if self.lacking:
            raise ConfigError(self.lacking)
        return self.world.policies


class _Counted:
    """A book that counts under some policies, with the market and what to ask for each budget."""

    def __init__(self, policies: PolicySet) -> None:
        self.market = Market()
        self.world = World(policies, self.market, _NoHours())
        self.fold = Fold(ledger=self.world.book)
        self.asked: Asked = {}
        self.keys = {bound.name: keys_of(bound) for bound in policies.bounds}


class _NoHours:
    """Knows no hours: a limit that is a number asks for none."""

    def hours(self, code: str, at: datetime) -> Hours:  # noqa: ARG002  # the shape of calendars
        return Hours(code, "UTC", (), known=False)


def _is_news(quote: Quote, known: Quote | None) -> bool:
    """Whether a quote is not older than what is known."""
    if known is None or known.at is None:
        return True
    return quote.at is not None and quote.at >= known.at


def _nothing_of(order: Order, instrument: Instrument, side: Side) -> Order:
    """An order for nothing that selectors see as they saw this one."""
    terms = instrument.terms
    return Order(
        side=side,
        quantity=ZERO,
        symbol=terms.symbol,
        order_type=order.order_type,
        tif=order.tif,
        strategy=order.strategy,
        account=order.account,
        exchange=order.exchange,
        currency=terms.currency,
        sec_type=terms.sec_type,
        expiry=terms.expiry,
        strike=terms.strike,
        right=terms.right,
        tag=order.tag,
    )
