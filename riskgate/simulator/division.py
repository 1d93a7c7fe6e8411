"""The parts of a fill: one execution for each account of a group, and for each leg of a combo.

Rule 1: the order's own execution comes first and moves no account; its parts do.
Rule 2: an allocation has its own third segment in the execution id, a leg has a fifth.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from riskgate.simulator.accounts import Trade
from riskgate.simulator.allocation import more_shares, shares
from riskgate.simulator.amounts import ZERO
from riskgate.simulator.book import Execution, LiveOrder
from riskgate.simulator.contracts import Catalogue, Listing
from riskgate.simulator.legs import Leg, charged, leg_prices
from riskgate.simulator.options import Commission, Options
from riskgate.simulator.prices import Prices
from riskgate.simulator.world import World

FREE = Commission(ZERO)


def is_divided(order: LiveOrder) -> bool:
    """True for an order of a group, and for a combo."""
    return bool(order.record.get("faGroup")) or order.listing.sec_type == "BAG"


def divided(order: LiveOrder, whole: Execution, world: World) -> Iterator[Execution]:
    """Book the parts of an execution, and hand each of them out."""
    group = world.options.groups.get(str(order.record.get("faGroup") or ""))
    stem = whole.exec_id.rsplit(".", 2)[0]
    worth = {code: one.net_liquidation(world.prices) for code, one in world.accounts.items()}
    by_account, given = {whole.account: whole.shares}, dict[str, Decimal]()
    if group is not None:
        target = shares(group, order.filled, order.listing.size_step, worth)
        given = order.allocated or {}
        by_account = more_shares(target, given, whole.shares)
        order.allocated = {
            code: given.get(code, ZERO) + by_account.get(code, ZERO)
            for code in given.keys() | by_account.keys()
        }
    for number, (code, quantity) in enumerate(by_account.items(), 1 if group is None else 2):
        part = msgspec.structs.replace(
            whole,
            exec_id=f"{stem}.{number:02d}.01",
            account=code,
            shares=quantity,
            cumulative=whole.cumulative if group is None else given.get(code, ZERO) + quantity,
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
    realized = world.accounts[part.account].apply(trade, part.exec_id)
    return msgspec.structs.replace(part, realized=realized)


def _legs(order: LiveOrder, part: Execution, world: World) -> Iterator[Execution]:
    found = list(listed_legs(order, world.catalogue))
    sign = order.terms.sign
    legs = [_at_market(one, ratio, sign, world.prices) for one, ratio in found]
    prices = leg_prices(legs, part.price)
    stem = part.exec_id.rpartition(".")[0]
    for number, ((listing, ratio), price) in enumerate(zip(found, prices, strict=True), 1):
        quantity = abs(ratio) * part.shares
        yield msgspec.structs.replace(
            part,
            exec_id=f"{stem}.{number:02d}.01",
            listing=listing,
            exchange=listing.primary_exchange or listing.exchange,
            action="BUY" if ratio * sign > 0 else "SELL",
            shares=quantity,
            price=price,
            cumulative=abs(ratio) * part.cumulative,
            average=price,
            commission=_commission(order, listing, quantity, world.options),
        )


def expected(order: LiveOrder, world: World) -> list[Trade]:
    """The trades an order that nothing was filled of would come to, with their cost."""
    terms, listing = order.terms, order.listing
    found = list(listed_legs(order, world.catalogue))
    if listing.sec_type != "BAG":
        mark = terms.limit or world.prices.of(listing.con_id).mark or ZERO
        model = world.options.commissions.get(listing.sec_type, FREE)
        return [Trade(listing, terms.sign * terms.quantity, mark, model.total(terms.quantity))]
    trades: list[Trade] = []
    for leg, ratio in found:
        quantity = terms.sign * ratio * terms.quantity
        cost = _commission(order, leg, abs(quantity), world.options)
        trades.append(Trade(leg, quantity, world.prices.of(leg.con_id).mark or ZERO, cost))
    return trades


def _at_market(one: Listing, ratio: Decimal, sign: int, prices: Prices) -> Leg:
    """A leg with the price it would trade at by itself."""
    market = prices.of(one.con_id)
    price = market.touch("BUY" if ratio * sign > 0 else "SELL") or market.mark or ZERO
    return Leg(one.con_id, ratio, price, one.min_tick)


def _commission(order: LiveOrder, leg: Listing, quantity: Decimal, options: Options) -> Decimal:
    """What the fill of a leg costs; the minimum is the order's, and paid once."""
    model = options.commissions.get(leg.sec_type, FREE)
    order.legs_cost += model.per_unit * quantity
    found = charged(order.legs_cost, model.minimum, order.commission)
    order.commission += found
    return found


def listed_legs(order: LiveOrder, catalogue: Catalogue) -> Iterator[tuple[Listing, Decimal]]:
    """The legs of a combo, and how much of each is bought (below zero: sold) for one combo."""
    for leg in order.asked.rows("comboLegs"):
        number, ratio = leg.get("conId"), leg.get("ratio")
        listing = catalogue.by_con_id(number if isinstance(number, int) else 0)
        if listing is not None:
            times = Decimal(ratio if isinstance(ratio, int) else 1)
            yield listing, times if leg.get("action") == "BUY" else -times
