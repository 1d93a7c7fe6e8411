"""Several orders as one order at the broker, and its fills divided among them again.

Rule 1: orders go together that say the same of all that the broker reads, but for the quantity.
Rule 2: on both sides may only be orders without a price of their own: what one takes over from the
other is paid at the block's price, which must suit both.
Rule 3: a fill is divided in whole lots, pro rata to what each order still lacks, by the largest
remainder (Hamilton's method); among equal ones the earlier order goes first. The parts come to the
fill exactly, and none is larger than what its order lacks. What is filled beyond all of them is
nobody's part.
Rule 4: the parts are a function of the fills as they stand, in the order in which they came.
(FIX 4.4: a pre-allocated order, NoAllocs 78 with AllocQty 80, which never may exceed OrderQty 38.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Final

import msgspec

from riskgate.model.money import ZERO, text
from riskgate.model.order import PRICE_FIELDS, Order, OrderType, Side

OWN: Final = frozenset({"quantity", "strategy", "key", "tag", "intent", "locate"})
"""What each order says for itself."""
ABOUT_QUANTITY: Final = (
    *("cash_quantity", "display_size", "min_quantity", "min_trade_quantity", "min_compete_size"),
    *("all_or_none", "oca_group"),
)
NETTED: Final = frozenset({OrderType.MKT, OrderType.MOC})
CENT_OF_A_CENT: Final = -4


class Aggregation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether orders of several strategies may go to the broker as one, and `net` of each other.

    `strategy` is under which name the rules meet the whole; empty for none.
    """

    allow: Annotated[
        bool,
        msgspec.Meta(
            description="Whether orders of several strategies may go to the broker as one."
        ),
    ] = False
    net: Annotated[bool, msgspec.Meta(description="Whether opposite orders may be netted.")] = False
    strategy: Annotated[
        str, msgspec.Meta(description="Under which name the rules meet the whole; empty for none.")
    ] = ""


def differences(orders: Sequence[Order], *, net: bool = False) -> Iterator[str]:
    """Why these orders cannot be one; nothing if they can."""
    for place, order in enumerate(orders, 1):
        yield from (f"order {place} of the block {why}" for why in _alone(order))
        for name in order.__struct_fields__:
            ours, first = getattr(order, name), getattr(orders[0], name)
            if name not in OWN and ours != first and not (net and name == "side"):
                said = f"`{name}` {_said(ours)}, the first {_said(first)}"
                yield f"order {place} of the block has {said}"
    if len({order.side for order in orders}) > 1 and net:
        yield from _not_netted(orders)


def _alone(order: Order) -> Iterator[str]:
    """What an order says that only an order by itself can mean."""
    if order.legs:
        yield "is a combo, whose legs fill apart"
    for name in ABOUT_QUANTITY:
        if getattr(order.instructions, name):
            yield f"states `{name}`, which would be the block's and not its own"


def _not_netted(orders: Sequence[Order]) -> Iterator[str]:
    first = orders[0]
    if first.order_type not in NETTED or any(getattr(first, name) for name in PRICE_FIELDS):
        known = " and ".join(sorted(NETTED))
        yield f"only {known} orders can be netted: another's price may not suit both sides"
    if not signed(orders):
        yield "the orders net to nothing: nothing would reach the broker, so they have no price"


def _said(value: object) -> str:
    if isinstance(value, Decimal):
        return text(value)
    return "none" if value is None else str(value)


def signed(orders: Sequence[Order]) -> Decimal:
    """What the orders come to: above zero to buy, below to sell."""
    return sum((one.quantity if one.side is Side.BUY else -one.quantity for one in orders), ZERO)


def combined(orders: Sequence[Order], strategy: str = "") -> Order:
    """The one order for all of these, which `differences` finds nothing in."""
    total = signed(orders)
    side = Side.BUY if total > ZERO else Side.SELL
    intents = [one.intent for one in orders if one.intent is not None]
    tags = {one.tag for one in orders}
    return msgspec.structs.replace(
        orders[0],
        side=side,
        quantity=abs(total),
        strategy=strategy or None,
        key=None,
        tag=tags.pop() if len(tags) == 1 else None,
        intent=sum(intents, ZERO) if len(intents) == len(orders) else None,
        locate=next((one.locate for one in orders if one.side is side and one.locate), None),
    )


def divided(fill: Decimal, lacking: Sequence[Decimal], lot: Decimal) -> tuple[Decimal, ...]:
    """What each order gets of a fill, of what each still lacks.

    `lacking` is below zero for orders on the other side than the block, and so are their parts: as
    much of the crossing is done as the fill is of what the block lacks. All parts come to the fill,
    or to what all lack together where that is less.
    """
    unit = _unit((fill, *lacking), lot)
    left = [int(one / unit) for one in lacking]
    ahead = [max(0, one) for one in left]
    against = [max(0, -one) for one in left]
    block, crossing = sum(left), sum(against)
    if block <= 0:
        return (ZERO,) * len(left)
    filled = min(int(fill / unit), block)
    crossed = crossing * filled // block
    bought, sold = portions(filled + crossed, ahead), portions(crossed, against)
    return tuple(unit * (more - less) for more, less in zip(bought, sold, strict=True))


def shared_cost(cost: Decimal, quantities: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """A commission, or a rebate, pro rata to quantities; the parts come to it exactly."""
    exponent = cost.as_tuple().exponent
    whole = exponent if isinstance(exponent, int) else 0
    money = Decimal(1).scaleb(min(CENT_OF_A_CENT, whole))
    unit = _unit(quantities, Decimal(1))
    weights = [abs(int(one / unit)) for one in quantities]
    parts = portions(int(abs(cost) / money), weights)
    return tuple((money * part).copy_sign(cost) for part in parts)


def portions(total: int, weights: Sequence[int]) -> list[int]:
    """A whole number divided pro rata by the largest remainder; nothing where all weights are zero.

    No portion is larger than its weight if the total is not larger than all of them.
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    given = [weight * total // whole for weight in weights]
    keenest = sorted(range(len(weights)), key=lambda place: -(weights[place] * total % whole))
    for place in keenest[: total - sum(given)]:
        given[place] += 1
    return given


def _unit(numbers: Sequence[Decimal], lot: Decimal) -> Decimal:
    """The lot, or what all numbers are whole multiples of where they are none of the lot."""
    if lot > ZERO and all(one % lot == 0 for one in numbers):
        return lot
    exponents = [one.as_tuple().exponent for one in (*numbers, lot)]
    return Decimal(1).scaleb(min(one for one in exponents if isinstance(one, int)))
