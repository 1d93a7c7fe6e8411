"""The algos: what each may be told, and how it lets an order go to the market by and by. Pure.

Rule 1: an algo never invents a price; it only says how much of the order may trade by when.
Rule 2: slices are equal and evenly spaced. What a real algo does with them is not known here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import msgspec

from riskgate.simulator.book import LiveOrder
from riskgate.simulator.moments import moment

SLICES = 10
MOST_SLICES = 1_000  # smaller parts are put together
MOST = Decimal(1_000_000)
USUAL_LENGTH = timedelta(minutes=30)
CLOSING_LENGTH = timedelta(minutes=10)
CLIP_PAUSE = timedelta(seconds=10)
SMALLEST, LARGEST = Decimal("0.001"), Decimal("0.5")
_WINDOW = "startTime endTime allowPastEndTime"
_PERCENTS = frozenset({"maxPctVol", "pctVol", "startPctVol", "endPctVol", "maxPctVol4Px"})
PRIORITIES = {"Urgent": (1, 0), "Normal": (5, 10), "Patient": (10, 30)}  # slices, seconds apart


class Algo(msgspec.Struct, frozen=True):
    """One algo: the parameters it knows, those it needs, and how it paces."""

    pace: str
    known: frozenset[str]
    needed: frozenset[str] = frozenset()
    options_only: bool = False


def _algo(pace: str, known: str, needed: str = "", *, options_only: bool = False) -> Algo:
    return Algo(pace, frozenset(known.split()), frozenset(needed.split()), options_only)


ALGOS = {
    "Adaptive": _algo("priority", "adaptivePriority", "adaptivePriority"),
    "Twap": _algo("window", f"strategyType catchUp {_WINDOW}"),
    "Vwap": _algo("window", f"maxPctVol speedUp noTakeLiq {_WINDOW}"),
    "ArrivalPx": _algo("window", f"maxPctVol riskAversion forceCompletion {_WINDOW}"),
    "ClosePx": _algo("closing", "maxPctVol riskAversion startTime forceCompletion"),
    "DarkIce": _algo("clips", f"displaySize {_WINDOW}"),
    "PctVol": _algo("volume", f"pctVol noTakeLiq {_WINDOW}", "pctVol"),
    "PctVolPx": _algo(
        "volume", f"pctVol deltaPctVol minPctVol4Px maxPctVol4Px noTakeLiq {_WINDOW}", "pctVol"
    ),
    "PctVolSz": _algo("volume", f"startPctVol endPctVol noTakeLiq {_WINDOW}", "startPctVol"),
    "PctVolTm": _algo("volume", f"startPctVol endPctVol noTakeLiq {_WINDOW}", "startPctVol"),
    "AD": _algo(
        "components",
        "componentSize timeBetweenOrders randomizeTime20 randomizeSize55 giveUp catchUp "
        "waitForFill activeTimeStart activeTimeEnd startTime endTime",
        "componentSize timeBetweenOrders",
    ),
    "BalanceImpactRisk": _algo(
        "window", "maxPctVol riskAversion forceCompletion", options_only=True
    ),
    "MinImpact": _algo("window", "maxPctVol", options_only=True),
}


def fault(strategy: str, params: dict[str, str], sec_type: str) -> tuple[int, str] | None:
    """The code and text of what is wrong with an algo, None when nothing is."""
    algo = ALGOS.get(strategy)
    if algo is None or (algo.options_only and sec_type != "OPT"):
        return 439, "Order processing failed. Algorithm definition not found"
    unknown = [name for name in params if name not in algo.known]
    if unknown:
        return 443, f"Order processing failed. Unknown algo attribute:{unknown[0]}"
    missing = sorted(algo.needed - params.keys())
    if missing:
        return 441, f"Algo attributes validation failed:{missing[0]} is missing"
    wrong = [name for name, value in params.items() if not _is_good(name, value)]
    return (441, f"Algo attributes validation failed:{wrong[0]}") if wrong else None


def _is_good(name: str, value: str) -> bool:
    if name == "adaptivePriority":
        return value in PRIORITIES
    if name in _PERCENTS:
        return SMALLEST <= _number(value) <= LARGEST
    if name in {"componentSize", "timeBetweenOrders", "displaySize"}:
        return 0 < _number(value) <= MOST
    return True


def _number(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except ArithmeticError:
        return Decimal(-1)
    return found if found.is_finite() else Decimal(-1)


class Slice(msgspec.Struct, frozen=True):
    """From this moment on, so much of the order in all may have traded."""

    at: datetime
    total: Decimal


class Window(msgspec.Struct, frozen=True):
    """When an algo works; `ends` is None when it may go on."""

    starts: datetime
    ends: datetime | None


def window_of(order: LiveOrder, zone: str, now: datetime, closes: datetime | None) -> Window:
    """When the order's algo is to work: what it was told, else from now on."""
    params = order.asked.pairs("algoParams")
    starts = moment(params.get("startTime", ""), zone, now) or now
    ends = moment(params.get("endTime", ""), zone, now)
    if ALGOS[order.asked.text("algoStrategy")].pace == "closing" and "startTime" not in params:
        starts = now if closes is None else max(now, closes - CLOSING_LENGTH)
        ends = closes
    return Window(max(starts, now), ends)


