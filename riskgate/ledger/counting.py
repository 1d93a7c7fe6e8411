"""Which counters a policy set needs, which of them an order or a holding touches, and telling them.

Rule 1: equal counters are kept once, however many rules read them.
Rule 2: counters of holdings are found by the part of a selector that narrows holdings; counters of
orders and messages by the whole selector (semantics.md, section 4).
Rule 3: a counter hears the news that it has a method for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from riskgate.ledger.counters import news
from riskgate.ledger.counters.crossings import CrossingCounter
from riskgate.ledger.counters.days import DayCounter
from riskgate.ledger.counters.exposures import ExposureCounter
from riskgate.ledger.counters.funds import FundsCounter
from riskgate.ledger.counters.holdings import HoldingsCounter
from riskgate.ledger.counters.losses import LossCounter
from riskgate.ledger.counters.news import Claim, Counter, Mention, Question, Traded
from riskgate.ledger.counters.repeats import RepeatCounter
from riskgate.ledger.counters.stresses import StressCounter
from riskgate.ledger.counters.windows import WindowCounter
from riskgate.ledger.counters.working import WorkingCounter
from riskgate.model.events import LimitTripped
from riskgate.model.readings import Reading
from riskgate.model.subject import Subject
from riskgate.policy.bound import Bound
from riskgate.policy.policies import PolicySet
from riskgate.policy.selectors import Index, Selector
from riskgate.rulekit import tallies
from riskgate.rulekit.matching import Names
from riskgate.rulekit.tallies import Tally

Reads = tuple[str, Callable[[Question], Reading]]
Place = tuple[Selector, tuple[str, ...], Tally]
COUNTERS: Final[Mapping[type[Any], Callable[[Any, tuple[str, ...]], Counter]]] = {
    tallies.HoldingsTally: HoldingsCounter,
    tallies.ExposureTally: ExposureCounter,
    tallies.FundsTally: FundsCounter,
    tallies.StressTally: StressCounter,
    tallies.WorkingTally: WorkingCounter,
    tallies.CrossingTally: CrossingCounter,
    tallies.RepeatTally: RepeatCounter,
    tallies.LossTally: LossCounter,
    tallies.DayTally: DayCounter,
    tallies.WindowTally: WindowCounter,
}


class Listening(NamedTuple):
    """The counters that hear of an order: what it holds, its fills, its days, its messages."""

    claims: tuple[news.HearsClaims, ...]
    fills: tuple[news.HearsFills, ...]
    days: tuple[news.HearsOrders, ...]
    messages: tuple[news.HearsMessages, ...]


class Counting:
    """All counters of one policy set."""

    def __init__(self, policies: PolicySet) -> None:
        made: dict[Place, Counter] = {}
        self._of_rule: dict[str, Counter] = {}
        self._asked: dict[tuple[Bound, ...], tuple[Reads, ...]] = {}
        for bound in policies.bounds:
            if bound.tally is not None and type(bound.tally) in COUNTERS:
                place = place_of(bound, bound.tally)
                counter = made.setdefault(place, COUNTERS[type(bound.tally)](bound.tally, place[1]))
                self._of_rule[bound.name] = counter
        self._holdings = Index(_hearing(made, news.HearsHoldings))
        self._claims = Index(_hearing(made, news.HearsClaims))
        self._fills = Index(_hearing(made, news.HearsFills))
        self._days = Index(_hearing(made, news.HearsOrders))
        self._messages = Index(_hearing(made, news.HearsMessages))
        self._accounts = tuple(counter for _, counter in _hearing(made, news.HearsAccounts))
        holdings = [counter for _, counter in _hearing(made, news.HearsHoldings)]
        self.valued = any(counter.valued for counter in holdings)
        self.by_strategy = any(counter.by_strategy for counter in holdings)

    @property
    def remembers_accounts(self) -> bool:
        """Whether any rule asks for the highest value of an account."""
        return bool(self._accounts)

    def hearing(self, cell: Subject, *, by_strategy: bool) -> tuple[news.HearsHoldings, ...]:
        """Who hears of the holding of an account and instrument, whole or of one strategy."""
        found = self._holdings.find(cell)
        return tuple(counter for counter in found if counter.by_strategy is by_strategy)

    def listening(self, subject: Subject) -> Listening:
        """Who hears what of an order; asked once, an order can be told of many times."""
        return Listening(
            self._claims.find(subject),
            self._fills.find(subject),
            self._days.find(subject),
            self._messages.find(subject),
        )

    def claim(self, subject: Subject, before: Claim, after: Claim) -> None:
        """What an order holds of the book changed."""
        for counter in self._claims.find(subject):
            counter.claim(subject, before, after)

    def fill(self, subject: Subject, traded: Traded, at: datetime) -> None:
        """So much was executed."""
        for counter in self._fills.find(subject):
            counter.fill(subject, traded, at)

    def executed(self, subject: Subject, order_id: int, at: datetime) -> None:
        """An order had a fill."""
        for counter in self._days.find(subject):
            counter.executed(subject, order_id, at)

    def sent(self, subject: Subject, at: datetime) -> None:
        """A new order was sent."""
        for counter in self._days.find(subject):
            counter.sent(subject, at)

    def never_sent(self, subject: Subject, at: datetime) -> None:
        """An order that counted as sent at that moment never left."""
        for counter in self._days.find(subject):
            counter.never_sent(subject, at)

    def earlier(
        self, subject: Subject, executed: tuple[Decimal, Decimal], orders: int, at: datetime
    ) -> None:
        """What is known of a trading day only as a sum: quantity, policy money, orders."""
        for counter in self._days.find(subject):
            counter.earlier(subject, executed, orders, at)

    def message(self, what: str, mention: Mention, at: datetime) -> None:
        """A message was sent (`new`, `modify`, `cancel`), or something was said of an order."""
        for counter in self._messages.find(mention.subject):
            counter.message(what, mention, at)

    def unsay(self, what: str, mention: Mention, at: datetime) -> None:
        """Take back the newest message: it was only supposed."""
        for counter in self._messages.find(mention.subject):
            counter.unsay(what, mention, at)

    def reported(self, account: str, net_liquidation: Decimal) -> None:
        """An account was worth so much."""
        for counter in self._accounts:
            counter.reported(account, net_liquidation)

    def new_peak(self, account: str | None) -> None:
        """The highest value of an account, or of all, is measured anew."""
        for counter in self._accounts:
            counter.new_peak(account)

    def tripped(self, trip: LimitTripped) -> None:
        """A rule tripped."""
        for counter in self._accounts:
            counter.tripped(trip)

    def readings(self, bounds: Iterable[Bound], question: Question) -> dict[str, Reading]:
        """What each rule reads, by its name."""
        chosen = tuple(bounds)
        asked = self._asked.get(chosen)
        if asked is None:
            counters = ((bound.name, self._of_rule.get(bound.name)) for bound in chosen)
            asked = tuple((name, one.read) for name, one in counters if one is not None)
            self._asked[chosen] = asked
        return {name: read(question) for name, read in asked}


def _hearing(made: Mapping[Place, Counter], what: Any) -> list[tuple[Selector, Any]]:  # noqa: ANN401  # a protocol of `news`
    """The counters that hear such news. One of each kind is asked, for asking takes long."""
    kinds = {type(counter): counter for counter in made.values()}
    hear = {kind for kind, counter in kinds.items() if isinstance(counter, what)}
    return [(place[0], counter) for place, counter in made.items() if type(counter) in hear]


def place_of(bound: Bound, tally: Tally) -> Place:
    """Where a counter stands: its selector, the keys of its budgets, and what it counts."""
    per = tuple(sorted({*bound.per, *tally.apart}))
    if tally.sums_holdings:
        return Selector((*bound.selector.of_holdings().keys, *_strategy(bound))), per, tally
    return bound.selector, per, tally


def _strategy(bound: Bound) -> tuple[tuple[str, Names], ...]:
    """A selector's strategy narrows a sum of holdings only if it is in `per`."""
    return bound.selector.narrowed(("strategy",)).keys if "strategy" in bound.per else ()
