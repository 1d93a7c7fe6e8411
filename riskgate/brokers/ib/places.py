"""Contracts as conditions and legs name them: `AAPL`, `ES.FUT@CME`, `#265598@SMART`.

Rule 1: a number is the broker's and needs nobody to find it; a name is one that was prepared.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import msgspec

from riskgate.errors import OrderError
from riskgate.model import order_line
from riskgate.model.codes import Code
from riskgate.model.instrument import DEFAULT_VENUE, Terms

NUMBERED: Final = re.compile(r"#(?P<number>[1-9][0-9]{0,9})(?:@(?P<venue>[A-Za-z0-9.]+))?")


class Place(msgspec.Struct, frozen=True):
    """A contract at a venue; an empty venue is the contract's own."""

    con_id: int
    venue: str


Finder = Callable[[Terms, int], Place]
"""Finds what terms name, or what has a number if that is not 0. Raises OrderError."""


def unknown_place(terms: Terms, number: int) -> Place:
    """The finder of who knows no contract: a number is one anyway; raise OrderError for a name."""
    if number:
        return Place(number, DEFAULT_VENUE)
    text = f"`{terms.symbol}`: the broker's contract is not known; prepare it first"
    raise OrderError(text, ((Code.UNKNOWN_INSTRUMENT, text),))


class Named(msgspec.Struct, frozen=True):
    """A contract as a text names it: by terms, or by number."""

    terms: Terms | None
    con_id: int
    venue: str


def read(text: str) -> Named:
    """What a text names. Raise OrderError if it names no contract."""
    numbered = NUMBERED.fullmatch(text)
    if numbered is not None:
        return Named(None, int(numbered["number"]), numbered["venue"] or "")
    if text.startswith("#"):
        reason = f"contract `{text}`: write `#`, the broker's number, and `@` with a venue"
        raise OrderError(reason, ((Code.BAD_ORDER, reason),))
    order = order_line.parse(f"BUY 1 {text} MKT DAY")
    return Named(order.terms, 0, order.exchange or "")


def find(text: str, finder: Finder | None) -> Place:
    """The place of a contract. Raise OrderError if it is not known."""
    named = read(text)
    if finder is None:
        return Place(named.con_id, named.venue)
    found = finder(named.terms or Terms(symbol="-"), named.con_id)
    return msgspec.structs.replace(found, venue=named.venue or found.venue)


def numbered(con_id: int, venue: str) -> str:
    """A contract by its number, as an order line writes it."""
    return f"#{con_id}@{venue}" if venue else f"#{con_id}"


def named(symbol: str, sec_type: str, venue: str) -> str:
    """A contract by its name, as an order line writes it."""
    name = f'"{symbol}"' if any(mark in symbol for mark in " .@") else symbol
    kind = f".{sec_type}" if sec_type else ""
    return f"{name}{kind}@{venue}" if venue else f"{name}{kind}"
