"""The parts of a fill: one execution for each account of a group, and for each leg of a combo.

Rule 1: the order's own execution comes first and moves no account; its parts do.
Rule 2: an allocation has its own third segment in the execution id, a leg has a fifth.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from riskgate.simulator.accounts import Trade
from riskgate.simulator.allocation import Leg, leg_prices, shares
from riskgate.simulator.book import Execution, LiveOrder
from riskgate.simulator.contracts import Listing
from riskgate.simulator.options import Commission
from riskgate.simulator.world import World

FREE = Commission(Decimal(0))


def is_divided(order: LiveOrder) -> bool:
    """True for an order of a group, and for a combo."""
    return bool(order.record.get("faGroup")) or order.listing.sec_type == "BAG"


def divided(order: LiveOrder, whole: Execution, world: World) -> Iterator[Execution]:
    """Book the parts of an execution, and hand each of them out."""
    group = world.options.groups.get(str(order.record.get("faGroup") or ""))
    stem = whole.exec_id.rsplit(".", 2)[0]
    worth = {code: one.net_liquidation(world.prices) for code, one in world.accounts.items()}
    by_account = {whole.account: whole.shares}
    if group is not None:
        by_account = shares(group, whole.shares, order.listing.size_step, worth)
    for number, (code, quantity) in enumerate(by_account.items(), 1 if group is None else 2):
        part = msgspec.structs.replace(
            whole,
            exec_id=f"{stem}.{number:02d}.01",
            account=code,
            shares=quantity,
            cumulative=quantity,
            average=whole.price,
            commission=round(whole.commission * quantity / whole.shares, 6),
        )
        if order.listing.sec_type == "BAG":
            for leg in _legs(order, part, world):
                yield _booked(leg, world)
        else:
            yield _booked(part, world)


def _booked(part: Execution, world: World) -> Execution:
    signed = part.shares if part.action == "BUY" else -part.shares
    trade = Trade(part.listing, signed, part.price, part.commission)
    return msgspec.structs.replace(part, realized=world.accounts[part.account].apply(trade))


def _legs(order: LiveOrder, part: Execution, world: World) -> Iterator[Execution]:
    found = list(_listed_legs(order, world))
    legs = [
        Leg(one.con_id, ratio, world.prices.of(one.con_id).mark or Decimal(0))
        for one, ratio in found
    ]
    prices = leg_prices(legs, part.price)
    stem, sign = part.exec_id.rpartition(".")[0], order.terms.sign
    for number, ((listing, ratio), price) in enumerate(zip(found, prices, strict=True), 1):
        quantity = abs(ratio) * part.shares
        model = world.options.commissions.get(listing.sec_type, FREE)
        yield msgspec.structs.replace(
            part,
            exec_id=f"{stem}.{number:02d}.01",
            listing=listing,
            exchange=listing.primary_exchange or listing.exchange,
            action="BUY" if ratio * sign > 0 else "SELL",
            shares=quantity,
            price=price,
            cumulative=quantity,
            average=price,
            commission=model.total(quantity),
        )


def _listed_legs(order: LiveOrder, world: World) -> Iterator[tuple[Listing, Decimal]]:
    for leg in order.asked.rows("comboLegs"):
        number, ratio = leg.get("conId"), leg.get("ratio")
        listing = world.catalogue.by_con_id(number if isinstance(number, int) else 0)
        if listing is not None:
            times = Decimal(ratio if isinstance(ratio, int) else 1)
            yield listing, times if leg.get("action") == "BUY" else -times
