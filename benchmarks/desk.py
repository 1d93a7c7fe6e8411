"""The desk that the benchmarks ask about: its rules, its market, its book, its orders."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import count, cycle, islice
from typing import Final

import measuring  # noqa: F401  # makes the checkout importable
import msgspec

from riskgate.ledger.adoption import adopt
from riskgate.ledger.market import Market
from riskgate.ledger.world import Conditions, World
from riskgate.model.account import Account
from riskgate.model.hours import ALWAYS, Hours, TradingSession
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.lifecycle import Status
from riskgate.model.market import Quote
from riskgate.model.order import Order, OrderType, Side
from riskgate.model.report import ExecutionReport
from riskgate.model.snapshot import Snapshot
from riskgate.policy.catalog import kinds
from riskgate.policy.compiler import compile_policies
from riskgate.policy.docstring import read_docstring
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import parse

OPEN: Final = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
NOW: Final = OPEN + timedelta(minutes=30)
NEW_YORK: Final = Hours(
    "XNYS",
    "America/New_York",
    (TradingSession(date(2026, 3, 2), OPEN, OPEN + timedelta(hours=6, minutes=30)),),
)
SOUND: Final = Conditions()
ACCOUNT: Final = "DU1000000"
NAMES: Final = ("AAPL", "AMZN", "GOOG", "META", "MSFT", "NVDA", "ORCL", "TSLA")

HEAD: Final = """\
riskgate: 1
policy: {name}
owner: risk@firm.example
applies_to: {{sec_type: [STK, ETF]}}
timezone: America/New_York
currency: USD
groups:
  names: [AAPL, AMZN, GOOG, META, MSFT, NVDA, ORCL, TSLA]
rules:
"""
RULES_PER_FILE: Final = 5_000  # what fits into the largest file that is read
# Twelve rules of eight kinds that apply to every order of the desk, with one limit each.
LEAN: Final = (
    "kind: permitted, order_types: [MKT, LMT, STP, STP_LMT]",
    "kind: permitted, tifs: [DAY, GTC, IOC, FOK]",
    'kind: permitted, symbols: ["@names"]',
    "kind: restricted, symbols: [GME, AMC]",
    "kind: market_hours, calendar: XNYS",
    "kind: fat_finger, max_quantity: 5000",
    "kind: fat_finger, max_notional: 1_000_000",
    "kind: fat_finger, max_deviation_percent: 3",
    "kind: duplicate, window: 5s, max: 1000000000",
    "kind: message_rate, window: 1s, per: [account, strategy], max: 1000000000",
    "kind: position, per: [account, symbol], max_long: 1_000_000_000",
    "kind: daily_volume, per: [account], max_notional: 1_000_000_000_000_000",
)
# The same, with every limit of every kind.
FULL: Final = (
    (
        "kind: permitted, order_types: [MKT, LMT], tifs: [DAY, GTC], sides: [BUY, SELL],"
        " sec_types: [STK], currencies: [USD], exchanges: [SMART], outside_rth: false"
    ),
    'kind: permitted, symbols: ["@names"], strategies: [momo], accounts: [DU1000000]',
    "kind: restricted, symbols: [GME, AMC]",
    (
        "kind: market_hours, calendar: XNYS, not_within: {after_open: 1m, before_close: 1m},"
        ' closed: ["03:00-04:00"], moc_cutoff: 10m, market_orders_in_regular_only: true'
    ),
    "kind: fat_finger, max_quantity: 5000, max_notional: 1_000_000, max_adv_percent: 5",
    (
        "kind: fat_finger, max_deviation_percent: 3, max_deviation_ticks: 600,"
        " max_deviation_amount: 6, max_stop_deviation_percent: 15, never_below_amount: 0.05"
    ),
    "kind: duplicate, window: 5s, max: 1000000000",
    "kind: message_rate, window: 1s, per: [account, strategy], max: 1000000000",
    (
        "kind: position, per: [account, symbol], max_long: 1_000_000_000, max_short: 1_000_000_000,"
        " max_long_notional: 1_000_000_000_000, max_short_notional: 1_000_000_000_000"
    ),
    (
        "kind: position, per: [account], max_long: 1_000_000_000, max_short: 1_000_000_000,"
        " max_long_notional: 1_000_000_000_000, max_short_notional: 1_000_000_000_000"
    ),
    (
        "kind: daily_volume, per: [account], max_quantity: 1_000_000_000,"
        " max_notional: 1_000_000_000_000_000, max_orders: 1_000_000_000"
    ),
    (
        "kind: daily_volume, per: [account, strategy], max_quantity: 1_000_000_000,"
        " max_notional: 1_000_000_000_000_000, max_orders: 1_000_000_000"
    ),
)
# An order of the desk breaches the first of these alone, or all twelve.
BREACHED: Final = ("kind: fat_finger, max_quantity: 1", *LEAN[1:])
ALL_BREACHED: Final = (
    "kind: permitted, order_types: [MKT]",
    "kind: permitted, tifs: [IOC]",
    "kind: permitted, symbols: [IBM]",
    'kind: restricted, symbols: ["@names"]',
    "kind: market_hours, calendar: XNYS, sessions: [post], post: '20:00'",
    "kind: fat_finger, max_quantity: 1",
    "kind: fat_finger, max_notional: 1",
    "kind: fat_finger, max_deviation_amount: 0, both_sides: true",
    "kind: duplicate, window: 5s, max: 0",
    "kind: message_rate, window: 1s, per: [account, strategy], max: 0",
    "kind: position, per: [account, symbol], max_long: 1",
    "kind: daily_volume, per: [account], max_notional: 1",
)


class OneDay:
    """Calendars of one trading day."""

    def hours(self, code: str, at: datetime) -> Hours:  # noqa: ARG002  # every moment is that day
        """The sessions of that day."""
        return ALWAYS if code == ALWAYS.calendar else NEW_YORK


def policies(rules: tuple[str, ...], size: int = 0) -> PolicySet:
    """These rules and, up to `size` rules in all, others that apply to names nobody trades."""
    documents = []
    for name, text in files(rules, size):
        document, problems = parse(text.encode(), name)
        if document is None or problems:
            raise SystemExit("\n".join(map(str, problems)))
        documents.append(document)
    compiled, problems = compile_policies(documents, lambda _code: None)
    if compiled is None:
        raise SystemExit("\n".join(map(str, problems)))
    return compiled


def files(rules: tuple[str, ...], size: int = 0, first: int = 0) -> Iterator[tuple[str, str]]:
    """The same as policy files: name and text. The other rules are of every kind there is, in turn.

    They are for names that count from `first`. A kind's own example says how it is written, so a
    new kind needs no line here.
    """
    written = (*rules, *islice(_others(first), max(0, size - len(rules))))
    for start in range(0, len(written), RULES_PER_FILE):
        part = written[start : start + RULES_PER_FILE]
        lines = (f"  - {{id: r{i}, because: measured, {rule}}}\n" for i, rule in enumerate(part))
        yield f"desk{start}.yaml", HEAD.format(name=f"desk{start}") + "".join(lines)


def _others(first: int) -> Iterator[str]:
    for number, rule in enumerate(cycle(_examples()), first):
        yield f"{rule}, match: {{symbol: Z{number}}}"


@cache
def _examples() -> tuple[str, ...]:
    """A rule of every kind, as the kind's own page shows it."""
    pages = {
        name: inspect.cleandoc(sys.modules[kind.__module__].__doc__ or "")
        for name, kind in kinds().items()
    }
    return tuple(
        f"kind: {name}, {read_docstring(page, name).blocks[0].config}"
        for name, page in pages.items()
    )


