"""What a gate is asked for by the orders of a library: terms that could not be read, and groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from riskgate.errors import OrderError
from riskgate.gate import Gate
from riskgate.line import grouping, payload
from riskgate.line.grouping import Exits
from riskgate.line.judging import Moment
from riskgate.line.payload import Asked
from riskgate.model.codes import Code
from riskgate.model.events import Decided, Note
from riskgate.model.order import Fault, Order, OrderType
from riskgate.ticket import Ticket

EXITS: Final = (OrderType.LMT, OrderType.STP)


def unreadable(text: str, error: OrderError) -> Asked:
    """An order of the library that says something we do not model."""
    faults = tuple(Fault(code, said) for code, said in error.reasons)
    return Asked(order=None, text=_said(text), faults=faults)


def refused(text: str, code: Code, reason: str) -> Asked:
    """An order of the library that cannot be taken, and why."""
    return Asked(order=None, text=_said(text), faults=(Fault(code, reason),))


def _said(text: str) -> str:
    """What a script asked for; its words are not all there was, and replay must not read them."""
    return payload.printable(f"{payload.BY_SCRIPT}{text.removeprefix(payload.BY_SCRIPT)}")


def is_bracket(orders: Sequence[Order]) -> bool:
    """Whether these are an entry with a limit and a stop that leave its whole position."""
    entry, *exits = orders
    kinds = {exit_.order_type for exit_ in exits}
    return (
        len(exits) == len(EXITS)
        and kinds == set(EXITS)
        and all(
            exit_.side is not entry.side
            and exit_.quantity == entry.quantity
            and exit_.terms == entry.terms
            and exit_.account == entry.account
            for exit_ in exits
        )
    )


class LibraryGate(Gate):
    """A gate whose orders are a library's."""

    def submit_one(self, asked: Asked) -> Ticket:
        """Decide an order and, if it is allowed, hand it over; as `submit` does."""

        def judged(at: Moment) -> list[Decided]:
            return [self._judge.order(asked, at)]

        with self.turnstile:
            return self._line([asked], judged, None)[0]

    def submit_together(self, asked: Sequence[Asked], *, oca: bool = False) -> tuple[Ticket, ...]:
        """Decide several orders as one submission: a basket, or orders that name one OCA group."""
        return self._submission(asked, grouping.Terms(oca=oca), None)

    def submit_attached(self, asked: Sequence[Asked]) -> tuple[Ticket, ...]:
        """Decide an entry with its limit and its stop, as they are stated; a bracket."""
        prices = {one.order.order_type: one.order for one in asked[1:] if one.order is not None}
        limit, stop = prices[OrderType.LMT].limit_price, prices[OrderType.STP].stop_price
        if limit is None or stop is None:
            return self.submit_together(asked)  # each is refused for want of its price
        exits = Exits(take_profit=limit, stop_loss=stop)
        terms = grouping.bracket(asked[0], exits, carried=self._broker.carries_brackets)
        return self._submission(asked, terms, None)

    def note(self, text: str) -> None:
        """Put on record what was done with the library."""
        self.take([Note(text=payload.printable(text), actor=self._actor)])
