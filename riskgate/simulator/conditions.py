"""The conditions of an order: price, time, margin, execution, volume, percent change. Pure.

Rule 1: a condition's conjunction says how it is joined with the next one; read left to right.
Rule 2: what cannot be known, such as the price of a contract without a market, is not met.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from riskgate.simulator.amounts import HUNDRED
from riskgate.simulator.book import Book, LiveOrder
from riskgate.simulator.moments import moment
from riskgate.simulator.triggers import prices_that_count
from riskgate.simulator.wire.kinds import Record
from riskgate.simulator.world import World

TIME, EXECUTION = 3, 5  # price is 1, margin 4, volume 6, the change in percent 7


def are_met(order: LiveOrder, book: Book, world: World) -> bool:
    """True when the conditions hold together; without any they do."""
    met, joint = True, "a"
    for condition in order.asked.rows("conditions"):
        one = _is_met(condition, order, book, world)
        met = (met or one) if joint == "o" else (met and one)
        joint = str(condition.get("conjunction") or "a")
    return met


def _is_met(condition: Record, order: LiveOrder, book: Book, world: World) -> bool:
    kind = condition.get("condType")
    if kind == EXECUTION:
        traded = (str(condition.get("symbol")), str(condition.get("secType")))
        return book.last_in.get(traded, 0) > order.born
    more = bool(condition.get("isMore"))
    return any(
        fact >= level if more else fact <= level
        for fact, level in _compared(condition, order, world)
        if fact is not None and level is not None
    )


def _compared(
    condition: Record, order: LiveOrder, world: World
) -> Iterator[tuple[Decimal | None, Decimal | None]]:
    """What is compared with what."""
    con_id = condition.get("conId")
    number = con_id if isinstance(con_id, int) else 0
    match condition.get("condType"):
        case 1:
            quote, more = world.prices.of(number), bool(condition.get("isMore"))
            method = _whole(condition.get("triggerMethod"))
            for price in prices_that_count(quote, order.terms.action, method, upward=more):
                yield price, _decimal(condition.get("price"))
        case 3:
            at = time_of(condition, world)
            now = Decimal(world.clock.now().timestamp())
            yield now, None if at is None else Decimal(at.timestamp())
        case 4:
            yield _cushion(order, world), _decimal(condition.get("percent"))
        case 6:
            yield world.prices.volume(number), _decimal(condition.get("volume"))
        case 7:
            yield _change(number, world), _decimal(condition.get("changePercent"))


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _decimal(value: object) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) else None


def _cushion(order: LiveOrder, world: World) -> Decimal | None:
    """The excess liquidity in percent of the net liquidation value."""
    values = world.accounts[order.terms.account].values(world.prices)
    net = values["NetLiquidation"]
    return values["ExcessLiquidity"] / net * HUNDRED if net else None


def _change(con_id: int, world: World) -> Decimal | None:
    """The move since the close before, in percent."""
    quote = world.prices.of(con_id)
    if quote.mark is None or not quote.close:
        return None
    return (quote.mark - quote.close) / quote.close * HUNDRED


def time_of(condition: Record, world: World) -> datetime | None:
    """The moment of a time condition, None for another or a broken one."""
    if condition.get("condType") != TIME:
        return None
    return moment(str(condition.get("time")), world.options.time_zone, world.clock.now())


def times_of(order: LiveOrder, world: World) -> Iterator[datetime]:
    """The moments at which a condition of the order may come to hold."""
    for condition in order.asked.rows("conditions"):
        at = time_of(condition, world)
        if at is not None:
            yield at
