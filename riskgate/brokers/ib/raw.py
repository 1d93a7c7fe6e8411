"""The shapes of the client library that we use, as Protocols that both libraries fit.

Rule 1: what is not written here is not used; nothing of `Trade` or of the library's order state is.
Rule 2: numbers are floats here and nowhere else in riskgate.
"""

# ruff: noqa: N815  # the names are the library's

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence, Sized
from datetime import datetime
from typing import Protocol


class Numbered(Protocol):
    """What has the number of a contract."""

    conId: int


class Leg(Protocol):
    """A leg of a combo."""

    conId: int
    ratio: int
    action: str
    exchange: str


class Contract(Protocol):
    """What the library calls a contract."""

    conId: int
    symbol: str
    secType: str
    lastTradeDateOrContractMonth: str
    strike: float
    right: str
    multiplier: str
    exchange: str
    primaryExchange: str
    currency: str
    tradingClass: str
    localSymbol: str
    comboLegs: list[Leg]


class Tag(Protocol):
    """A parameter of an algorithm."""

    tag: str
    value: str


class Order(Protocol):
    """Terms of an order, as sent and as echoed; those of its fields that we name in code.

    The others are in tables, see `wording` and `unmodelled`.
    """

    orderId: int
    clientId: int
    permId: int
    action: str
    totalQuantity: float
    orderType: str
    lmtPrice: float
    auxPrice: float
    tif: str
    account: str
    orderRef: str
    transmit: bool
    outsideRth: bool
    whatIf: bool
    eTradeOnly: bool
    firmQuoteOnly: bool
    filledQuantity: float
    parentId: int
    ocaType: int
    algoStrategy: str
    algoParams: Sequence[Tag]
    conditions: Sequence[object]
    adjustedOrderType: str
    triggerPrice: float
    trailStopPrice: float
    displaySize: int
    discretionaryAmt: float
    goodTillDate: str


class OrderState(Protocol):
    """The state that comes with an echo."""

    status: str
    completedStatus: str


class Execution(Protocol):
    """One execution."""

    execId: str
    time: datetime
    acctNumber: str
    side: str
    shares: float
    price: float
    permId: int
    clientId: int
    orderId: int
    orderRef: str


class Commission(Protocol):
    """What one execution cost."""

    execId: str
    commission: float
    currency: str


class Details(Protocol):
    """What the broker says of a contract."""

    contract: Contract
    minTick: float
    minSize: float
    sizeIncrement: float
    timeZoneId: str
    tradingHours: str
    liquidHours: str
    underSymbol: str
    validExchanges: str


class Filter(Protocol):
    """Which executions are asked for; made empty, it means all."""


class Event(Protocol):
    """An event of the library that functions can be connected to."""

    def connect(self, listener: Callable[[str], None]) -> object:
        """Call `listener` when it happens."""
        ...


class Transport(Protocol):
    """The socket's transport."""

    def is_closing(self) -> bool:
        """Whether what is written now would be lost."""
        ...

    def abort(self) -> None:
        """Close at once, unsent bytes are lost."""
        ...


class Connection(Protocol):
    """The library's socket; `transport` is None when it is gone."""

    transport: Transport | None


class Client(Protocol):
    """The level of the library at which messages are written."""

    MaxRequests: int
    conn: Connection
    apiError: Event
    _msgQ: Sized

    connectAsync: Callable[[str, int, int, float], Coroutine[object, object, None]]
    isReady: Callable[[], bool]
    serverVersion: Callable[[], int]
    isConnected: Callable[[], bool]
    getReqId: Callable[[], int]
    updateReqId: Callable[[int], None]
    getAccounts: Callable[[], list[str]]
    placeOrder: Callable[[int, Contract, Order], None]
    cancelOrder: Callable[[int], None]
    reqGlobalCancel: Callable[[], None]
    reqAllOpenOrders: Callable[[], None]
    reqCompletedOrders: Callable[[bool], None]
    reqExecutions: Callable[[int, Filter], None]
    reqPositions: Callable[[], None]
    cancelPositions: Callable[[], None]
    reqContractDetails: Callable[[int, Contract], None]
    reqMarketDataType: Callable[[int], None]
    reqMktData: Callable[[int, Contract, str, bool, bool, list[object]], None]
    reqCurrentTime: Callable[[], None]
    reqAccountUpdatesMulti: Callable[[int, str, str, bool], None]
    cancelAccountUpdatesMulti: Callable[[int], None]
    reqPnL: Callable[[int, str, str], None]


class Wrapper(Protocol):
    """Where the library delivers what it decoded, one method per message."""

    clientId: int


class Session(Protocol):
    """An `IB` of the library: a client and a wrapper."""

    client: Client
    wrapper: Wrapper
    TimezoneTWS: object
    disconnect: Callable[[], object]


class Module(Protocol):
    """The library."""

    IB: Callable[[], Session]
    Contract: Callable[[], Contract]
    ComboLeg: Callable[[], Leg]
    Order: Callable[[], Order]
    ExecutionFilter: Callable[[], Filter]
    TagValue: Callable[[str, str], Tag]
