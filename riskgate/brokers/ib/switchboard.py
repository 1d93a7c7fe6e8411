"""Which callback goes to whom.

Rule 1: every callback of the library that we hear, or that would only complain, is in one table.
Rule 2: an error is about a request, an order or the session, by its number: requests are numbered
far above orders.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from riskgate.brokers.ib import codes, raw
from riskgate.brokers.ib.accounts import Accounts
from riskgate.brokers.ib.link import Link
from riskgate.brokers.ib.orders import Orders
from riskgate.brokers.ib.prices import Prices
from riskgate.brokers.ib.questions import FIRST_REQUEST
from riskgate.brokers.ib.readiness import Readiness
from riskgate.brokers.ib.requests import TIME, Requests
from riskgate.brokers.ib.story import COMPLETED, OPEN, POSITIONS
from riskgate.brokers.ib.tap import Callback, ignored
from riskgate.brokers.ib.teller import Teller
from riskgate.execution.codes import Class, Meanings

NO_NUMBER: Final = 2**31 - 1  # TWS says so where there is no number
HARMLESS: Final = frozenset({Class.INFORMATION, Class.WARNING})


@dataclass(frozen=True, slots=True)
class Parts:
    """Who hears callbacks."""

    requests: Requests
    orders: Orders
    teller: Teller
    readiness: Readiness
    prices: Prices
    accounts: Accounts
    link: Link
    meanings: Meanings


def callbacks(parts: Parts, session_error: Callable[[int, str], None]) -> dict[str, Callback]:
    """The table: the library's method, and who takes its place."""
    answered = parts.requests.questions.answered
    prices, accounts, hall = parts.prices, parts.accounts, Hall(parts, session_error)
    return {
        "error": hall.error,
        "nextValidId": hall.next_valid,
        "openOrder": hall.open_order,
        "orderStatus": hall.order_status,
        "execDetails": hall.execution,
        "commissionReport": hall.commission,
        "completedOrder": hall.completed_order,
        "position": hall.position,
        "openOrderEnd": lambda: answered(OPEN),
        "completedOrdersEnd": lambda: answered(COMPLETED),
        "positionEnd": lambda: answered(POSITIONS),
        "execDetailsEnd": answered,
        "currentTime": lambda _: answered(TIME),
        "contractDetails": parts.readiness.details,
        "contractDetailsEnd": parts.readiness.details_end,
        "priceSizeTick": prices.price,
        "tickSize": prices.size,
        "tickGeneric": prices.generic,
        "marketDataType": prices.data_type,
        "accountUpdateMulti": accounts.numbered_value,
        "accountUpdateMultiEnd": answered,
        "updateAccountValue": lambda tag, text, unit, who: accounts.value(who, tag, text, unit),
        "pnl": accounts.profit,
        **dict.fromkeys(UNUSED, ignored),
    }


UNUSED: Final = (
    *("managedAccounts", "orderBound", "tickString", "tickReqParams"),
    *("tickOptionComputation", "updatePortfolio", "accountDownloadEnd"),
)


class Hall:
    """Callbacks that more than one hears, or that go to one of several."""

    def __init__(self, parts: Parts, session_error: Callable[[int, str], None]) -> None:
        self._parts = parts
        self._session_error = session_error

    def error(self, number: int, code: int, text: str, *_: object) -> None:
        """A message with a code."""
        parts = self._parts
        if codes.is_read_only(code, text):
            parts.link.forbidden(f"{code}: {text}")
        if FIRST_REQUEST <= number < NO_NUMBER:
            if not parts.prices.refused(number, code) and parts.meanings.of(code) not in HARMLESS:
                parts.requests.questions.refused(number, code, text)
        elif 0 < number < FIRST_REQUEST:
            parts.orders.error(number, code, text)
        else:
            self._session_error(code, text)

    def next_valid(self, order_id: int) -> None:
        """The lowest order id that this client may use; it never goes back."""
        teller = self._parts.teller
        teller.next_valid = max(teller.next_valid, order_id)
        self._parts.orders.owners.ids.seen(order_id - 1)

    def open_order(
        self, order_id: int, contract: raw.Contract, order: raw.Order, state: raw.OrderState
    ) -> None:
        """An order's terms and state."""
        self._parts.orders.open_order(order_id, contract, order, state)
        if self._parts.teller.gathering is not None:
            self._parts.teller.gathering.open.append((order_id, contract, order, state))

    def order_status(self, *values: object) -> None:
        """An order's status."""
        self._parts.orders.order_status(*values)
        if self._parts.teller.gathering is not None:
            self._parts.teller.gathering.order_status(*values)

    def execution(self, number: int, contract: raw.Contract, execution: raw.Execution) -> None:
        """A fill: live, or told again on demand. A story has both: its positions hold both."""
        gathering = self._parts.teller.gathering
        self._parts.orders.owners.executed(execution.orderId, execution.clientId)
        if number != self._parts.teller.executions_number:
            self._parts.orders.execution(contract, execution)
        if gathering is not None:
            gathering.execution(contract, execution)

    def commission(self, report: raw.Commission) -> None:
        """What a fill cost; it comes once more with a fill that is told again."""
        self._parts.orders.commission(report)
        if self._parts.teller.gathering is not None:
            self._parts.teller.gathering.commission(report)

    def completed_order(
        self, contract: raw.Contract, order: raw.Order, state: raw.OrderState
    ) -> None:
        """An order that cannot fill any more."""
        del contract
        if self._parts.teller.gathering is not None:
            self._parts.teller.gathering.completed.append((order, state))

    def position(self, account: str, contract: raw.Contract, size: float, cost: float) -> None:
        """A position."""
        if self._parts.teller.gathering is not None:
            self._parts.teller.gathering.positions.append((account, contract, size, cost))
