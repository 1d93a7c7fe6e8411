r"""What one field's text may be, and the value it stands for.

Rule 1: the empty text and IB's "unset" numbers are None; None is written as the empty text.
Rule 2: parsing raises ValueError with the reason only; the table knows the field's name.
Rule 3: a number is plain ASCII; no blanks, underscores, `nan` or absurd exponents.
Rule 4: an escaped text travels as plain ASCII: `\uXXXX` for all else and for the backslash itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from typing import TypeAlias

import msgspec

Scalar: TypeAlias = str | int | bool | Decimal | None
Value: TypeAlias = "Scalar | list[Record]"
Record: TypeAlias = dict[str, "Value"]

UNSET_INT = 2**31 - 1
UNSET_LONG = 2**63 - 1
UNSET_REAL = "1.7976931348623157E308"  # the spelling of the Java server
INFINITE = Decimal("Infinity")
UNSET_NUMBER = Decimal(UNSET_REAL)
MAX_ADJUSTED = 30  # the largest power of ten a number on this wire may have

_INTEGER = re.compile(r"-?[0-9]{1,19}")
_REAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_REAL_LENGTH = 60
REMEMBERED = 8192  # numbers whose reading or writing is not done again
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_NOT_PLAIN = re.compile(r"[^\x00-\x5b\x5d-\x7f]")


class Kind(msgspec.Struct, frozen=True):
    """How one sort of field is read and written."""

    name: str
    parse: Callable[[str], Scalar]
    show: Callable[[Value], str]


_NAMED = {INFINITE: "Infinite", UNSET_NUMBER: UNSET_REAL}


def _show(value: Value) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return _show_number(value)
    if isinstance(value, list):
        raise TypeError("a list cannot be one field")
    return str(value)


@lru_cache(REMEMBERED)
def _show_number(value: Decimal) -> str:
    return (_NAMED.get(value) or plain(value)) if value else "0"


def plain(value: Decimal) -> str:
    """The number without an exponent and without idle zeros: `100.00` is `100`."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _parse_text(text: str) -> Scalar:
    return text


def _parse_flag(text: str) -> Scalar:
    if text == "":
        return None
    if text in {"0", "1"}:
        return text == "1"
    raise ValueError("is neither `0` nor `1`")


def _parse_whole(text: str, bound: int) -> int | None:
    if text == "":
        return None
    if not _INTEGER.fullmatch(text):
        raise ValueError("is not a whole number")
    number = int(text)
    if not -bound - 1 <= number <= bound:
        raise ValueError(f"is outside {-bound - 1}..{bound}")
    return None if number == bound else number


@lru_cache(REMEMBERED)
def _parse_int(text: str) -> Scalar:
    return _parse_whole(text, UNSET_INT)


def _parse_long(text: str) -> Scalar:
    return _parse_whole(text, UNSET_LONG)


def _parse_key(text: str) -> Scalar:
    number = _parse_whole(text, UNSET_INT)
    if number is None:
        raise ValueError("is missing")
    return number


@lru_cache(REMEMBERED)
def _parse_real(text: str) -> Scalar:
    if text == "":
        return None
    if text == "Infinite":
        return INFINITE
    if len(text) > _REAL_LENGTH or not _REAL.fullmatch(text):
        raise ValueError("is not a number")
    number = Decimal(text)
    if number and abs(number.adjusted()) > MAX_ADJUSTED:
        if text.lower().replace("+", "") == UNSET_REAL.lower():
            return None
        raise ValueError("is out of range")
    return number


def _parse_whole_number(text: str) -> Scalar:
    number = _parse_real(text)
    if isinstance(number, Decimal) and number != number.to_integral_value():
        raise ValueError("is not a whole number")
    return number


def _show_whole_number(value: Value) -> str:
    whole = value.to_integral_value(ROUND_DOWN) if isinstance(value, Decimal) else value
    return _show(whole)


def _parse_escaped(text: str) -> Scalar:
    return _ESCAPED.sub(_unescape, text)


def _unescape(found: re.Match[str]) -> str:
    units = bytes.fromhex(found[0].replace("\\u", ""))
    try:
        return units.decode("utf-16-be")
    except UnicodeDecodeError:
        raise ValueError("holds half a character") from None


def _show_escaped(value: Value) -> str:
    return _NOT_PLAIN.sub(_escape, _show(value))


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


TEXT = Kind("text", _parse_text, _show)
FLAG = Kind("flag", _parse_flag, _show)
INT = Kind("integer", _parse_int, _show)
LONG = Kind("long integer", _parse_long, _show)
KEY = Kind("identifier", _parse_key, _show)
REAL = Kind("number", _parse_real, _show)
WHOLE = Kind("whole number", _parse_whole_number, _show_whole_number)  # sizes before version 163
ESCAPED = Kind("escaped text", _parse_escaped, _show_escaped)
