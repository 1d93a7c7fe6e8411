"""From ticks to quotes.

Rule 1: IB sends ticks on change only. While the subscription stands, its farm is not reported
broken and the session answers, a quote is as old as the last heartbeat.
Rule 2: -1 with size 0 is IB's way to say that there is no price.
Rule 3: prices are live when IB says so, which it does with each subscription; until then they are
of no known type.
Rule 4: a previous close has no age; it does not make a quote fresh.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.brokers.ib.board import Market
from riskgate.brokers.ib.catalogue import Catalogue
from riskgate.brokers.ib.numbers import incoming
from riskgate.execution.codes import SHIPPED, Class
from riskgate.model.instrument import Instrument
from riskgate.model.market import Quote
from riskgate.ports import Clock

FIELDS: Final = {1: "bid", 2: "ask", 4: "last", 9: "close"}
DELAYED_FIELDS: Final = {66: "bid", 67: "ask", 68: "last", 75: "close"}
PRICES: Final = {**FIELDS, **DELAYED_FIELDS}
TYPES: Final = {1: "live", 2: "frozen", 3: "delayed", 4: "delayed-frozen"}
DELAYED: Final = frozenset({"delayed", "delayed-frozen"})
VOLUMES: Final = frozenset({8, 74})  # the day's volume, live and delayed
HALTED: Final = 49  # generic tick: 0 trades, 1 and 2 halted, -1 not known
SOURCE: Final = "ib"
UNSAID: Final = "unknown"
EMPTY: Final = Quote(type=UNSAID, source=SOURCE)


@dataclass(slots=True)
class Line:
    """One subscription. It stands until an error says that it does not.

    `first` is set with the first price to judge by, or when there will be none; `whole` when all
    prices have come.
    """

    instrument: Instrument
    quote: Quote = EMPTY
    stands: bool = True
    first: asyncio.Event = field(default_factory=asyncio.Event)
    whole: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ready(self) -> bool:
        """Whether there is a price to judge by."""
        return self.quote.mid is not None or self.quote.last is not None


class Prices:
    """The subscriptions of one session, and their quotes. For use in the loop's thread."""

    def __init__(self, market: Market, catalogue: Catalogue, clock: Clock) -> None:
        self._market = market
        self._catalogue = catalogue
        self._clock = clock
        self._lines: dict[int, Line] = {}
        self._numbers: dict[str, int] = {}

    def open(self, number: int, instrument: Instrument) -> Line:
        """A subscription under this request number; it takes the place of an older one."""
        self.drop(instrument.key)
        self._numbers[instrument.key] = number
        line = self._lines[number] = Line(instrument)
        return line

    def line(self, key: str) -> Line | None:
        """The subscription of an instrument, if it stands."""
        line = self._lines.get(self._numbers.get(key, 0))
        return line if line is not None and line.stands else None

    def drop(self, key: str) -> None:
        """The subscription of an instrument is gone."""
        self._lines.pop(self._numbers.pop(key, 0), None)

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """What is subscribed."""
        return tuple(line.instrument for line in self._lines.values())

    def heartbeat(self) -> None:
        """The session answered: what stands is as good as new."""
        now = self._clock.now()
        for line in self._lines.values():
            if line.stands and line.quote.at is not None:
                self._show(line, msgspec.structs.replace(line.quote, at=now))

    # -- callbacks --------------------------------------------------------------------------------

    def price(self, number: int, kind: int, price: float, size: float) -> None:
        """A tick with a price."""
        line, name = self._lines.get(number), PRICES.get(kind)
        if line is None or name is None:
            return
        value = None if price == -1 and not size else incoming(price)
        line.stands = True
        quote = line.quote
        if kind in DELAYED_FIELDS and quote.type not in DELAYED:
            quote = msgspec.structs.replace(quote, type="delayed")
        self._show(line, _with(quote, name, value, self._clock.now()))
        if line.ready:
            line.first.set()
        if None not in (line.quote.bid, line.quote.ask, line.quote.last, line.quote.close):
            line.whole.set()

    def size(self, number: int, kind: int, size: float) -> None:
        """A tick with a size; only the day's volume is kept."""
        line = self._lines.get(number)
        volume = incoming(size) if kind in VOLUMES else None
        if line is not None and volume is not None and volume >= 0:
            self._market.set_volume(line.instrument.key, volume)

    def data_type(self, number: int, kind: int) -> None:
        """Whether the ticks are live, frozen or delayed."""
        line = self._lines.get(number)
        if line is not None:
            said = TYPES.get(kind, f"type {kind}")
            self._show(line, msgspec.structs.replace(line.quote, type=said))

    def generic(self, number: int, kind: int, value: float) -> None:
        """A tick with a number that is no price."""
        line = self._lines.get(number)
        if line is not None and kind == HALTED and value >= 0:
            self._catalogue.halt(line.instrument.key, halted=value > 0)

    def refused(self, number: int, code: int) -> bool:
        """An error about a subscription; False if it is about something else."""
        line = self._lines.get(number)
        if line is None:
            return False
        if SHIPPED.of(code) not in {Class.INFORMATION, Class.WARNING}:
            line.stands = False
            line.first.set()
        return True

    def _show(self, line: Line, quote: Quote) -> None:
        line.quote = quote
        self._market.set_quote(line.instrument.key, quote)


def _with(quote: Quote, name: str, value: Decimal | None, now: datetime) -> Quote:
    return Quote(
        bid=value if name == "bid" else quote.bid,
        ask=value if name == "ask" else quote.ask,
        last=value if name == "last" else quote.last,
        close=value if name == "close" else quote.close,
        at=quote.at if name == "close" else now,
        last_at=now if name == "last" else quote.last_at,
        type=quote.type,
        source=SOURCE,
    )
