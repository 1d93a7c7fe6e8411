"""The answers to requests about bars and single ticks, of the past and as they happen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from riskgate.simulator.answers import UNSUPPORTED, answers
from riskgate.simulator.bars import SIZES, PastBar, Wanted, bars, begin_of, sessions_of
from riskgate.simulator.checks import Refusal
from riskgate.simulator.contracts import INDEX, Listing
from riskgate.simulator.moments import moment
from riskgate.simulator.session import Session
from riskgate.simulator.wire.codec import Message
from riskgate.simulator.wire.kinds import Record

FIVE_SECONDS = timedelta(seconds=5)
INVALID = "Error validating request.-'bH' : cause - "
NOT_TRADED = Decimal(-1)  # volume and average of bars that are no trades
SIDES = {"TRADES": 0, "ADJUSTED_LAST": 0, "MIDPOINT": 0, "BID": -1, "ASK": 1, "BID_ASK": 0}
SCHEDULE = "SCHEDULE"
NOT_HERE = frozenset(
    {"HISTORICAL_VOLATILITY", "OPTION_IMPLIED_VOLATILITY", "FEE_RATE", "REBATE_RATE", "AGGTRADES"}
    | {f"YIELD_{side}" for side in ("BID", "ASK", "BID_ASK", "LAST")}
)
TICKS = {"Last": 1, "AllLast": 2, "BidAsk": 3, "MidPoint": 4}
OLDEST = datetime(2004, 1, 23, 14, 30, tzinfo=UTC)


def _listing(session: Session, message: Message) -> Listing | None:
    found = session.host.exchange.listing_for(message)
    if isinstance(found, Refusal):
        session.error(message.integer("reqId"), found.code, found.text)
        return None
    return found


# -- the past -------------------------------------------------------------------------------------


def _wrong(cause: str) -> Refusal:
    return Refusal(321, f"{INVALID}{cause}")


def _asked(session: Session, message: Message, listing: Listing) -> Wanted | Refusal:
    """What was asked for, or why it is nothing."""
    size, show = message.text("barSize"), message.text("whatToShow").upper()
    if size not in SIZES:
        legal = ", ".join(SIZES)
        return _wrong(f"Historical data bar size setting is invalid. Legal ones are: {legal}.")
    if show in NOT_HERE:
        return Refusal(UNSUPPORTED, f"whatToShow {show}: not supported by the simulator")
    if show not in SIDES and show != SCHEDULE:
        return _wrong(f"Incorrect historical data query: whatToShow {show}.")
    zone = ZoneInfo(listing.time_zone)
    said = message.text("endDateTime")
    now = session.host.clock.now()
    end = moment(said, session.host.options.time_zone, now) if said else now
    hours = listing.liquid if message.flag("useRTH") else listing.trading
    begin = None if end is None else begin_of(message.text("duration"), end, hours, zone)
    if end is None or begin is None:
        return _wrong("Historical data request with invalid end time or duration.")
    return Wanted(listing, hours, begin, end, SIZES[size])


@answers("reqHistoricalData")
def historical_data(session: Session, message: Message) -> None:
    """Bars of the past, and each change of the last one when it is to be kept up to date."""
    req_id, listing = message.integer("reqId"), _listing(session, message)
    if listing is None:
        return
    wanted = _asked(session, message, listing)
    if isinstance(wanted, Refusal):
        session.error(req_id, wanted.code, wanted.text)
    elif message.text("whatToShow").upper() == SCHEDULE:
        _send_schedule(session, req_id, wanted)
    else:
        _send_past(session, message, wanted)


def _send_past(session: Session, message: Message, wanted: Wanted) -> None:
    req_id, listing = message.integer("reqId"), wanted.listing
    level = session.host.exchange.world.prices.of(listing.con_id).mark
    found = [] if level is None else bars(wanted, level)
    if not found:
        _no_data(session, req_id, listing)
        return
    shown = Shown(session, message, wanted)
    _send_bars(session, req_id, shown, found)
    if message.flag("keepUpToDate"):
        session.wants.streams[req_id] = KeptUp(session, req_id, shown, found[-1])


def _no_data(session: Session, req_id: int, listing: Listing) -> None:
    text = f"HMDS query returned no data: {listing.local_symbol}@{listing.exchange} Trades"
    session.error(req_id, 162, f"Historical Market Data Service error message:{text}")


def _send_schedule(session: Session, req_id: int, wanted: Wanted) -> None:
    """The sessions of the days that were asked for."""
    zone = ZoneInfo(wanted.listing.time_zone)

    def shown(at: datetime) -> str:
        return f"{at.astimezone(zone):%Y%m%d-%H:%M:%S}"

    sessions: list[Record] = [
        {
            "start": shown(one.opens),
            "end": shown(one.closes),
            "refDate": f"{one.closes.astimezone(zone):%Y%m%d}",
        }
        for one in sessions_of(wanted)
    ]
    about: Record = {"reqId": req_id, "timeZone": str(zone), "sessions": sessions}
    span: Record = {"start": shown(wanted.begin), "end": shown(wanted.end)}
    session.send("historicalSchedule", {**about, **span})


def _send_bars(session: Session, req_id: int, shown: Shown, found: list[PastBar]) -> None:
    span = {name: f"{at:%Y%m%d  %H:%M:%S}" for name, at in shown.span().items()}
    records = [shown.record(one) for one in found]
    session.send("historicalData", {"reqId": req_id, **span, "bars": records})
    if session.version >= ENDS_APART:
        session.send("historicalDataEnd", {"reqId": req_id, **span})


ENDS_APART = 196  # the version from which the end is a message of its own


class Shown:
    """How a request wants its bars: which side, and which form of time."""

    def __init__(self, session: Session, message: Message, wanted: Wanted) -> None:
        self._show = message.text("whatToShow").upper()
        self._epoch = message.integer("formatDate") != 1
        self._zone = wanted.listing.time_zone
        self._zoned = session.version >= ZONED_BARS
        self.wanted = wanted

    def span(self) -> dict[str, datetime]:
        """The first and the last moment, in the contract's time."""
        zone = ZoneInfo(self._zone)
        return {
            "start": self.wanted.begin.astimezone(zone),
            "end": self.wanted.end.astimezone(zone),
        }

    def date(self, at: datetime) -> str:
        """A bar's time."""
        local = at.astimezone(ZoneInfo(self._zone))
        if self.wanted.seconds >= SIZES["1 day"]:
            return f"{_trading_day(local):%Y%m%d}"
        if self._epoch:
            return str(int(at.timestamp()))
        if self._zoned:
            return f"{local:%Y%m%d %H:%M:%S} {self._zone}"
        return f"{local:%Y%m%d  %H:%M:%S}"

    def record(self, bar: PastBar) -> Record:
        """A bar as it travels."""
        tick, volume = self.wanted.listing.min_tick, bar.volume
        moved = SIDES[self._show] * tick
        apart = tick if self._show == "BID_ASK" else Decimal(0)  # open and low are bids then
        traded = self._show in {"TRADES", "ADJUSTED_LAST"}
        if self.wanted.listing.sec_type == INDEX:
            volume = Decimal(0)
        return {
            "date": self.date(bar.begins),
            "open": bar.open + moved - apart,
            "high": bar.high + moved + apart,
            "low": bar.low + moved - apart,
            "close": bar.close + moved + apart,
            "volume": volume if traded else NOT_TRADED,
            "wap": bar.average if traded else NOT_TRADED,
            "barCount": bar.count if traded else -1,
        }


