"""Random orders of every type without a fault, and one line of each kind that there is.

`orders()` draws any sound order, `orders(OrderType.REL)` one of that type.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import strategies as st

from riskgate.model.algos import ALGOS, COUNT, FLAG, SHARE, TIME, Param
from riskgate.model.clauses import LASTING
from riskgate.model.fields import assembled
from riskgate.model.instructions import (
    Adjustment,
    Algo,
    Condition,
    ConditionKind,
    Leg,
    OcaType,
    TriggerMethod,
)
from riskgate.model.order import SHAPES, Order, OrderType, Side, Tif
from riskgate.model.order_words import TARGETS
from riskgate.model.said import AT_THE_ATS, ATS, TYPES_OF
from riskgate.model.sound import COMBO, NIGHT, SEC_TYPES
from riskgate.model.terms import TIFS

CONTINUED = "\\\n"
LINES = tuple(
    r"""
BUY 100 AAPL MKT DAY
BUY 100 AAPL MKT OPG
SELL 100 AAPL LMT 190.25 GTC outside_rth=true
BUY 100 AAPL LMT 190 OPG
BUY 100 AAPL LMT 190 OVERNIGHT
BUY 100 AAPL LMT 190 FOK all_or_none=true
BUY 100 AAPL STP 195 DAY trigger_method=double_last
SELL 100 AAPL STP 180 GTC adjusts="at 195 to TRAIL 2% from 190"
BUY 100 AAPL STP_LMT 195 195.5 DAY
SELL 100 AAPL TRAIL 1.5 GTC trail_stop_price=180
SELL 100 AAPL TRAIL_LMT 2% 0.1 GTC
BUY 100 AAPL MOC DAY
BUY 100 AAPL LOC 190 DAY
BUY 100 AAPL MIT 185 DAY
BUY 100 AAPL LIT 185 185.1 DAY
BUY 100 AAPL MTL DAY
BUY 100 AAPL MTL 190 AUC
BUY 2 ES.FUT@CME MKT_PRT DAY expiry=2026-06-19
SELL 2 ES.FUT@CME STP_PRT 4900 DAY expiry=2026-06-19
BUY 100 AAPL MIDPRICE 190 DAY
BUY 100 AAPL REL 0.02 190 DAY
BUY 100 AAPL PEG_MKT 0.02 DAY
BUY 100 AAPL PEG_MID 0.01 190 DAY
BUY 100 AAPL@IBKRATS PEG_MID 0 190 DAY not_held=true min_trade_quantity=50 \
mid_offset_at_whole=0.01 mid_offset_at_half=0.005
BUY 100 AAPL@IBKRATS PEG_BEST 190 DAY not_held=true min_trade_quantity=50 min_compete_size=200 \
compete_offset=0.01
BUY 500 AAPL LMT 190 DAY display_size=100 oca_group=g1 oca_type=reduce
BUY 500 AAPL LMT 190 GTD 2026-03-06T16:00:00-05:00 priority=5 \
good_after=2026-03-05T10:00:00-05:00 hidden=true min_quantity=100
BUY 100 AAPL LMT 190 DAY discretionary_amount=0.1 sweep_to_fill=true block=true
BUY 0 AAPL MKT DAY cash_quantity=5000
BUY 1 AAPL.BAG LMT -1.5 DAY legs="BUY 1 #265598@SMART, SELL 1 #76792991@SMART"
BUY 100 AAPL LMT 190 DAY conditions="price AAPL >= 190.5 last & time >= \
2026-03-05T15:00:00-05:00 | margin <= 30 & volume AAPL >= 1000000 & change AAPL <= -5 & \
execution AAPL.STK@SMART" conditions_cancel=true conditions_ignore_rth=true
BUY 100 AAPL LMT 190 DAY algo="Vwap maxPctVol=0.1 startTime=20260305-14:30:00"
BUY 100 AAPL MKT DAY algo="Adaptive adaptivePriority=Urgent"
BUY 100 AAPL LMT 190 DAY algo="Twap strategyType=Matching Midpoint allowPastEndTime=1"
BUY 100 AAPL LMT 190 DAY algo="AD componentSize=10 timeBetweenOrders=60"
BUY 5 AAPL.OPT LMT 3.2 DAY expiry=2026-06-19 strike=200 right=C multiplier=100
BUY 10000 EUR.CASH@IDEALPRO LMT 1.085 DAY strategy=fx account=DU1 currency=USD \
trigger_now=true intent=5 key=k tag=t route=r locate=l
""".replace(CONTINUED, "")
    .strip()
    .split("\n")
)

PRINTABLE = "".join(chr(code) for code in range(32, 127) if chr(code) != '"')
TEXT = st.text(PRINTABLE, min_size=1, max_size=12).map(str.strip).filter(bool)
UPPER = TEXT.map(str.upper)
POSITIVE = st.decimals(Decimal("0.0001"), 10**9, places=4)
PRICES = st.decimals(-(10**6), 10**6, places=4)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=2))])
MOMENTS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001  # same
    timezones=ZONES,
).map(lambda moment: moment.replace(microsecond=0))
VENUES = UPPER.filter(lambda name: name != NIGHT)
CONTRACTS = st.sampled_from(["AAPL", "ES.FUT@CME", "EUR.CASH@IDEALPRO", "SAP@IBIS2"])
NUMBERED = st.sampled_from(["#265598@SMART", "#1", "#2147483647@CME"]) | CONTRACTS
SIZE = st.integers(1, 99).map(Decimal)
OPTIONAL: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("strategy", "account", "key", "tag", "route", "locate"), TEXT),
    "currency": UPPER,
    **dict.fromkeys(("strike", "multiplier", "intent"), POSITIVE),
    "sec_type": st.sampled_from(sorted(SEC_TYPES - {COMBO})),
    "right": st.sampled_from("CP"),
    "expiry": st.dates(),
    "outside_rth": st.booleans(),
    "trigger_now": st.booleans(),
    "priority": st.integers(-1000, 1000),
    "oca_group": TEXT,
}
SAID: dict[str, st.SearchStrategy[Any]] = {
    "hidden": st.booleans(),
    "all_or_none": st.booleans(),
    "min_quantity": SIZE,
    "trail_stop_price": PRICES,
    "trigger_method": st.sampled_from(TriggerMethod),
    "discretionary_amount": POSITIVE,
    "sweep_to_fill": st.booleans(),
    "block": st.booleans(),
    "not_held": st.booleans(),
    "min_trade_quantity": SIZE,
    "min_compete_size": SIZE,
    "compete_offset": POSITIVE,
    "mid_offset_at_whole": PRICES,
    "mid_offset_at_half": PRICES,
}
"""What may be said of an order of 100 units or more, if its type and venue take it."""


@st.composite
def orders(draw: st.DrawFn, kind: OrderType | None = None) -> Order:
    """Any order that has no fault of its own."""
    kind = kind or draw(st.sampled_from(OrderType))
    flat: dict[str, Any] = {
        "side": draw(st.sampled_from(Side)),
        "quantity": draw(st.decimals(Decimal(100), 2**31 - 1, places=4)),
        "symbol": draw(UPPER),
        "order_type": kind,
        **draw(st.fixed_dictionaries({}, optional=OPTIONAL)),
    }
    use = draw(st.sampled_from(("algo", "cash", "combo", "plain"))) if kind in PLAIN else "plain"
    tifs = LASTING if use == "algo" else TIFS[kind]
    flat["tif"] = draw(st.sampled_from(sorted(tifs)))
    flat |= draw(prices(kind, flat["tif"])) | draw(USES[use])
    flat |= draw(venue(kind, flat["tif"]))
    flat |= draw(times(flat["tif"]))
    if use == "plain":
        flat |= draw(said(kind, flat))
    if draw(st.booleans()):
        flat |= draw(conditional())
    if "oca_group" in flat and draw(st.booleans()):
        flat["oca_type"] = draw(st.sampled_from(OcaType))
    return assembled(flat)


PLAIN = frozenset({OrderType.MKT, OrderType.LMT})


@st.composite
def prices(draw: st.DrawFn, kind: OrderType, tif: Tif) -> dict[str, Any]:
    """The prices of a type: all that it needs, and perhaps those that it may leave out."""
    shape = SHAPES[kind]
    found: dict[str, Any] = {}
    wanted = shape.optional if draw(st.booleans()) else ()
    if kind is OrderType.MTL and tif is not Tif.AUC:
        wanted = ()
    for name in (*shape.prices, *wanted):
        never_negative = name == "limit_offset" or kind is OrderType.REL
        found[name] = draw(POSITIVE if never_negative else PRICES)
    if shape.trails:
        found[draw(st.sampled_from(("trail_amount", "trail_percent")))] = draw(POSITIVE)
    if kind is OrderType.STP and draw(st.booleans()):
        found["adjusts"] = draw(adjustments())
    return found


@st.composite
def venue(draw: st.DrawFn, kind: OrderType, tif: Tif) -> dict[str, Any]:
    """Where it goes, as far as it says so."""
    if kind is OrderType.PEG_BEST:
        return {"exchange": ATS, "compete_offset": draw(POSITIVE)}
    if tif is Tif.OVERNIGHT:
        return {}
    found = draw(st.none() | st.just(ATS) | VENUES)
    return {} if found is None else {"exchange": found}


@st.composite
def times(draw: st.DrawFn, tif: Tif) -> dict[str, Any]:
    """When it begins, and when it ends."""
    found: dict[str, Any] = {}
    if draw(st.booleans()):
        found["good_after"] = draw(MOMENTS)
    if tif is Tif.GTD:
        later = timedelta(seconds=draw(st.integers(1, 10**6)))
        found["good_till"] = found["good_after"] + later if found else draw(MOMENTS)
    return found


@st.composite
def said(draw: st.DrawFn, kind: OrderType, flat: dict[str, Any]) -> dict[str, Any]:
    """What an order of this type and venue may say of how it is shown and traded."""
    taken = {
        name: strategy
        for name, strategy in SAID.items()
        if kind in TYPES_OF.get(name, OrderType)
        and (name not in AT_THE_ATS or flat.get("exchange") == ATS)
        and not (name.startswith("mid_offset") and flat.get("peg_offset"))
    }
    found: dict[str, Any] = draw(st.fixed_dictionaries({}, optional=taken))
    shows = not (found.get("hidden") or found.get("discretionary_amount"))
    if shows and draw(st.booleans()):
        found["display_size"] = draw(SIZE)
    return found


@st.composite
def conditional(draw: st.DrawFn) -> dict[str, Any]:
    """Conditions, and what they do."""
    found = draw(st.lists(conditions(), min_size=1, max_size=4))
    last = msgspec.structs.replace(found.pop(), also=True)
    flags = st.fixed_dictionaries(
        {"conditions_cancel": st.booleans(), "conditions_ignore_rth": st.booleans()}
    )
    return {"conditions": (*found, last), **draw(flags)}


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """One condition of any kind."""
    kind = draw(st.sampled_from(ConditionKind))
    also = draw(st.booleans())
    if kind is ConditionKind.EXECUTION:
        return Condition(kind=kind, contract=draw(CONTRACTS), also=also)
    rises = draw(st.booleans())
    if kind is ConditionKind.TIME:
        return Condition(kind=kind, at=draw(MOMENTS), rises=rises, also=also)
    most = {ConditionKind.MARGIN: 100, ConditionKind.VOLUME: 2**31 - 1}.get(kind)
    level = draw(PRICES if most is None else st.integers(0, most).map(Decimal))
    method = TriggerMethod.DEFAULT
    if kind is ConditionKind.PRICE:
        method = draw(st.sampled_from(TriggerMethod))
    contract = "" if kind is ConditionKind.MARGIN else draw(NUMBERED)
    return Condition(
        kind=kind, contract=contract, level=level, rises=rises, also=also, method=method
    )


@st.composite
def adjustments(draw: st.DrawFn) -> Adjustment:
    """What a stop becomes."""
    kind = draw(st.sampled_from(sorted(TARGETS)))
    found: dict[str, Any] = {name: draw(PRICES) for name in TARGETS[kind] if name != "trail"}
    if "trail" in TARGETS[kind]:
        found[draw(st.sampled_from(("trail_amount", "trail_percent")))] = draw(POSITIVE)
        if draw(st.booleans()):
            found["stop_price"] = draw(PRICES)
    return Adjustment(trigger_price=draw(PRICES), order_type=kind, **found)


@st.composite
def algos(draw: st.DrawFn) -> Algo:
    """Any algo, told what it needs and perhaps more."""
    name = draw(st.sampled_from(sorted(ALGOS)))
    found = []
    for param, known in ALGOS[name].params.items():
        if known.required or draw(st.booleans()):
            found.append((param, draw(_value(param, known))))
    return Algo(name=name, params=tuple(found))


def _value(name: str, param: Param) -> st.SearchStrategy[str]:
    """A value that a parameter takes."""
    if param is TIME:
        day = "06" if "end" in name.lower() else "05"
        return st.integers(10, 23).map(lambda hour: f"202603{day}-{hour}:30:00")
    if param.must_be == SHARE.must_be:
        return st.decimals(Decimal("0.1"), Decimal("0.5"), places=2).map(str)
    if param.must_be == COUNT.must_be:
        return st.integers(1, 10**6).map(str)
    words = ("1", "0") if param is FLAG else param.must_be.removeprefix("one of ").split(", ")
    return st.sampled_from(words)


LEGS = st.builds(
    Leg, side=st.sampled_from(("BUY", "SELL")), ratio=st.integers(1, 100), contract=NUMBERED
)
USES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "plain": st.just({}),
    "algo": st.fixed_dictionaries({"algo": algos()}),
    "cash": st.fixed_dictionaries(
        {"cash_quantity": POSITIVE}, optional={"quantity": st.just(Decimal(0))}
    ),
    "combo": st.fixed_dictionaries(
        {
            "sec_type": st.just(COMBO),
            "legs": st.lists(LEGS, min_size=2, max_size=4).map(tuple),
        }
    ),
}
