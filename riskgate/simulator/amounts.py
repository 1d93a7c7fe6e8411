"""Amounts that occur everywhere in the simulator, which shares nothing with riskgate."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

ZERO: Final = Decimal(0)
HUNDRED: Final = Decimal(100)