ZONED_BARS = 174


def _trading_day(local: datetime) -> datetime:
    """A session that opens on the evening before is the next day's."""
    return local + timedelta(days=1) if local.hour >= NOON_AND_MORE else local


NOON_AND_MORE = 17


class KeptUp:
    """The last bar of a request, followed."""

    def __init__(self, session: Session, req_id: int, shown: Shown, last: PastBar) -> None:
        self.con_id = shown.wanted.listing.con_id
        self._session, self._req_id, self._shown, self._bar = session, req_id, shown, last

    def priced(self) -> None:
        """The price has changed: the last bar, or the first of a new one."""
        price = self._session.host.exchange.world.prices.of(self.con_id).mark
        if price is None:
            return
        now, old = self._session.host.clock.now(), self._bar
        length = timedelta(seconds=self._shown.wanted.seconds)
        if now >= old.begins + length:
            begins = old.begins + (now - old.begins) // length * length
            self._bar = PastBar(begins, price, price, price, price, Decimal(0), 0)
        else:
            high, low = max(old.high, price), min(old.low, price)
            volume, count = old.volume + 1, old.count + 1
            self._bar = PastBar(old.begins, old.open, high, low, price, volume, count)
        record = self._shown.record(self._bar)
        self._session.send("historicalDataUpdate", {**record, "reqId": self._req_id})


