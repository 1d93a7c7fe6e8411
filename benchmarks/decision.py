"""What one decision costs, and whether it stays that way as rules and orders grow.

Run `python benchmarks/decision.py`; benchmarks/README.md says how to read the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from itertools import count
from statistics import median
from time import perf_counter

import desk
import measuring
import msgspec
from desk import ALL_BREACHED, BREACHED, FULL, LEAN
from measuring import Line

from riskgate.ledger.world import World
from riskgate.model.decision import Action, Decision
from riskgate.model.market import Quote
from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.policy.evaluate import evaluate, in_full
from riskgate.policy.policies import PolicySet

Decide = Callable[[PolicySet, Order, Snapshot], Decision]
Half = Callable[[], float]
EMPTY = "an empty Python call"
ORDERS = 48  # few enough to be still near, as an order is that has just been looked at
ROUNDS = 101
SIZES = (100, 1_000, 10_000, 100_000)
BOOKS = ((10, 0), (1_000, 0), (10_000, 0), (10_000, 100_000))


class Scale:
    """How much is measured; briefly, or as it should be."""

    def __init__(self, *, brief: bool) -> None:
        self.orders = 5 if brief else ORDERS
        self.rounds = 3 if brief else ROUNDS
        self.sizes = SIZES[:1] if brief else SIZES
        self.books = ((50, 50),) if brief else BOOKS


def main() -> None:
    """Measure, and print one table."""
    asked = measuring.options("What one decision costs.")
    where = measuring.pin()
    scale = Scale(brief=asked.brief)
    lines = [*_alone(scale), *_rules(scale), *_books(scale)]
    measuring.report("decision", lines, f"{where}; medians of {scale.rounds} rounds", asked.json)


def _alone(scale: Scale) -> Iterator[Line]:
    """One decision against an empty call, and the ways in which it may come out."""
    lean, full = desk.policies(LEAN), desk.policies(FULL)
    every = f"12 rules, all their {_limits(full)} limits, allowed"
    for what, policies, target in (
        ("12 rules, one limit each, allowed", lean, 40.0),
        (every, full, None),
    ):
        _must(policies, Action.ALLOW, 0)
        yield _against_nothing(what, _deciding(policies, scale), scale, target)
    whole = _deciding(lean, scale, in_full)
    yield _against_nothing("12 rules, one limit each, each measured", whole, scale)
    yield _against_nothing("the look before it, one limit each", _looking(lean, scale), scale)
    for what, rules, breaches in (("one breach", BREACHED, 1), ("12 breaches", ALL_BREACHED, 12)):
        policies = desk.policies(rules)
        _must(policies, Action.DENY, breaches)
        halves = _deciding(policies, scale), _deciding(lean, scale)
        yield _line(f"12 rules, {what}", "12 rules, allowed", halves, scale)


def _rules(scale: Scale) -> Iterator[Line]:
    """The same twelve rules among more and more others."""
    few = _deciding(desk.policies(LEAN), scale)
    for size in scale.sizes:
        halves = _deciding(desk.policies(LEAN, size), scale), few
        yield _line(f"12 rules that apply of {size:,}", "12 rules of 12", halves, scale, 1.3)


def _books(scale: Scale) -> Iterator[Line]:
    """Deciding alone, and look and decide, with more and more in the book."""
    policies = desk.policies(FULL)
    nothing = desk.world(policies)
    decided, judged = _deciding_in(nothing, scale), _looking_and_deciding(nothing, scale)
    for working, today in scale.books:
        full = desk.world(policies, working, today)
        book = f"{working:,} working, {today:,} more orders today"
        halves = _deciding_in(full, scale), decided
        yield _line(f"decide, {book}", "an empty book", halves, scale, 1.2)
        halves = _looking_and_deciding(full, scale), judged
        yield _line(f"look and decide, {book}", "an empty book", halves, scale, 1.2)


def _deciding(policies: PolicySet, scale: Scale, decide: Decide = evaluate) -> Half:
    """One round of deciding with nothing in the book."""
    return _deciding_in(desk.world(policies), scale, decide)


def _deciding_in(world: World, scale: Scale, decide: Decide = evaluate) -> Half:
    """One round: decide orders that have been looked at, none of them seen before."""
    source, policies = _orders(), world.policies

    def decided() -> float:
        batch = [_ask(world, *next(source)) for _ in range(scale.orders)]
        start = perf_counter()
        for order, snapshot in batch:
            decide(policies, order, snapshot)
        return (perf_counter() - start) / len(batch)

    return decided


def _orders() -> Iterator[tuple[Order, Quote]]:
    """The desk's orders for each of its names in turn, each with a quote that nobody has seen.

    One in three crosses the market, one joins it, one stays behind.
    """
    for number, order in zip(count(), desk.orders(), strict=False):
        bid = Decimal(18_900 + number * 7 % 211) / 100
        last = bid + Decimal("0.01") * (number % 5)
        ask, close = bid + Decimal("0.04"), Decimal(189)
        quote = Quote(bid=bid, ask=ask, last=last, close=close, at=desk.NOW)
        limit = bid + (Decimal("0.05"), Decimal(0), Decimal("-0.35"))[number % 3]
        name = desk.NAMES[number % len(desk.NAMES)]
        yield msgspec.structs.replace(order, symbol=name, limit_price=limit), quote


def _ask(world: World, order: Order, quote: Quote) -> tuple[Order, Snapshot]:
    """The order, and what it meets when its quote has just come."""
    world.market.set_quote(order.symbol, quote)
    return order, desk.look(world, order)


def _looking(policies: PolicySet, scale: Scale) -> Half:
    world, source = desk.world(policies), desk.orders()

    def looked() -> float:
        batch = [(order,) for order in desk.some(source, scale.orders)]
        return measuring.seconds_each(partial(desk.look, world), batch)

    return looked


def _looking_and_deciding(world: World, scale: Scale) -> Half:
    source = desk.orders()

    def judge(order: Order) -> None:
        evaluate(world.policies, order, desk.look(world, order))

    def judged() -> float:
        batch = [(order,) for order in desk.some(source, scale.orders)]
        return measuring.seconds_each(judge, batch)

    return judged


def _against_nothing(what: str, subject: Half, scale: Scale, target: float | None = None) -> Line:
    taken = measuring.rounds(subject, lambda: measuring.empty_call(scale.orders * 10), scale.rounds)
    micro = median(one.subject for one in taken) * 1e6
    return Line(what, EMPTY, measuring.ratio(taken), target, f"{micro:.2f} us")


def _line(
    what: str,
    against: str,
    halves: tuple[Half, Half],
    scale: Scale,
    target: float | None = None,
) -> Line:
    return Line(what, against, measuring.ratio(measuring.rounds(*halves, scale.rounds)), target)


def _must(policies: PolicySet, action: Action, breaches: int) -> None:
    """A benchmark of the wrong path would look good, and mean nothing."""
    order, snapshot = _ask(desk.world(policies), *next(_orders()))
    decision = evaluate(policies, order, snapshot)
    if decision.action is not action or len(decision.breaches) != breaches:
        raise SystemExit("\n".join(map(str, decision.breaches)) or "the order was allowed")


def _limits(policies: PolicySet) -> int:
    return sum(len(bound.checks) for bound in policies.bounds)


if __name__ == "__main__":
    main()
