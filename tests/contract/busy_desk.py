"""A desk that trades for days through the real gate, under the shipped policies, by a seed.

Orders of all sorts: plain and absurd ones, words that are no order, modifies, cancels, fills,
brackets, baskets, held orders that are approved, halts, and limits that change by the day.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec

from riskgate.authoring import policy_files
from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.errors import ConfigError
from riskgate.line.grouping import Exits
from riskgate.model.decision import Decision
from riskgate.model.lifecycle import Status
from riskgate.model.report import ExecutionReport, StatusReport
from riskgate.policy.cases import given_of, quote_of
from riskgate.policy.policies import PolicySet
from riskgate.ports import Journal
from riskgate.ticket import Ticket

SHIPPED: Final = Path(__file__).parents[2] / "policies"
MORNING: Final = datetime.fromisoformat("2026-03-02T10:00:00-05:00")
A_DAY: Final = 400  # decisions
LOOSE_DAYS: Final = range(1, 6)  # early, for each change of policies folds all that went before
MOST_KNOWN: Final = 30
FUTURE: Final = {"sec_type": "FUT", "multiplier": Decimal(50), "min_tick": Decimal("0.25")}
MONEY: Final = {
    "net_liquidation": Decimal(10_000_000),
    "available_funds": Decimal(8_000_000),
    "day_pnl": Decimal(0),
}
PRICES: Final = {
    "AAPL": "190",
    "MSFT": "400",
    "KO": "100",
    "NVDA": "400",
    "F": "12",
    "XOM": "110",
    "SPY": "550",
    "GME": "25",
    "ES": "5000",
}
SIZES: Final = (1, 1, 2, 3, 5, 10, 10, 20, 50, 50, 100, 100, 200, 400, 1_500, 7_000)
STRATEGIES: Final = (*(f"s{number}" for number in range(8)), "rebal-monthly", None)
STEPS: Final = {
    "submit": 55,
    "modify": 8,
    "fill": 14,
    "cancel": 6,
    "basket": 3,
    "bracket": 3,
    "nonsense": 3,
    "approve": 4,
    "reject": 1,
    "again": 2,
    "halt": 1,
}
NONSENSE: Final[Sequence[Any]] = (
    *("BUY lots AAPL", "BUY 10 AAPL LMT nan", "HOLD 5 KO MKT", "BUY 10 AAPL LMT 190 GTD"),
    *("", "BUY 10 \x07 MKT", "BUY 1 AAPL LMT 190 colour=red", {"side": "BUY", "quantity": True}),
    *(7, None, {"symbol": "AAPL", "side": "up", "quantity": 3, "order_type": "LMT"}, "x" * 500),
)


class Desk:
    """One gate, its market and its orders; everything comes from the seed."""

    def __init__(self, journal: Journal, cache: Path, seed: int) -> None:
        self._random = Random(seed)
        self._calendars = ExchangeCalendars(cache)
        self._sets = [self._policies(loose=loose) for loose in (False, True)]
        self._stage = Rehearsal(self._sets[0], given_of(_world()), self._calendars, journal)
        self._known: deque[Ticket] = deque(maxlen=MOST_KNOWN)
        self._count = 0
        self._fills = 0

    def trade(self, decisions: int) -> Iterator[Decision]:
        """Every decision, until there are that many."""
        verbs: dict[str, Callable[[], tuple[Ticket, ...]]] = {
            name: getattr(self, f"_{name}") for name in STEPS
        }
        while self._count < decisions:
            if self._count // A_DAY * A_DAY == self._count:
                self._next_day()
            self._account()
            (what,) = self._random.choices([*STEPS], [*STEPS.values()])
            made = verbs[what]()
            self._known.extend(made)
            for ticket in made:
                self._count += 1
                yield ticket.decision
            self._stage.clock.advance(timedelta(seconds=self._random.choice((0.2, 3, 9, 25))))

    def _policies(self, *, loose: bool) -> PolicySet:
        """The shipped policies, or with other limits, a waiver, and a rule more in shadow."""
        texts, _ = policy_files.texts([SHIPPED])
        if loose:
            texts = tuple((name, _loosened(text)) for name, text in texts)
        checked, _ = policy_files.check_texts(texts, self._calendars)
        assert checked.policies is not None, checked.problems
        return checked.policies

    def _next_day(self) -> None:
        """A new morning: other policies in force, fresh money, nothing halted."""
        stage, day = self._stage, self._count // A_DAY
        stage.clock.set(MORNING + timedelta(days=day + 2 * (day // 5)))
        policies = self._sets[day in LOOSE_DAYS]
        if policies is not stage.gate.policies:
            stage.gate.reload(policies)
        stage.gate.cancel_all()
        for life in [*stage.gate.ledger.working()]:
            self._told(life.order_id, Status.CANCELLED)
        stage.gate.resume(reason="a new day", by="test", override=True)

    def _account(self) -> None:
        """The broker's word on the account; now and then a bad one."""
        stage, lost = self._stage, self._random.random() < 0.002
        for account in stage.given.accounts:
            pnl = Decimal(-400_000 if lost else self._random.randint(-9_000, 9_000))
            now = stage.clock.now()
            stage.market.set_account(msgspec.structs.replace(account, day_pnl=pnl, at=now))

    def _line(self, name: str = "") -> str:
        random = self._random
        symbol = name or random.choice([*PRICES])
        self._quoted(symbol)
        near = Decimal(PRICES[symbol])
        off = random.choice((0, 0, 0, 0, 1, -1, 2, -2, 20)) * near / 100
        tick = FUTURE["min_tick"] if symbol == "ES" else Decimal("0.01")
        price = (near + off) // tick * tick  # type: ignore[operator]
        shape = random.choice(("LMT", "LMT", "LMT", "LMT", "LMT", "MKT", "MKT", "STP", "STP_LMT"))
        prices = {"MKT": "", "STP_LMT": f"{price} {price}"}.get(shape, f"{price}")
        words = [random.choice(("BUY", "SELL")), str(random.choice(SIZES)), symbol, shape, prices]
        words += [random.choice(("DAY", "DAY", "GTC", "IOC"))]
        strategy = random.choice(STRATEGIES)
        words += [f"strategy={strategy}"] if strategy else []
        words += ["locate=L-1"] if random.random() < 0.5 else []
        words += ["outside_rth=true"] if random.random() < 0.03 else []
        return " ".join(word for word in words if word)

    def _quoted(self, symbol: str) -> None:
        """A fresh quote, or one that is old, delayed, halved or missing a side."""
        random, near = self._random, Decimal(PRICES[symbol])
        quote: dict[str, Any] = {"bid": near, "ask": near, "last": near, "close": near}
        if random.random() < 0.05:
            quote |= random.choice(({"type": "delayed"}, {"age": "5m"}, {"close": near * 2}))
        if random.random() < 0.02:
            del quote["bid"], quote["last"]
        self._stage.quote(symbol, *quote_of(quote))

    def _submit(self) -> tuple[Ticket, ...]:
        return (self._stage.submit(self._line()),)

    def _nonsense(self) -> tuple[Ticket, ...]:
        return (self._stage.submit(self._random.choice(NONSENSE)),)

    def _again(self) -> tuple[Ticket, ...]:
        """An order whose key is used a second time, with other terms."""
        line = self._line()
        return tuple(self._stage.submit(f"{line} key=k{self._count} tag=t{n}") for n in (1, 2))

    def _basket(self) -> tuple[Ticket, ...]:
        lines = [self._line() for _ in range(3)]
        return self._stage.gate.submit_basket(lines, strategy="s0", intent=100_000)

    def _bracket(self) -> tuple[Ticket, ...]:
        exits = Exits(take_profit=Decimal(104), stop_loss=Decimal(96))
        self._quoted("KO")
        return self._stage.gate.submit_bracket("BUY 50 KO LMT 100 DAY", exits=exits, strategy="s1")

    def _modify(self) -> tuple[Ticket, ...]:
        number = self._chosen().order_id if self._known else 7
        size = Decimal(self._random.choice(SIZES))
        change = self._random.choice(({"quantity": size}, {"limit_price": Decimal(99)}, {"tif": 1}))
        return (self._stage.gate.modify(number, **change),)

    def _approve(self) -> tuple[Ticket, ...]:
        held = [ticket for ticket in self._known if ticket.status is Status.HELD]
        if not held:
            return ()
        try:
            return self._stage.gate.approve(held[-1].order_id, by="officer", reason="looked at")
        except ConfigError:  # too late, or taken back meanwhile
            return ()

    def _halt(self) -> tuple[Ticket, ...]:
        self._stage.gate.halt(reason="a look", by="officer")
        refused = self._stage.submit(self._line())
        self._stage.gate.resume(reason="looked", by="officer", override=True)
        return (refused,)

    def _cancel(self) -> tuple[Ticket, ...]:
        for ticket in [*self._known][:3]:
            if ticket.status.working:
                self._stage.gate.cancel(ticket.order_id)
                self._told(ticket.order_id, Status.CANCELLED)
        return ()

    def _reject(self) -> tuple[Ticket, ...]:
        if self._known and self._chosen().status.working:
            self._told(self._chosen().order_id, Status.REJECTED)
        return ()

    def _fill(self) -> tuple[Ticket, ...]:
        """Everything that works fills, most of it whole."""
        for ticket in self._known:
            order, view = ticket.decision.order, ticket.view
            if order is None or view is None or not view.status.working:
                continue
            instrument = self._stage.market.resolve(order.terms)
            assert instrument is not None
            self._fills += 1
            self._stage.gate.take(
                [
                    ExecutionReport(
                        execution_id=f"x{self._fills}.01",
                        order_id=ticket.order_id,
                        account=self._stage.account,
                        instrument=instrument,
                        side=order.side,
                        quantity=view.quantity - view.filled_quantity,
                        price=Decimal(PRICES[order.symbol]),
                        at=self._stage.clock.now(),
                    )
                ]
            )
        return ()

    def _told(self, order_id: int, status: Status) -> None:
        self._stage.gate.take([StatusReport(order_id=order_id, status=status)])

    def _chosen(self) -> Ticket:
        return self._known[-1 - self._count % len(self._known)]


def _world() -> dict[str, Any]:
    return {
        "now": MORNING.isoformat(),
        "account": {"id": "DU1234567", "currency": "USD", **MONEY},
        "strategy": "hand",
        "instruments": {
            "ES": {**FUTURE, "expiry": "2026-12-18", "exchange": "CME"},
            "SPY": {"sec_type": "ETF"},
        },
        "prices": {name: f"{price}.00 x {price}.00" for name, price in PRICES.items()},
        "positions": {"KO": Decimal(500), "MSFT": Decimal(-100)},
    }


def _loosened(text: bytes) -> bytes:
    """Other limits and a waiver, where the file has the rule."""
    changed = text.replace(b"max_notional: 500_000", b"max_notional: 150_000")
    if b"id: order-size" not in changed or b"us-equities" not in changed:
        return changed
    return (
        changed
        + b"""\
waivers:
  - rule: order-size
    match: {symbol: F}
    set: {max_quantity: 6000}
    until: 2027-01-01T00:00:00+00:00
    approved_by: officer
    because: A test.
"""
    )