@answers("cancelHistoricalData")
@answers("cancelRealTimeBars")
@answers("cancelTickByTickData")
def cancel_stream(session: Session, message: Message) -> None:
    """No more of it."""
    session.wants.streams.pop(message.integer("reqId"), None)


@answers("reqHeadTimeStamp")
def head_timestamp(session: Session, message: Message) -> None:
    """How far back the bars go."""
    if _listing(session, message) is not None:
        epoch = message.integer("formatDate") != 1
        time = str(int(OLDEST.timestamp())) if epoch else f"{OLDEST:%Y%m%d-%H:%M:%S}"
        session.send("headTimestamp", {"reqId": message.integer("reqId"), "time": time})


# -- as it happens --------------------------------------------------------------------------------


@answers("reqRealTimeBars")
def real_time_bars(session: Session, message: Message) -> None:
    """A bar every five seconds of the simulator's clock."""
    req_id, listing = message.integer("reqId"), _listing(session, message)
    if listing is None:
        return
    if message.text("whatToShow").upper() not in SIDES:
        session.error(req_id, 321, f"{INVALID}Invalid value for what to show.")
        return
    stream = FiveSeconds(session, req_id, listing)
    session.wants.streams[req_id] = stream
    stream.begin()


class FiveSeconds:
    """The bar that grows, and is sent when its time is over."""

    def __init__(self, session: Session, req_id: int, listing: Listing) -> None:
        self.con_id = listing.con_id
        self._session, self._req_id = session, req_id
        self._seen: list[Decimal] = []
        self._begins = session.host.clock.now()

    def begin(self) -> None:
        """A new bar, which opens at the price of now."""
        self._seen.clear()
        self.priced()
        second = int(self._begins.timestamp())
        self._begins = datetime.fromtimestamp(second - second % 5, UTC)
        self._session.host.exchange.world.agenda.at(self._begins + FIVE_SECONDS, self._end)

    def priced(self) -> None:
        """The price has changed."""
        price = self._session.host.exchange.world.prices.of(self.con_id).mark
        if price is not None:
            self._seen.append(price)

    def _end(self) -> None:
        if self._session.wants.streams.get(self._req_id) is not self or not self._session.is_open:
            return
        seen = self._seen
        if seen:
            record: Record = {
                "reqId": self._req_id,
                "time": int(self._begins.timestamp()),
                "open": seen[0],
                "high": max(seen),
                "low": min(seen),
                "close": seen[-1],
                "volume": Decimal(len(seen) - 1),
                "wap": round(sum(seen, Decimal(0)) / len(seen), 6),
                "barCount": len(seen) - 1,
            }
            self._session.send("realtimeBar", record)
        self._begins = max(self._begins + FIVE_SECONDS, self._session.host.clock.now())
        self.begin()


@answers("reqTickByTickData")
def tick_by_tick(session: Session, message: Message) -> None:
    """Each trade, or each change of the market."""
    req_id, listing = message.integer("reqId"), _listing(session, message)
    kind = TICKS.get(message.text("tickType"))
    if listing is None:
        return
    if kind is None:
        session.error(req_id, 321, f"{INVALID}Invalid tick type.")
        return
    stream = SingleTicks(session, req_id, listing, kind)
    session.wants.streams[req_id] = stream
    if kind > TICKS["AllLast"]:
        stream.priced()


class SingleTicks:
    """One tick for each change."""

    def __init__(self, session: Session, req_id: int, listing: Listing, kind: int) -> None:
        self.con_id = listing.con_id
        self._session, self._req_id, self._kind, self._listing = session, req_id, kind, listing

    def priced(self) -> None:
        """The quote has changed."""
        quote = self._session.host.exchange.world.prices.of(self.con_id)
        time = int(self._session.host.clock.now().timestamp())
        about: Record = {"reqId": self._req_id, "tickType": self._kind, "time": time}
        if self._kind <= TICKS["AllLast"]:
            if quote.last is not None:
                at = self._listing.primary_exchange or self._listing.exchange
                said: Record = {"price": quote.last, "size": quote.last_size, "exchange": at}
                self._session.send("tickByTick", {**about, **said})
        elif quote.bid is not None and quote.ask is not None:
            both: Record = {
                "bidPrice": quote.bid,
                "askPrice": quote.ask,
                "bidSize": quote.bid_size,
                "askSize": quote.ask_size,
                "midPoint": (quote.bid + quote.ask) / 2,
            }
            self._session.send("tickByTick", {**about, **both})