def slices(order: LiveOrder, window: Window, now: datetime) -> tuple[Slice, ...]:
    """When how much may go; empty for an algo that follows the volume."""
    params = order.asked.pairs("algoParams")
    match ALGOS[order.asked.text("algoStrategy")].pace:
        case "priority":
            count, seconds = PRIORITIES[params["adaptivePriority"]]
            return _even(order, now, timedelta(seconds=seconds), count)
        case "window" | "closing":
            length = USUAL_LENGTH if window.ends is None else window.ends - window.starts
            return _even(order, window.starts, max(length, timedelta(0)) / SLICES, SLICES)
        case "clips":
            clip = _number(params.get("displaySize", "")) or order.terms.quantity
            return _clips(order, window.starts, CLIP_PAUSE, clip)
        case "components":
            pause = timedelta(seconds=float(_number(params["timeBetweenOrders"])))
            return _clips(order, window.starts, pause, _number(params["componentSize"]))
    return ()


def _even(order: LiveOrder, start: datetime, pause: timedelta, count: int) -> tuple[Slice, ...]:
    step = order.listing.size_step
    each = (order.terms.quantity / count / step).to_integral_value(ROUND_CEILING) * step
    return _clips(order, start, pause, each)


def _clips(order: LiveOrder, start: datetime, pause: timedelta, each: Decimal) -> tuple[Slice, ...]:
    quantity = order.terms.quantity
    if each <= 0 or each >= quantity:
        return (Slice(start, quantity),)
    each = max(each, quantity / MOST_SLICES)
    count = int((quantity / each).to_integral_value(ROUND_CEILING))
    return tuple(Slice(start + n * pause, min((n + 1) * each, quantity)) for n in range(count))


def by_volume(order: LiveOrder, volume: Decimal) -> Decimal:
    """How much may have traded after this volume in the market."""
    params = order.asked.pairs("algoParams")
    share = _number(params.get("pctVol") or params["startPctVol"])
    step = order.listing.size_step
    due = (volume * share / step).to_integral_value(ROUND_FLOOR) * step
    return min(due, order.terms.quantity)


def follows_volume(order: LiveOrder) -> bool:
    """True when its slices come with the trades of the market."""
    algo = ALGOS.get(order.asked.text("algoStrategy"))
    return algo is not None and algo.pace == "volume"


def may_go_on(order: LiveOrder) -> bool:
    """True when the rest may trade after the end time."""
    return order.asked.pairs("algoParams").get("allowPastEndTime") in {"1", "true"}
