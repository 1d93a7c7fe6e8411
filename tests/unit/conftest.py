"""What the gate's tests share: a gate on a stage, a journal that fails when told, a policy set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from riskgate.authoring.rehearsal import ScriptedBroker, StoppedClock
from riskgate.calendars import ExchangeCalendars
from riskgate.errors import JournalError, JournalLocked, NotConnected
from riskgate.gate import Gate
from riskgate.journal.memory import MemoryJournal, MemoryTurn
from riskgate.ledger.book import Book
from riskgate.ledger.counters.news import Mention, Question
from riskgate.ledger.market import Market
from riskgate.line.outside import Outside
from riskgate.model.account import Account
from riskgate.model.decision import ApprovedOrder
from riskgate.model.events import Payload, Recorded
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.lifecycle import Status
from riskgate.model.market import Quote
from riskgate.model.order import Order, Side
from riskgate.model.report import ExecutionReport, OrderEcho, Position, Sent, StatusReport
from riskgate.model.subject import subject_of
from riskgate.policy.compiler import compile_policies
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import parse
from riskgate.ports import Journal, Story

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
ACCOUNT = "DU1234567"
CALENDARS = ExchangeCalendars()
LIMITS = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: position, kind: position, per: [account, symbol], max_long: 100, max_short: 100,
     max_long_notional: 1_000_000, because: test}
  - {id: strategy, kind: position, per: [account, strategy], max_long: 5000, because: test}
  - {id: value, kind: position, per: [account], max_long_notional: 9_000_000, because: test}
  - {id: day, kind: daily_volume, per: [account], max_quantity: 5000, max_notional: 9_000_000,
     max_orders: 1000, because: test}
  - {id: executed, kind: daily_volume, counts: executed, max_quantity: 5000, because: test}
  - {id: alike, kind: duplicate, window: 10s, max: 1000, because: test}
  - {id: rate, kind: message_rate, counts: [new, modify, cancel], max: 1000, window: 10s,
     because: test}
"""


def compiled(text: str) -> PolicySet:
    """The policies of a text."""
    document, problems = parse(text, "desk.yaml")
    assert document is not None, problems
    policies, wrong = compile_policies([document], lambda _: None)
    assert policies is not None, wrong
    return policies


class FlakyJournal:
    """A journal in memory that fails at `begin`, `append`, `commit` or `answer`, as it is told."""

    def __init__(self, inner: MemoryJournal) -> None:
        self.inner = inner
        self.fails_at = ""

    @contextmanager
    def turn(self) -> Iterator[MemoryTurn]:
        if self.fails_at == "begin":
            raise JournalLocked("journal: another process has held it for more than 5 s")
        with self.inner.turn() as turn:
            yield turn
            if self.fails_at == "commit":
                raise JournalError("journal: the disk is full")
        if self.fails_at == "answer":
            raise JournalError("journal: what became of the commit is not known")

    def read(self, after: int = 0) -> Iterator[Recorded]:
        return self.inner.read(after)

    def has_news(self) -> bool:
        return self.inner.has_news()

    def writable(self) -> bool:
        return not self.fails_at

    def payloads(self) -> list[Payload]:
        """All that is on record, read without moving this journal's own place."""
        return [event.payload for event in self.inner.another().read()]


class StageBroker(ScriptedBroker):
    """A scripted broker that can also be away, hold orders back, and tell a story."""

    def __init__(self) -> None:
        super().__init__(connected=True, fault=None)
        self.away = False
        self.waiting: list[int] = []
        self.withdrawn: list[tuple[int, str]] = []
        self.wanted: list[Terms] = []
        self.told = Story(accounts=(ACCOUNT,))
        self.during_story: Callable[[], object] = lambda: None

    def place(self, approved: ApprovedOrder, attached: Sequence[ApprovedOrder] = ()) -> None:
        if self.away:
            raise NotConnected("the session is gone")
        super().place(approved, attached)
        self.waiting += [one.order_id for one in (approved, *attached)]

    def withdraw(self, covers: Callable[[int], bool], code: str) -> None:
        dropped = [number for number in self.waiting if covers(number)]
        self.waiting = [number for number in self.waiting if number not in dropped]
        self.withdrawn += [(number, code) for number in dropped]

    def story(self, refs: dict[str, int], timeout: float) -> Story:
        super().story(refs, timeout)
        self.during_story()
        return self.told

    def prepare(self, wanted: Sequence[Terms], timeout: float) -> tuple[Terms, ...]:
        super().prepare(wanted, timeout)
        self.wanted += wanted
        return tuple(terms for terms in self.wanted if terms.symbol == "LATE")

    def watch(self, wanted: Sequence[Terms]) -> None:
        if self.away:
            raise NotConnected("the session is gone")
        self.wanted += wanted


