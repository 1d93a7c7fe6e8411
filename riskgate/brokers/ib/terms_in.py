"""The library's orders as ours: those of a program before they go, and those that IB repeats.

Rule 1: `order_from` loses nothing. What says something that we have no word for raises OrderError
with the name of IB's field, and all such names are told together.
Rule 2: repeated orders are normalised by their type: IB repeats defaults, not what was sent.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from riskgate.brokers.ib import conditions, moments, raw, unmodelled
from riskgate.brokers.ib.contracts import VENUES
from riskgate.brokers.ib.numbers import incoming
from riskgate.brokers.ib.wording import (
    ADJUSTED_PRICES,
    ADJUSTED_TYPES,
    AT_THE_OPEN,
    FACTS,
    NUMBER,
    OCA_TYPE,
    ORDER_FACTS,
    OUR_TIFS,
    OUR_TYPES,
    OVERNIGHT,
    PERCENT,
    PRICES,
    SIDES,
    Fact,
    is_nothing,
    number_in,
    text_in,
)
from riskgate.errors import OrderError
from riskgate.model.codes import Code
from riskgate.model.instructions import PLAIN, Adjustment, Algo, Instructions, OcaType
from riskgate.model.instrument import DEFAULT_VENUE, Instrument, Terms
from riskgate.model.money import ZERO
from riskgate.model.order import SHAPES, Fault, Order, OrderType, Shape, Side, Tif
from riskgate.model.report import OrderEcho

OUR_ADJUSTED: Final = {theirs: ours for ours, theirs in ADJUSTED_TYPES.items()}
IB_PRICES: Final = tuple(dict.fromkeys(PRICES.values()))
TIF_OF_AUCTION: Final = "OPG"


def order_from(known: Instrument | Terms, theirs: raw.Order, exchange: str | None = None) -> Order:
    """Our order of one of the library's, as a program places it or as IB repeats it.

    `known` is what its contract stands for and `exchange` the venue that the contract names; the
    contract's usual venue is read as none. An order with a `permId` went through IB, which fills in
    defaults: those are read as nothing. What is not part of an order's terms is not read: numbers,
    `orderRef`, `parentId` and `transmit`.

    Raise OrderError with every field of IB's that says something we do not model, by its name.
    Whether the terms make sense is not asked here: the gate's sanity does that.
    """
    reader = _Reader(theirs, repeated=bool(theirs.permId))
    order = reader.order(known, exchange)
    if order is None or reader.faults:
        reasons = tuple((fault.code, fault.text) for fault in reader.faults)
        raise OrderError("; ".join(text for _, text in reasons), reasons)
    return order


class _Reader:
    """One order as it is read, and what cannot be."""

    def __init__(self, theirs: raw.Order, *, repeated: bool) -> None:
        self.faults: list[Fault] = []
        self._theirs = theirs
        self._repeated = repeated

    def order(self, known: Instrument | Terms, exchange: str | None) -> Order | None:
        """The order, or None where not even its kind can be told."""
        self.faults += unmodelled.faults_of(self._theirs, repeated=self._repeated)
        side = self._word("action", SIDES)
        kind, tif = self._kind()
        venue = None if exchange in ("", _usual_venue(known), DEFAULT_VENUE) else exchange
        if venue == OVERNIGHT and tif is Tif.DAY:
            tif, venue = Tif.OVERNIGHT, None
        if side is None or kind is None or tif is None:
            return None
        instructions = self._instructions(kind)
        shown = {fact.ours: self._fact(fact, kind) for fact in ORDER_FACTS}
        stated: dict[str, Any] = {**self._prices(kind, side), **shown}
        return Order(
            side=side,
            quantity=self._read("totalQuantity", number_in) or ZERO,
            order_type=kind,
            tif=tif,
            exchange=venue,
            algo=self._algo(),
            instructions=PLAIN if instructions == PLAIN else instructions,
            **{name: value for name, value in stated.items() if value is not None},
            **contract_of(known),
        )

    def _kind(self) -> tuple[OrderType | None, Tif | None]:
        said = self._theirs.orderType
        if said in AT_THE_OPEN and self._theirs.tif in ("", "DAY", TIF_OF_AUCTION):
            return AT_THE_OPEN[said], Tif.OPG
        # Left empty it is DAY, unless a preset of TWS says otherwise: the gate states DAY.
        return self._word("orderType", OUR_TYPES), self._word("tif", {"": Tif.DAY, **OUR_TIFS})

    # -- parts ------------------------------------------------------------------------------------

    def _prices(self, kind: OrderType, side: Side) -> dict[str, Decimal | None]:
        shape = SHAPES[kind]
        found = {name: self._price(name, shape) for name in names_of(shape)}
        if "limit_offset" in found and found["limit_offset"] is None:
            found["limit_offset"] = self._offset(side)
            taken = {"lmtPrice", *(PRICES[name] for name in found)}
        else:
            taken = {PRICES[name] for name in found}
        if not self._repeated:
            self._spare([name for name in IB_PRICES if name not in taken], kind)
        return found

    def _price(self, name: str, shape: Shape) -> Decimal | None:
        value: Decimal | None = self._read(PRICES[name], number_in)
        return value if value or name in shape.prices else None

    def _offset(self, side: Side) -> Decimal | None:
        """How far behind its stop a limit is that was stated as a price."""
        stop = self._read("trailStopPrice", number_in)
        limit = self._read("lmtPrice", number_in)
        if not stop or not limit:
            return None
        offset: Decimal = limit - stop if side is Side.BUY else stop - limit
        return offset

    def _instructions(self, kind: OrderType) -> Instructions:
        found = {fact.ours: self._fact(fact, kind) for fact in FACTS}
        found["oca_type"] = self._oca_type() if found["oca_group"] else None
        found["adjusts"] = self._adjustment()
        found["conditions"] = tuple(
            one
            for one in (self._condition(theirs) for theirs in self._theirs.conditions or ())
            if one is not None
        )
        return Instructions(**{name: value for name, value in found.items() if value is not None})

    def _oca_type(self) -> OcaType | None:
        """The type of a group; left open, IB reduces the others without a block, and says so."""
        if self._theirs.ocaType == 0:
            return OcaType.REDUCE
        found: OcaType | None = self._read("ocaType", OCA_TYPE.read)
        return found

    def _fact(self, fact: Fact, kind: OrderType) -> Any:  # noqa: ANN401  # as many kinds as fields
        if fact.only and kind not in fact.only:
            if not self._repeated:
                self._spare([fact.theirs], kind)
            return None
        value = self._read(fact.theirs, fact.wording.read)
        return value if value or fact.wording is NUMBER else None

    def _adjustment(self) -> Adjustment | None:
        said = self._theirs.adjustedOrderType
        if is_nothing(said):
            names = [*ADJUSTED_PRICES.values(), "adjustedTrailingAmount"]
            if not self._repeated:
                self._spare(names, "an order without adjustedOrderType")
            return None
        kind = self._word("adjustedOrderType", OUR_ADJUSTED)
        prices = {
            ours: self._read(theirs, number_in) or None for ours, theirs in ADJUSTED_PRICES.items()
        }
        trigger = prices.pop("trigger_price")
        if trigger is None:
            self._refuse("triggerPrice", self._theirs.triggerPrice, "is needed to adjust a stop")
        if kind is None or trigger is None:
            return None
        return Adjustment(trigger_price=trigger, order_type=kind, **prices, **self._trail())

    def _trail(self) -> dict[str, Decimal]:
        amount = self._read("adjustedTrailingAmount", number_in)
        if not amount:
            return {}
        units = {0: "trail_amount", PERCENT: "trail_percent"}
        unit = self._word("adjustableTrailingUnit", units)
        return {unit: amount} if unit else {}

    def _condition(self, theirs: object) -> Any:  # noqa: ANN401  # a condition, or None
        try:
            return conditions.read(theirs)
        except ValueError as error:
            self._refuse("conditions", theirs, str(error))
            return None

    def _algo(self) -> Algo | None:
        name = self._read("algoStrategy", text_in)
        params = self._theirs.algoParams or ()
        if name is None:
            if params:
                self._refuse("algoParams", params, "needs algoStrategy")
            return None
        return Algo(name, tuple((str(one.tag), str(one.value)) for one in params))

    # -- single values ----------------------------------------------------------------------------

    def _word(self, name: str, table: dict[Any, Any]) -> Any:  # noqa: ANN401  # what the table has
        value = getattr(self._theirs, name)
        if value in table:
            return table[value]
        known = ", ".join(str(one) for one in table if one != "")
        self._refuse(name, value, f"is not modelled; use {known}")
        return None

    def _read(self, name: str, read: Callable[[Any], Any]) -> Any:  # noqa: ANN401  # as it reads
        value = getattr(self._theirs, name)
        try:
            return read(value)
        except ValueError as error:
            self._refuse(name, value, str(error))
            return None

    def _spare(self, names: list[str], of: str) -> None:
        """Refuse what is stated though it has no meaning here."""
        for name in names:
            value = getattr(self._theirs, name)
            if not is_nothing(value):
                self._refuse(name, value, f"is not taken: it means nothing for {of}")

    def _refuse(self, name: str, value: object, reason: str) -> None:
        code = Code.BAD_TIF if name in {"tif", "goodTillDate"} else Code.BAD_ORDER
        self.faults.append(Fault(code, f"{name} `{value}` {reason}"))


def names_of(shape: Shape) -> tuple[str, ...]:
    """All prices that a type may have, the trailing ones first."""
    trails = ("trail_amount", "trail_percent") if shape.trails else ()
    return (*trails, *shape.prices, *shape.optional)


def _usual_venue(known: Instrument | Terms) -> str:
    if isinstance(known, Instrument):
        return known.exchange
    return VENUES.get(known.sec_type or "STK", "")


def contract_of(known: Instrument | Terms) -> dict[str, Any]:
    """How our order names a contract: the fields of the order."""
    terms = known.terms if isinstance(known, Instrument) else known
    return {
        "symbol": terms.symbol,
        "sec_type": terms.sec_type,
        "currency": terms.currency,
        "expiry": terms.expiry,
        "strike": terms.strike,
        "right": terms.right,
        "multiplier": terms.multiplier,
        "legs": terms.legs,
    }


def echo_of(order_id: int, order: raw.Order, exchange: str = "") -> OrderEcho:
    """The terms that the broker repeats, of an order at this exchange.

    Of each type only what it has is read: for the rest IB repeats defaults.
    """
    kind = OUR_TYPES.get(order.orderType)
    shape = SHAPES[kind] if kind else Shape(())
    prices = {name: incoming(getattr(order, PRICES[name])) for name in names_of(shape)}
    stated = {name: price for name, price in prices.items() if price or name in shape.prices}
    return OrderEcho(
        order_id=order_id,
        quantity=incoming(order.totalQuantity) or ZERO,
        perm_id=order.permId,
        display_size=incoming(order.displaySize) or None,
        discretionary_amount=incoming(order.discretionaryAmt) or None,
        tif=_tif_of(order.tif, exchange),
        good_till=_till(order.goodTillDate),
        **stated,
    )


def _tif_of(word: str, exchange: str) -> Tif | None:
    tif = OUR_TIFS.get(word)
    return Tif.OVERNIGHT if tif is Tif.DAY and exchange == OVERNIGHT else tif


def _till(text: str) -> datetime | None:
    """The end of a GTD order; None where IB leaves the zone open."""
    try:
        return moments.read(text)
    except ValueError:
        return None
