"""The same as `why`: explain the decisions on an order on record."""

from __future__ import annotations

from riskgate.cli.why import command

__all__ = ["command"]
