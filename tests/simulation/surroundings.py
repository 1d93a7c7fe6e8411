"""What the market, other traders, the broker and the network do.

Rule 1: the same as of all deeds: lots are drawn first.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal

from riskgate.simulator.book import HONEST, LiveOrder
from riskgate.simulator.events import happen
from riskgate.simulator.faults import (
    EXECUTION,
    Bill,
    ByHand,
    Correct,
    Delay,
    Disconnect,
    Drop,
    Event,
    Fault,
    FillAfterCancel,
    Locate,
    Mute,
    NoStatus,
    Outage,
    Price,
    Reject,
    Reorder,
    Repeat,
    Restart,
    Say,
    SecondPermId,
    Silent,
    Stale,
    Warn,
)
from riskgate.simulator.wire.codec import Message
from tests.simulation.house import SYMBOLS, House

MIDDLE: Final = {"AAPL": Decimal(190), "MSFT": Decimal(420)}
OTHER_CLIENT: Final = 9
SILENCE: Final = 9.0  # seconds for which an order can live without being told of
SIDES: Final[tuple[Literal["BUY", "SELL"], ...]] = ("BUY", "SELL")


class Surroundings:
    """Everything around the gate, and what goes wrong there."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.lot = house.lot
        self._foreign = 0

    # -- what the market and others do ------------------------------------------------------------

    def _happens(self, event: Event) -> str:
        house = self.house
        try:
            house.loop.during(lambda: happen(house.gateway, event))
        except ValueError as error:
            return str(error)
        return str(event)

    def price(self) -> object:
        """The market moves, by little or by much."""
        symbol, away = self.lot.choice(SYMBOLS), self.lot.choice((-12, -3, -1, 0, 1, 3, 12))
        middle, cent = MIDDLE[symbol] + away, Decimal("0.01")
        return self._happens(Price(symbol, bid=middle - cent, ask=middle + cent, last=middle))

    def by_hand(self) -> object:
        """Somebody enters an order in TWS."""
        symbol, away = self.lot.choice(SYMBOLS), self.lot.choice((None, -3, 0, 3))
        limit = None if away is None else MIDDLE[symbol] + away
        side = self.lot.choice(SIDES)
        quantity = Decimal(self.lot.choice((1, 3, 5)))
        return self._happens(ByHand(symbol, side, quantity, limit))

    def other_client(self) -> object:
        """Another program places an order on the account."""
        symbol, side = self.lot.choice(SYMBOLS), self.lot.choice(SIDES)
        limit = MIDDLE[symbol] + self.lot.choice((-3, 3))
        self._foreign += 1
        gateway = self.house.gateway
        terms = {
            **gateway.exchange.world.catalogue.by_symbol(symbol).fields(),
            "orderId": self._foreign,
            "orderRef": self.lot.choice(("", f"theirs{self._foreign}")),
            "account": gateway.options.accounts[0],
            "action": side,
            "totalQuantity": Decimal(2),
            "orderType": "LMT",
            "lmtPrice": limit,
            "tif": "DAY",
            "transmit": True,
        }
        message = Message(name="placeOrder", fields=terms)

        def place() -> None:
            gateway.exchange.place(OTHER_CLIENT, message, HONEST)
            gateway.wake()

        self.house.loop.during(place)
        return f"{side} 2 {symbol} {limit}"

    # -- what the broker does wrong ---------------------------------------------------------------

    def _plan(self, fault: Fault) -> str:
        self.house.gateway.faults.add(fault)
        return str(fault)

    def corrected(self) -> object:
        """The next execution is corrected."""
        quantity = Decimal(self.lot.choice((1, 2, 3)))
        return self._plan(Fault(EXECUTION, Correct(quantity=quantity)))

    def filled_late(self) -> object:
        """The next cancel is followed by a fill."""
        return self._plan(Fault("cancelOrder", FillAfterCancel(Decimal(1))))

    def doubled(self) -> object:
        """The next order, or modify, lives twice."""
        return self._plan(Fault("placeOrder", SecondPermId()))

    def misreported(self) -> object:
        """Something is said otherwise than it should be."""
        on, action = self.lot.choice(
            (
                (EXECUTION, Repeat(3)),
                (EXECUTION, Bill("before")),
                (EXECUTION, Bill("never")),
                (EXECUTION, Bill("after", unset=True)),
                (EXECUTION, Stale()),
                (EXECUTION, Correct(price=Decimal(191))),
                ("placeOrder", Repeat(3)),
                ("placeOrder", NoStatus()),
                ("placeOrder", NoStatus(open_orders=True)),
                ("placeOrder", Warn(10349)),
                ("placeOrder", Warn(399, "held until the open")),
                ("placeOrder", Reorder(self.lot.choice((2, 4, 8)))),
                ("cancelOrder", Reorder(self.lot.choice((2, 4)))),
                ("placeOrder", Locate(self.lot.choice((1.0, 8.0)))),
            )
        )
        return self._plan(Fault(on, action))

    def refused(self) -> object:
        """An order, or a cancel, is refused with a code."""
        on, code = self.lot.choice(
            (
                *(("placeOrder", code) for code in (201, 201, 110, 103, 321, 399, 10318, 9999)),
                *(("cancelOrder", code) for code in (10147, 10148, 135, 161)),
            )
        )
        return self._plan(Fault(on, Reject(code, "simulated")))

    def silent(self) -> object:
        """A request is lost, acted upon late, or acted upon in silence for a while."""
        drawn, on = self.lot.random(), self.lot.choice(("placeOrder", "cancelOrder"))
        seconds = self.lot.choice((0.5, 3.0, 12.0))
        if drawn < 0.4:
            return self._plan(Fault(on, Delay(seconds)))
        if drawn < 0.6:
            return self._plan(Fault(on, Silent(accepts=False)))
        if drawn < 0.8 and on == "placeOrder":
            self._speak_again()
            return self._plan(Fault(on, Silent(accepts=True)))
        other = self.lot.choice(
            ("reqAllOpenOrders", "reqPositions", "reqExecutions", "reqCurrentTime")
        )
        return self._plan(Fault(other, Silent()))

    def _speak_again(self) -> None:
        self.speak()
        self.house.loop.call_later(SILENCE, self._speak_again)

    def speak(self) -> None:
        """What was taken in silence is told of from now on."""
        for order in self.house.gateway.exchange.book.orders.values():
            if order.quirks.muted:
                order.quirks = HONEST
                self._tell(order)

    def _tell(self, order: LiveOrder) -> None:
        self.house.loop.call_soon(lambda: self.house.gateway.order(order))

    def link(self) -> object:
        """TWS loses its link, or says something of the session."""
        seconds = self.lot.choice((0.5, 4.0, 15.0))
        return self._happens(
            self.lot.choice(
                (
                    Outage(seconds, "live"),
                    Outage(seconds, "held"),
                    Outage(seconds, "lost"),
                    Outage(seconds, "lost", data_lost=True),
                    Say(2103),
                    Say(2104),
                    Say(2110),
                    Say(1102),
                    Mute(seconds),
                )
            )
        )

    def socket(self) -> object:
        """A connection breaks, or TWS restarts."""
        drawn, octets = self.lot.random(), self.lot.randrange(1, 900)
        wires = self.house.gateway_wires()
        if drawn < 0.35 and wires:
            wires[0].cut_after = octets
            return f"cut after {octets}"
        if drawn < 0.5 and wires:
            wires[0].frozen = True
            return "half-open"
        return self._happens_or_planned(drawn, octets)

    def _happens_or_planned(self, drawn: float, octets: int) -> object:
        if drawn < 0.6:
            return self._plan(Fault("placeOrder", Drop(octets=octets)))
        if drawn < 0.7:
            return self._plan(Fault("placeOrder", Drop(after=octets % 2 == 0)))
        if drawn < 0.8:
            return self._happens(Disconnect())
        roll_back = self.lot.choice((0, 1, 5))
        return self._happens(Restart(roll_back, self.lot.choice((0.0, 3.0))))

    def slower(self) -> object:
        """The network's latency changes."""
        self.house.loop.network.latency = self.lot.choice((0.0, 0.01, 0.2, 1.0))
        return self.house.loop.network.latency
