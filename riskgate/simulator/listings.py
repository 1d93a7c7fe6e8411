"""What the simulator starts with: stocks, futures on their cycles, a rate, options, indexes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import msgspec

from riskgate.simulator import hours
from riskgate.simulator.contracts import INDEX, Listing
from riskgate.simulator.prices import Quote, around

CONTRACTS_AHEAD = 4
_DECEMBER = 12
_FRIDAY = 4
_MONTH_CODES = "FGHJKMNQUVXZ"
_QUARTERLY = (3, 6, 9, 12)
_MONTHLY = tuple(range(1, 13))

# symbol: conId, name, primary exchange, industry, price the simulator opens with
STOCKS = {
    "AAPL": (265598, "APPLE INC", "NASDAQ", "Technology", "190.00"),
    "MSFT": (272093, "MICROSOFT CORP", "NASDAQ", "Technology", "420.00"),
    "NVDA": (4815747, "NVIDIA CORP", "NASDAQ", "Technology", "130.00"),
    "TSLA": (76792991, "TESLA INC", "NASDAQ", "Consumer, Cyclical", "250.00"),
    "GOOG": (208813720, "ALPHABET INC-CL C", "NASDAQ", "Communications", "175.00"),
    "AMZN": (3691937, "AMAZON.COM INC", "NASDAQ", "Communications", "185.00"),
    "META": (107113386, "META PLATFORMS INC-CLASS A", "NASDAQ", "Communications", "500.00"),
    "SPY": (756733, "SPDR S&P 500 ETF TRUST", "ARCA", "Funds", "550.00"),
    "QQQ": (320227571, "INVESCO QQQ TRUST SERIES 1", "NASDAQ", "Funds", "470.00"),
    "IBM": (8314, "INTL BUSINESS MACHINES CORP", "NYSE", "Technology", "180.00"),
    "F": (9599491, "FORD MOTOR CO", "NYSE", "Consumer, Cyclical", "12.00"),
}
_FUNDS = ("SPY", "QQQ")


class Series(msgspec.Struct, frozen=True):
    """A future with its cycle of months."""

    first_con_id: int
    symbol: str
    name: str
    exchange: str
    multiplier: str
    min_tick: Decimal
    months: tuple[int, ...]
    price: str


SERIES = (
    Series(495512563, "ES", "E-mini S&P 500", "CME", "50", Decimal("0.25"), _QUARTERLY, "5500"),
    Series(515416577, "NQ", "E-mini NASDAQ 100", "CME", "20", Decimal("0.25"), _QUARTERLY, "19500"),
    Series(
        362687422, "MES", "Micro E-Mini S&P 500", "CME", "5", Decimal("0.25"), _QUARTERLY, "5500"
    ),
    Series(
        174230596, "CL", "Light Sweet Crude Oil", "NYMEX", "1000", Decimal("0.01"), _MONTHLY, "72"
    ),
)
# symbol: conId, name, exchange, level the simulator opens with
INDEXES = {
    "SPX": (416904, "S&P 500 Stock Index", "CBOE", "5480.00"),
    "NDX": (416843, "NASDAQ 100 Stock Index", "NASDAQ", "19400.00"),
    "VIX": (13455763, "CBOE Volatility Index", "CBOE", "16.00"),
}
EURUSD = (12087792, "1.0850")
OPTION_STRIKES = ("180", "185", "190", "195", "200")
_FIRST_OPTION = 700000000


def catalogue_for(today: date) -> tuple[Listing, ...]:
    """Everything that is listed on this day."""
    futures = (future for series in SERIES for future in _futures(series, today))
    indexes = (_index(symbol) for symbol in INDEXES)
    stocks = (_stock(symbol) for symbol in STOCKS)
    return (*stocks, *futures, _rate(), *_options(today), *indexes)


def _stock(symbol: str) -> Listing:
    con_id, name, primary, industry, _ = STOCKS[symbol]
    return Listing(
        con_id=con_id,
        symbol=symbol,
        sec_type="STK",
        exchange="SMART",
        primary_exchange=primary,
        currency="USD",
        local_symbol=symbol,
        trading_class="NMS" if primary == "NASDAQ" else symbol,
        min_tick=Decimal("0.01"),
        long_name=name,
        trading=hours.STOCK_TRADING,
        liquid=hours.STOCK_LIQUID,
        industry=industry,
        stock_type="ETF" if symbol in _FUNDS else "COMMON",
    )


def third_friday(year: int, month: int) -> date:
    """The third Friday of a month, on which index futures and stock options end."""
    first = date(year, month, 1)
    return first + timedelta(days=(_FRIDAY - first.weekday()) % 7 + 14)


def _energy_end(year: int, month: int) -> date:
    """Three business days before the 25th of the month before (CL)."""
    year, month = (year - 1, _DECEMBER) if month == 1 else (year, month - 1)
    day = date(year, month, 25)
    left = 3
    while left:
        day -= timedelta(days=1)
        left -= day.weekday() <= _FRIDAY
    return day


def _months_from(today: date, months: tuple[int, ...]) -> list[tuple[int, int]]:
    years = range(today.year, today.year + 3)
    return [(year, month) for year in years for month in months]


def _futures(series: Series, today: date) -> tuple[Listing, ...]:
    found: list[Listing] = []
    for year, month in _months_from(today, series.months):
        energy = series.symbol == "CL"
        end = _energy_end(year, month) if energy else third_friday(year, month)
        if end >= today and len(found) < CONTRACTS_AHEAD:
            found.append(_future(series, year * 100 + month, end))
    return tuple(found)


def _future(series: Series, month: int, end: date) -> Listing:
    energy = series.symbol == "CL"
    return Listing(
        con_id=series.first_con_id + month - 202000,
        symbol=series.symbol,
        sec_type="FUT",
        exchange=series.exchange,
        primary_exchange="",
        currency="USD",
        local_symbol=f"{series.symbol}{_MONTH_CODES[month % 100 - 1]}{month // 100 % 10}",
        trading_class=series.symbol,
        min_tick=series.min_tick,
        long_name=series.name,
        trading=hours.ENERGY_TRADING if energy else hours.FUTURE_TRADING,
        liquid=hours.ENERGY_LIQUID if energy else hours.FUTURE_LIQUID,
        time_zone="US/Eastern" if energy else "US/Central",
        expiry=f"{end:%Y%m%d}",
        multiplier=series.multiplier,
        venues=f"{series.exchange},QBALGO",
        industry="" if energy else "Indices",
        under_symbol=series.symbol,
        under_sec_type="IND",
        market_rule=32 if energy else 67,
    )


def _rate() -> Listing:
    return Listing(
        con_id=EURUSD[0],
        symbol="EUR",
        sec_type="CASH",
        exchange="IDEALPRO",
        primary_exchange="",
        currency="USD",
        local_symbol="EUR.USD",
        trading_class="EUR.USD",
        min_tick=Decimal("0.00005"),
        long_name="European Monetary Union Euro",
        trading=hours.FOREX,
        liquid=hours.FOREX,
        venues="IDEALPRO,SMART",
        market_rule=239,
        size_step=Decimal("0.01"),
    )


def _index(symbol: str) -> Listing:
    con_id, name, exchange, _ = INDEXES[symbol]
    return Listing(
        con_id=con_id,
        symbol=symbol,
        sec_type=INDEX,
        exchange=exchange,
        primary_exchange="",
        currency="USD",
        local_symbol=symbol,
        trading_class=symbol,
        min_tick=Decimal("0.01"),
        long_name=name,
        trading=hours.STOCK_LIQUID,
        liquid=hours.STOCK_LIQUID,
        venues=exchange,
        order_types="",
        industry="Indices",
    )


def _options(today: date) -> tuple[Listing, ...]:
    ends = (third_friday(year, month) for year, month in _months_from(today, _MONTHLY))
    end = next(day for day in ends if day >= today + timedelta(days=7))
    return tuple(
        _option(Decimal(strike), right, end, _FIRST_OPTION + 2 * n + (right == "P"))
        for n, strike in enumerate(OPTION_STRIKES)
        for right in ("C", "P")
    )


def _option(strike: Decimal, right: str, end: date, con_id: int) -> Listing:
    return Listing(
        con_id=con_id,
        symbol="AAPL",
        sec_type="OPT",
        exchange="SMART",
        primary_exchange="",
        currency="USD",
        local_symbol=f"AAPL  {end:%y%m%d}{right}{int(strike * 1000):08d}",
        trading_class="AAPL",
        min_tick=Decimal("0.01"),
        long_name="APPLE INC",
        trading=hours.STOCK_LIQUID,
        liquid=hours.STOCK_LIQUID,
        expiry=f"{end:%Y%m%d}",
        strike=strike,
        right=right,
        multiplier="100",
        venues="SMART,AMEX,CBOE,PHLX,ISE,BOX,BATS",
        under_con_id=STOCKS["AAPL"][0],
        under_symbol="AAPL",
        under_sec_type="STK",
        industry="Technology",
    )


def opening_prices() -> dict[str, Decimal]:
    """A middle price for every stock, series and rate; the model makes those of options."""
    stocks = {symbol: Decimal(row[4]) for symbol, row in STOCKS.items()}
    futures = {series.symbol: Decimal(series.price) for series in SERIES}
    indexes = {symbol: Decimal(row[3]) for symbol, row in INDEXES.items()}
    return {**stocks, **futures, **indexes, "EUR.USD": Decimal(EURUSD[1])}


def opening_quote(listing: Listing, middle: Decimal) -> Quote:
    """A market around a price; an index has a level, and nobody who bids for it."""
    if listing.sec_type != INDEX:
        return around(middle, listing.min_tick)
    none = Decimal(0)
    return Quote(last=middle, close=middle, bid_size=none, ask_size=none, last_size=none)
