"""The structured words of an order line: an algo, legs, an adjustment, conditions.

    algo="Vwap maxPctVol=0.1 startTime=20260305-14:30:00"
    legs="BUY 1 #265598@SMART, SELL 1 #76792991@SMART"
    adjusts="at 195 to TRAIL 2% from 190"
    conditions="price AAPL >= 190.5 last & time >= 2026-03-05T15:00:00-05:00 | margin <= 30"

Rule 1: reading raises `Unread` with what is expected; whether it makes sense is said in `terms`.
Rule 2: what is written reads back as the same; whatever is of its types can be written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.model.instructions import (
    Adjustment,
    Algo,
    Condition,
    ConditionKind,
    Leg,
    TriggerMethod,
)
from riskgate.model.money import canonical, text

NUMBER: Final = re.compile(r"[-+]?\d+(_\d+)*(\.\d+)?|[-+]?\.\d+", re.ASCII)
OF_NO_CONTRACT: Final = frozenset({ConditionKind.TIME, ConditionKind.MARGIN})
TARGETS: Final[Mapping[str, tuple[str, ...]]] = {
    "STP": ("stop_price",),
    "STP_LMT": ("stop_price", "limit_price"),
    "TRAIL": ("trail",),
    "TRAIL_LMT": ("trail", "limit_price"),
}
"""What a stop may become, and the prices that are written after it."""
AUCTIONS: Final[Mapping[str, str]] = {"MOO": "MKT OPG", "LOO": "LMT PRICE OPG"}
"""Types that others have for the opening auction, and how they are written here."""
SIDES: Final = ("BUY", "SELL")
MOST_DIGITS: Final = 10


class Unread(ValueError):  # noqa: N818  # it is no error of the program
    """Words that say nothing; its text says what they should be."""


def number(word: str) -> Decimal | None:
    """The plain decimal number that `word` writes, or None."""
    return canonical(Decimal(word.replace("_", ""))) if NUMBER.fullmatch(word) else None


def moment(word: str) -> datetime | None:
    """The time with an offset that `word` writes, or None."""
    try:
        found = datetime.fromisoformat(word)
    except ValueError:
        return None
    return None if found.tzinfo is None else found


def read_algo(words: str) -> Algo:
    """`NAME [PARAMETER=VALUE ...]`; a value may hold blanks."""
    name, *rest = words.split() or [""]
    pairs: list[tuple[str, str]] = []
    for word in rest:
        param, equals, value = word.partition("=")
        if equals:
            pairs.append((param, value))
        elif pairs:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {word}")
        else:
            raise Unread(f"algo takes parameter=value after its name; found `{word}`")
    if not name or "=" in name:
        raise Unread(f"write an algo as `Vwap maxPctVol=0.1`; found `{words}`")
    return Algo(name=name, params=tuple(pairs))


def written_algo(algo: Algo) -> str:
    """The words that read back as this algo."""
    return " ".join([algo.name, *(f"{name}={value}" for name, value in algo.params)])


def read_legs(words: str) -> tuple[Leg, ...]:
    """`SIDE RATIO CONTRACT, ...`."""
    return tuple(_leg(part) for part in words.split(","))


def _leg(part: str) -> Leg:
    match part.split():
        case [side, ratio, contract] if side.upper() in SIDES and _is_whole(ratio):
            return Leg(side=side.upper(), ratio=int(ratio), contract=contract.upper())
    found = part.strip()
    raise Unread(f"write a leg as `BUY 1 #265598@SMART`, legs apart by a comma; found `{found}`")


def _is_whole(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= MOST_DIGITS


def written_legs(legs: Sequence[Leg]) -> str:
    """The words that read back as these legs."""
    return ", ".join(f"{leg.side} {leg.ratio} {leg.contract}" for leg in legs)


def read_adjustment(words: str) -> Adjustment:
    """`at PRICE to TYPE [PRICE ...] [from STOP]`."""
    tokens = words.split()
    match [token.lower() for token in tokens]:
        case ["at", at, "to", name, *_] if name.upper() in TARGETS:
            prices = _target(name.upper(), tokens[4:], words)
            return Adjustment(trigger_price=_number(at, words), order_type=name.upper(), **prices)
    known = ", ".join(TARGETS)
    raise Unread(f"write an adjustment as `at 195 to TRAIL 2%`, to one of {known}; found `{words}`")


def _target(kind: str, tokens: list[str], words: str) -> dict[str, Decimal]:
    """The prices after the type that a stop becomes."""
    found: dict[str, Decimal] = {}
    if len(tokens) >= len(("from", "STOP")) and tokens[-2].lower() == "from":
        found["stop_price"] = _number(tokens.pop(), words)
        tokens.pop()
    names = TARGETS[kind]
    if len(tokens) != len(names) or ("stop_price" in found and "stop_price" in names):
        needs = " and ".join(names).replace("trail", "an amount or percent")
        raise Unread(f"an adjustment to {kind} takes {needs} after it; found `{words}`")
    for name, token in zip(names, tokens, strict=True):
        if name == "trail" and token.endswith("%"):
            found["trail_percent"] = _number(token[:-1], words)
        else:
            found["trail_amount" if name == "trail" else name] = _number(token, words)
    return found


def _number(word: str, words: str) -> Decimal:
    found = number(word)
    if found is None:
        raise Unread(f"`{word}` is no plain number in `{words}`")
    return found


def written_adjustment(adjusts: Adjustment) -> str:
    """The words that read back as this adjustment."""
    words = ["at", text(adjusts.trigger_price), "to", adjusts.order_type]
    names = TARGETS.get(adjusts.order_type, ())
    if adjusts.trail_amount is not None:
        words.append(text(adjusts.trail_amount))
    if adjusts.trail_percent is not None:
        words.append(f"{text(adjusts.trail_percent)}%")
    if adjusts.stop_price is not None and "stop_price" in names:
        words.append(text(adjusts.stop_price))
    if adjusts.limit_price is not None:
        words.append(text(adjusts.limit_price))
    if adjusts.stop_price is not None and "stop_price" not in names:
        words += ["from", text(adjusts.stop_price)]
    return " ".join(words)


def read_conditions(words: str) -> tuple[Condition, ...]:
    """`CONDITION [& or | CONDITION ...]`."""
    found: list[Condition] = []
    tokens: list[str] = []
    for word in [*words.split(), "&"]:
        if word in ("&", "|"):
            found.append(_condition(tokens, also=word == "&"))
            tokens = []
        else:
            tokens.append(word)
    return tuple(found)


def _condition(tokens: list[str], *, also: bool) -> Condition:
    found = " ".join(tokens)
    kind = tokens[0].lower() if tokens else ""
    reader = _CONDITIONS.get(kind)
    if reader is None:
        known = ", ".join(_CONDITIONS)
        raise Unread(f"a condition is one of {known}, joined by & or |; found `{found}`")
    condition = reader(ConditionKind(kind), tokens[1:])
    if condition is None:
        raise Unread(f"write a condition as `{_EXAMPLES[kind]}`; found `{found}`")
    return msgspec.structs.replace(condition, also=also)


def _of_a_level(kind: ConditionKind, words: list[str]) -> Condition | None:
    """`[CONTRACT] >= LEVEL [METHOD]`."""
    contract = words.pop(0) if kind not in OF_NO_CONTRACT and words else ""
    method = words.pop().lower() if kind is ConditionKind.PRICE and len(words) > _BARE else ""
    level = number(words[-1]) if len(words) == _BARE else None
    rises = _RISES.get(words[0]) if words else None
    if level is None or rises is None or (method and method not in list(TriggerMethod)):
        return None
    return Condition(
        kind=kind,
        contract=contract.upper(),
        level=level,
        rises=rises,
        method=TriggerMethod(method) if method else TriggerMethod.DEFAULT,
    )


def _of_time(kind: ConditionKind, words: list[str]) -> Condition | None:
    """`>= MOMENT`."""
    at = moment(words[-1]) if len(words) == _BARE else None
    rises = _RISES.get(words[0]) if words else None
    return None if at is None or rises is None else Condition(kind=kind, at=at, rises=rises)


def _of_execution(kind: ConditionKind, words: list[str]) -> Condition | None:
    """`CONTRACT`."""
    return Condition(kind=kind, contract=words[0].upper()) if len(words) == 1 else None


_BARE: Final = 2  # words of `>= 30`
_RISES: Final = {">=": True, "<=": False}
_CONDITIONS: Final[Mapping[str, Callable[[ConditionKind, list[str]], Condition | None]]] = {
    **dict.fromkeys(ConditionKind, _of_a_level),
    ConditionKind.TIME: _of_time,
    ConditionKind.EXECUTION: _of_execution,
}
_EXAMPLES: Final[Mapping[str, str]] = {
    ConditionKind.PRICE: "price AAPL >= 190.5 last",
    ConditionKind.TIME: "time >= 2026-03-05T15:00:00-05:00",
    ConditionKind.MARGIN: "margin <= 30",
    ConditionKind.EXECUTION: "execution AAPL.STK@SMART",
    ConditionKind.VOLUME: "volume AAPL >= 1000000",
    ConditionKind.CHANGE: "change AAPL <= -5",
}


def written_conditions(conditions: Sequence[Condition]) -> str:
    """The words that read back as these conditions."""
    words: list[str] = []
    for condition in conditions:
        words += [*_written(condition), "&" if condition.also else "|"]
    return " ".join(words[:-1])


def _written(condition: Condition) -> list[str]:
    words = [condition.kind.value, *([condition.contract] if condition.contract else [])]
    if condition.kind is ConditionKind.EXECUTION:
        return words
    words.append(">=" if condition.rises else "<=")
    if condition.at is not None:
        words.append(condition.at.isoformat())
    if condition.level is not None:
        words.append(text(condition.level))
    if condition.method is not TriggerMethod.DEFAULT:
        words.append(condition.method.value)
    return words


READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "algo": read_algo,
    "legs": read_legs,
    "adjusts": read_adjustment,
    "conditions": read_conditions,
}
WRITERS: Final[Mapping[str, Callable[..., str]]] = {
    "algo": written_algo,
    "legs": written_legs,
    "adjusts": written_adjustment,
    "conditions": written_conditions,
}
