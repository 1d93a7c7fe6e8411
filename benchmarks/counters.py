"""Whether what rules count makes a decision slower as orders pile up: every counter there is.

Run `python benchmarks/counters.py`; benchmarks/README.md says how to read the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import count, islice
from typing import Final

import desk
import measuring
import msgspec
from desk import ACCOUNT, NAMES, NOW
from measuring import Line

from riskgate.ledger.book import Book
from riskgate.ledger.counting import COUNTERS
from riskgate.ledger.world import World
from riskgate.model.account import Account
from riskgate.model.decision import Action, Decision
from riskgate.model.events import Decided
from riskgate.model.order import Order, Side
from riskgate.model.report import ExecutionReport
from riskgate.model.snapshot import Snapshot
from riskgate.policy.evaluate import evaluate
from riskgate.policy.policies import PolicySet

# A rule for each kind of counter, with limits that nothing here reaches and windows as long as all
# that is counted is old.
RULES: Final = (
    "kind: position, per: [account, symbol], max_long: 1_000_000_000",
    "kind: position, per: [account], max_long_notional: 1_000_000_000_000",
    "kind: exposure, per: account, max_gross: 1_000_000_000_000",
    "kind: leverage, max: 1_000_000",
    "kind: buying_power, min_left: 0",
    "kind: stress, shocks: [{percent: -20}, {percent: 20}], max_loss: 1_000_000_000_000",
    "kind: loss, max_day_loss: 1_000_000_000, max_drawdown_percent: 50",
    "kind: working_orders, max_count: 1_000_000_000",
    "kind: self_match, scope: account",
    "kind: repeat_execution, window: 1h, max: 1_000_000_000",
    "kind: daily_volume, per: [account], max_notional: 1_000_000_000_000_000",
    "kind: order_efficiency, max_ratio: 1_000_000_000",
    "kind: duplicate, window: 1h, max: 1_000_000_000",
    "kind: message_rate, window: 1h, per: [account, strategy], max: 1_000_000_000",
)
RICH: Final = Account(
    id=ACCOUNT,
    currency="USD",
    net_liquidation=Decimal(10) ** 13,
    available_funds=Decimal(10) ** 13,
    day_pnl=Decimal(0),
    at=NOW - timedelta(hours=2),
)
FEW: Final = (10, 10)
BOOKS: Final = ((1_000, 0), (10_000, 0), (1_000, 10_000), (10_000, 100_000))
ORDERS: Final = 100
ROUNDS: Final = 31
ABOVE: Final = Decimal(250)  # where nobody buys
SPREAD: Final = timedelta(minutes=50)  # how long ago the oldest order was sent

Half = Callable[[], float]


def main() -> None:
    """Measure, and print one table."""
    asked = measuring.options("Whether counters make a decision slower as orders pile up.")
    where = measuring.pin()
    orders, rounds = (5, 3) if asked.brief else (ORDERS, ROUNDS)
    lines = list(_lines(BOOKS[:1] if asked.brief else BOOKS, orders, rounds))
    measuring.report("counters", lines, f"{where}; medians of {rounds} rounds", asked.json)


def _lines(books: tuple[tuple[int, int], ...], orders: int, rounds: int) -> Iterator[Line]:
    policies = desk.policies(RULES)
    _must_count_everything(policies)
    few, words = _world(policies, *FEW), "{:,} working, {:,} filled today".format
    for against, name, sizes, target in (
        (_world(policies, 0, 0), "an empty book", (FEW,), None),
        (few, words(*FEW), books, 1.2),
    ):
        for size in sizes:
            full = few if size is FEW else _world(policies, *size)
            for what, half_of in (("look and decide", _judging), ("count one more", _counting)):
                halves = half_of(full, orders), half_of(against, orders)
                ratio = measuring.ratio(measuring.rounds(*halves, rounds))
                yield Line(f"{what}, {words(*size)}", name, ratio, target)


def _judging(world: World, orders: int) -> Half:
    """One round: look and decide."""
    source = desk.orders()

    def judge(order: Order) -> Decision:
        return evaluate(world.policies, order, desk.look(world, order))

    for breach in judge(next(source)).breaches:
        raise SystemExit(str(breach))

    def judged() -> float:
        return measuring.seconds_each(judge, [(order,) for order in desk.some(source, orders)])

    return judged


def _counting(world: World, orders: int) -> Half:
    """One round: the book takes orders and their fills, in a window that is as full as it was."""
    numbers = count(world.book.last_order_id + 1)
    stories = _stories(world, numbers, lambda _: timedelta())

    def counted() -> float:
        batch = list(islice(stories, orders))
        return measuring.seconds_each(lambda *story: _told(world.book, *story), batch)

    return counted


def _world(policies: PolicySet, working: int, today: int) -> World:
    """A world in which so many orders were sent and filled today, and so many work."""
    world = World(policies, desk.market(), desk.OneDay())
    world.market.set_account(RICH)
    world.book.facts.account(RICH)
    total = working + today
    age = SPREAD / (total or 1)
    stories = _stories(world, count(1), lambda number: (total - number) * age)
    for number, (decided, filled) in enumerate(islice(stories, total)):
        _told(world.book, decided, filled if number < today else None)
    if len(world.book.working()) != working:
        raise SystemExit("the book is not as it was meant to be")
    return world


def _stories(
    world: World, numbers: Iterator[int], age: Callable[[int], timedelta]
) -> Iterator[tuple[Decided, ExecutionReport]]:
    """Orders of both sides in all names, as decided so long ago, and the fill of each."""
    source = desk.orders()
    looks = {
        name: desk.look(world, msgspec.structs.replace(next(source), symbol=name)) for name in NAMES
    }
    for number in numbers:
        order, sells = next(source), number % 2
        stated = {"side": Side.SELL, "limit_price": ABOVE} if sells else {}
        name = NAMES[number // 2 % len(NAMES)]
        made = msgspec.structs.replace(order, symbol=name, quantity=Decimal(100), **stated)
        yield _story(number, made, looks[name], age(number))


def _story(
    number: int, order: Order, seen: Snapshot, age: timedelta
) -> tuple[Decided, ExecutionReport]:
    at = NOW - age
    bare = Snapshot(as_of=at, subject=seen.subject, instrument=seen.instrument)
    decision = Decision(order=order, action=Action.ALLOW, as_of=at, digest="")
    instrument = seen.contract
    return (
        Decided(
            order_id=number,
            ref=f"rg-{number}",
            text="",
            decision=decision,
            snapshot=bare,
            unit_value=Decimal(190),
        ),
        ExecutionReport(
            execution_id=f"{number}.01.01",
            order_id=number,
            account=ACCOUNT,
            instrument=instrument,
            side=order.side,
            quantity=order.quantity,
            price=Decimal(190),
            at=at,
        ),
    )


def _told(book: Book, decided: Decided, filled: ExecutionReport | None) -> None:
    at = decided.decision.as_of
    book.apply(decided, at)
    if filled is not None:
        book.apply(filled, at)


def _must_count_everything(policies: PolicySet) -> None:
    """A kind of counter that no rule here reads would never be measured."""
    read = {type(bound.tally) for bound in policies.bounds}
    if missing := [tally.__name__ for tally in COUNTERS if tally not in read]:
        raise SystemExit(f"no rule of this benchmark needs {', '.join(missing)}; add one")


if __name__ == "__main__":
    main()
