"""Explain an order on record: the same as `why`."""

from __future__ import annotations

from copy import copy

from riskgate.cli.why import command as why

command = copy(why)
command.name = "explain"
