"""Columns that several parts of a report have, and the currency that its charts are in."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from riskgate.analytics.quality import ExecutionQuality
from riskgate.model.money import HUNDRED
from riskgate.reporting.content import Column, Kind

NUMBER: Final = Kind.NUMBER
USED: Final = Column("used", NUMBER, "%", 1, "used")
BPS: Final = Column("slippage", NUMBER, "bp", 2, "slippage")


def main_currency(quality: ExecutionQuality) -> str:
    """The currency in which most was traded; empty where nothing was."""
    found = quality.notional
    return max(found, key=lambda name: (found[name], name), default="")


def percent(share: Decimal | None) -> Decimal | None:
    """A share of one in percent."""
    return None if share is None else share * HUNDRED


def titled(title: str, found: int, shown: int) -> str:
    """A title that says so where not all is shown."""
    return title if found <= shown else f"{title}: {shown} of {found}"