class Stage:
    """A gate with everything around it within reach."""

    def __init__(self, policies: PolicySet, journal: FlakyJournal) -> None:
        self.policies = policies
        self.journal = journal
        self.clock = StoppedClock(NOON)
        self.pauses: list[float] = []  # which nobody waits for
        self.broker = StageBroker()
        self.market = Market(assume=True)
        self.market.set_account(Account(id=ACCOUNT))
        self.quote("AAPL", "189.99", "190.01")
        self.quote("MSFT", "399.99", "400.01")
        self.gate = self.another_gate(journal)
        self.gate.reconcile()

    def another_gate(self, journal: Journal, broker: ScriptedBroker | None = None) -> Gate:
        """A gate on the same market, as after a restart or in another process."""
        outside = Outside(
            journal=journal,
            broker=broker or self.broker,
            market=self.market,
            calendars=CALENDARS,
            clock=self.clock,
            actor="desk",
            pause=self.pauses.append,
        )
        gate = Gate(self.policies, outside)
        gate.start()
        return gate

    def restarted(self) -> Gate:
        """A gate that knows nothing but the journal."""
        return self.another_gate(FlakyJournal(self.journal.inner.another()), StageBroker())

    def quote(self, name: str, bid: str, ask: str) -> None:
        """Set the two sides of a market."""
        quote = Quote(bid=Decimal(bid), ask=Decimal(ask), at=self.clock.now())
        self.market.set_quote(name, quote)

    def instrument(self, name: str = "AAPL") -> Instrument:
        """An instrument by its symbol."""
        found = self.market.resolve(Terms(symbol=name))
        assert found is not None
        return found

    def allowed(self, line: str = "BUY 10 AAPL LMT 190", **given: str) -> int:
        """Submit an order that must be allowed; its number."""
        ticket = self.gate.submit(line, **given)  # type: ignore[arg-type]
        assert ticket.allowed, ticket.decision.breaches
        return ticket.order_id

    def execution(
        self, order_id: int, quantity: str, execution_id: str = "0001.01", price: str = "190"
    ) -> ExecutionReport:
        """A fill of an order, or a correction of one."""
        order = self.gate.ledger.orders[order_id].order if order_id else None
        return ExecutionReport(
            execution_id=execution_id,
            order_id=order_id,
            account=ACCOUNT,
            instrument=self.instrument(order.symbol if order else "AAPL"),
            side=order.side if order else Side.BUY,
            quantity=Decimal(quantity),
            price=Decimal(price),
            at=self.clock.now(),
        )

    def tell(self, **parts: object) -> None:
        """Let the broker tell this story from now on."""
        self.broker.told = msgspec.structs.replace(Story(accounts=(ACCOUNT,)), **parts)

    def held(self, quantity: int, name: str = "AAPL") -> Position:
        """A position as the broker reports it."""
        instrument = self.instrument(name)
        return Position(account=ACCOUNT, instrument=instrument, quantity=Decimal(quantity))

    def sent(self, line: str = "BUY 10 AAPL LMT 190") -> int:
        """An allowed order that has left."""
        number = self.allowed(line)
        self.gate.take([Sent(order_id=number, broker_order_id=number, client_id=1)])
        return number

    def status_of(self, order_id: int) -> Status:
        """Where an order is in its life."""
        return self.gate.ledger.orders[order_id].status

    def says(self, order_id: int, status: Status) -> None:
        """The broker reports a status."""
        self.gate.take([StatusReport(order_id=order_id, status=status)])

    def echoes(self, order_id: int, quantity: str, limit_price: str = "190") -> None:
        """The broker repeats an order's terms."""
        price = Decimal(limit_price)
        self.gate.take(
            [OrderEcho(order_id=order_id, quantity=Decimal(quantity), limit_price=price)]
        )

    def reserved(self, name: str = "AAPL") -> tuple[object, ...]:
        """Position, working buys and working sells."""
        holding = self.gate.ledger.holdings.of(ACCOUNT, name)
        return holding.position, holding.buys, holding.sells

    def folded(self) -> Book:
        """A book folded from the journal alone."""
        book = self.gate.world.empty_book()
        for event in self.journal.inner.another().read():
            book.apply(event.payload, event.at)
        return book

    def facts(self, book: Book | None = None) -> dict[str, object]:
        """Everything that a book knows, and every reading of every rule for some orders."""
        of = self.gate.ledger if book is None else book
        at = self.clock.now()
        return {
            "orders": {number: life.view() for number, life in of.orders.items()},
            "reserved": {n: (life.reserved, life.reserved_value) for n, life in of.orders.items()},
            "versions": {n: list(life.versions) for n, life in of.orders.items()},
            "acknowledged": {n: life.acknowledged for n, life in of.orders.items()},
            "working": [life.order_id for life in of.working()],
            "refs": dict(of.by_ref),
            "fills": dict(of.fills),
            "positions": of.holdings.positions(),
            "standings": dict(of.facts.standings),
            "last": of.last_order_id,
            "digest": of.digest,
            "readings": list(self._readings(of, at)),
        }

    def _readings(self, book: Book, at: datetime) -> Iterator[object]:
        for name in ("AAPL", "MSFT"):
            for strategy in ("", "alpha"):
                order = Order.parse(f"BUY 1 {name} LMT 190")
                subject = subject_of(order, self.instrument(name))
                subject = subject._replace(account=ACCOUNT, strategy=strategy)
                whole = book.holdings.of(ACCOUNT, name)
                own = book.holdings.of(ACCOUNT, name, strategy)
                question = Question(Mention(subject, order), whole, own, at)
                yield whole, own
                yield list(book.counting.readings(self.policies.bounds, question).items())


@pytest.fixture(scope="session")
def policies() -> PolicySet:
    return compiled(LIMITS)


@pytest.fixture
def compile_text() -> Callable[[str], PolicySet]:
    return compiled


@pytest.fixture
def stage(policies: PolicySet) -> Stage:
    return Stage(policies, FlakyJournal(MemoryJournal()))


@pytest.fixture
def flaky() -> FlakyJournal:
    return FlakyJournal(MemoryJournal())


@pytest.fixture
def staged() -> Callable[[str], Stage]:
    """A stage under other policies."""
    return lambda text: Stage(compiled(text), FlakyJournal(MemoryJournal()))