def market() -> Market:
    """An account, and a quote for every name."""
    made = Market()
    made.set_account(Account(id=ACCOUNT, currency="USD"))
    for name in NAMES:
        terms, instrument = Terms(symbol=name), Instrument(key=name, symbol=name)
        made.list_instrument(terms, instrument)
        bid = Decimal("189.98")
        quote = Quote(bid=bid, ask=bid + Decimal("0.04"), last=bid, close=bid, at=NOW)
        made.set_quote(name, quote)
        made.set_adv(name, Decimal(50_000_000))
    return made


def world(rules: PolicySet, working: int = 0, today: int = 0) -> World:
    """A world with so many working orders, and so many more that were filled today."""
    made = World(rules, market(), OneDay())
    names = [instrument for name in NAMES if (instrument := made.market.instrument(name))]
    source = orders()
    for number in range(today + working):
        instrument = names[number % len(names)]
        order = _named(next(source), instrument.symbol)
        order_id = adopt(made.book, order, instrument, Decimal(190), NOW - timedelta(minutes=5))
        if number < today:
            made.book.apply(_filled(order_id, order, instrument), NOW)
    if sum(life.status is not Status.FILLED for life in made.book.orders.values()) != working:
        raise SystemExit("the book is not as it was meant to be")
    made.book.take_touched()
    return made


def orders() -> Iterator[Order]:
    """Orders without end, no two of them alike within reason: what a strategy sends all day."""
    for number in count():
        yield Order(
            side=Side.BUY,
            quantity=Decimal(100 + number % 900),
            symbol="AAPL",
            order_type=OrderType.LMT,
            limit_price=Decimal(18_850 + number % 97) / 100,
            strategy="momo",
            account=ACCOUNT,
        )


def look(where: World, order: Order) -> Snapshot:
    """What the gate looks at before it decides."""
    return where.snapshot(order, NOW, SOUND)


def some(source: Iterator[Order], size: int) -> list[Order]:
    """So many orders that nobody has seen."""
    return list(islice(source, size))


def asked(where: World, source: Iterator[Order], size: int) -> list[tuple[Order, Snapshot]]:
    """So many new orders, each with its own look at the world."""
    return [(order, look(where, order)) for order in some(source, size)]


def _named(order: Order, symbol: str) -> Order:
    return msgspec.structs.replace(order, symbol=symbol)


def _filled(order_id: int, order: Order, instrument: Instrument) -> ExecutionReport:
    return ExecutionReport(
        execution_id=f"{order_id}.01.01",
        order_id=order_id,
        account=ACCOUNT,
        instrument=instrument,
        side=order.side,
        quantity=order.quantity,
        price=Decimal(190),
        at=NOW - timedelta(minutes=4),
    )
