"""How many bytecode instructions the hot paths take: the guard that CI holds them to.

Run `python benchmarks/instructions.py`. Instructions do not depend on the machine or on what else
it does, so a budget can be tight. They miss what happens in C: see the other tables for time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Final

import desk
import measuring
from measuring import Line
from submit import _gate as gate_on

from riskgate.journal.memory import MemoryJournal
from riskgate.ledger.world import World
from riskgate.model.order import Order
from riskgate.policy.evaluate import evaluate

WARM: Final = 20
# What each path may take, on CPython 3.11, with a tenth to spare: lower it when it gets better.
DECISION: Final = 560
LOOK: Final = 680
SUBMIT: Final = 5_500
# Other versions compile to other instructions.
SPARE: Final = 1.0 if sys.version_info[:2] == (3, 11) else 1.25
BUDGET: Final = "its budget of {budget:,} instructions"


def main() -> None:
    """Count, and print one table."""
    asked = measuring.options("How many instructions the hot paths take.")
    lines = [*_budgets(), *_growth(brief=asked.brief)]
    measuring.report("instructions", lines, "none: instructions are counted", asked.json)


def count(call: Callable[[], object]) -> int:
    """The bytecode instructions that a call takes, in Python functions of anybody."""
    seen = 0

    def local(_frame: FrameType, event: str, _arg: Any) -> Any:  # noqa: ANN401  # a trace function
        nonlocal seen
        seen += event == "opcode"
        return local

    def entered(frame: FrameType, _event: str, _arg: Any) -> Any:  # noqa: ANN401  # same
        frame.f_trace_opcodes = True
        return local

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        call()
    finally:
        sys.settrace(before)
    return seen


def _budgets() -> Iterator[Line]:
    """Each path against what it may take."""
    lean = desk.world(desk.policies(desk.LEAN))
    yield _within("one decision, 12 rules", _decision(lean), DECISION)
    yield _within("the look before it", _look(lean), LOOK)
    yield _within("one submit, journal in memory", _submit(), SUBMIT)


def _growth(*, brief: bool) -> Iterator[Line]:
    """Each path with more and more rules and orders: not one instruction more."""
    rules, orders = (1_000, 200) if brief else (10_000, 2_000)
    lean, many = desk.policies(desk.LEAN), desk.policies(desk.LEAN, rules)
    few = _decision(desk.world(lean))
    yield _against(
        f"one decision, 12 rules of {rules:,}", "12 of 12", _decision(desk.world(many)), few
    )
    full = desk.policies(desk.FULL)
    small, large = desk.world(full, 20, 20), desk.world(full, orders, orders)
    what = f"look and decide, {orders:,} working and as many filled"
    yield _against(what, "20 of each", _both(large), _both(small), 1.02)
    what = f"one submit, after {orders:,} others"
    yield _against(what, f"after {WARM}", _submit(orders), _submit(), 1.02)


def _within(what: str, taken: int, budget: int) -> Line:
    allowed = int(budget * SPARE)
    against = BUDGET.format(budget=allowed)
    return Line(what, against, taken / allowed, 1.0, f"{taken:,} instructions")


def _against(what: str, against: str, taken: int, base: int, target: float = 1.0) -> Line:
    return Line(what, against, taken / base, target, f"{taken:,} against {base:,}")


def _decision(world: World) -> int:
    source = desk.orders()
    for pair in desk.asked(world, source, WARM):
        evaluate(world.policies, *pair)
    ((order, snapshot),) = desk.asked(world, source, 1)
    return count(lambda: evaluate(world.policies, order, snapshot))


def _look(world: World) -> int:
    source = desk.orders()
    for order in desk.some(source, WARM):
        desk.look(world, order)
    order = next(source)
    return count(lambda: desk.look(world, order))


def _both(world: World) -> int:
    def judge(order: Order) -> None:
        evaluate(world.policies, order, desk.look(world, order))

    source = desk.orders()
    for order in desk.some(source, WARM):
        judge(order)
    order = next(source)
    return count(lambda: judge(order))


def _submit(before: int = WARM) -> int:
    source = desk.orders()
    with gate_on(MemoryJournal()) as gate:
        for order in desk.some(source, before):
            gate.submit(order)
        order = next(source)
        return count(lambda: gate.submit(order))


if __name__ == "__main__":
    main()
