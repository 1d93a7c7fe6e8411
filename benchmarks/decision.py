"""What one decision costs, and whether it stays that way as rules and orders grow.

Run `python benchmarks/decision.py`; benchmarks/README.md says how to read the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from statistics import median

import desk
import measuring
from desk import ALL_BREACHED, BREACHED, FULL, LEAN
from measuring import Line

from riskgate.ledger.world import World
from riskgate.model.decision import Action
from riskgate.model.order import Order
from riskgate.policy.evaluate import evaluate
from riskgate.policy.policies import PolicySet

Half = Callable[[], float]
EMPTY = "an empty Python call"
ORDERS = 200
ROUNDS = 41
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
    """Look and decide, with more and more in the book."""
    policies = desk.policies(FULL)
    empty = _looking_and_deciding(desk.world(policies), scale)
    for working, today in scale.books:
        full = _looking_and_deciding(desk.world(policies, working, today), scale)
        what = f"look and decide, {working:,} working, {today:,} more orders today"
        yield _line(what, "an empty book", (full, empty), scale, 1.2)


def _deciding(policies: PolicySet, scale: Scale) -> Half:
    """One round: decide orders that have been looked at, none of them seen before."""
    world, source = desk.world(policies), desk.orders()

    def decided() -> float:
        batch = desk.asked(world, source, scale.orders)
        return measuring.seconds_each(partial(evaluate, policies), batch)

    return decided


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
    (order, snapshot), *_ = desk.asked(desk.world(policies), desk.orders(), 1)
    decision = evaluate(policies, order, snapshot)
    if decision.action is not action or len(decision.breaches) != breaches:
        raise SystemExit("\n".join(map(str, decision.breaches)) or "the order was allowed")


def _limits(policies: PolicySet) -> int:
    return sum(len(bound.checks) for bound in policies.bounds)


if __name__ == "__main__":
    main()
