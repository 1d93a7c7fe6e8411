"""What limits stopped, what came near them, and how full they got, as rows of tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from riskgate.ledger.budgets import in_short
from riskgate.model.money import grouped
from riskgate.model.rows import Kind
from riskgate.record.limit_figures import LimitsUsed, Near, Point
from riskgate.reporters.columns import Column, Sheet
from riskgate.reporters.sheets import moment
from riskgate.reporters.use_tables import brief, share

Row = dict[str, Any]
KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(("used", "limit", "headroom", "percent"), "decimal"),
    **dict.fromkeys(("order_id", "seq", "decisions"), "whole"),
    **dict.fromkeys(("enforced", "floor"), "flag"),
    "at": "moment",
}
OF_SERIES: Final = (
    *("rule", "kind", "limit_name", "budget", "unit"),
    *("floor", "enforced", "decisions"),
)
AMOUNTS: Final[Mapping[str, Kind]] = {
    "decisions": "whole",
    "quantity": "decimal",
    "notional": "text",
    "unvalued": "whole",
}
COUNTED: Final = (
    Column("decisions", "count"),
    Column("quantity", "quantity", 3, how=grouped),
    Column("notional", "notional", 2, 12),
)
LEAST: Final = {"strategy": 8, "symbol": 6}  # all five groups fit into 80 columns
STOPPED: Final = (
    Column("outcome", "outcome"),
    Column("rule", "rule", 0, 13),
    Column("code", "code", 1),
    *COUNTED,
)
NEAR: Final = Sheet(
    (
        Column("at", "time (UTC)", how=moment),
        Column("order_id", "order"),
        Column("percent", "full", how=share),
        Column("rule", "rule", 0, 16),
        Column("limit_name", "limit", 3),
        Column("used", "used", how=brief),
        Column("limit", "of", how=grouped),
        Column("unit", "unit", 4),
        Column("budget", "whose", 2, 24, how=in_short),
    ),
    {name: KINDS.get(name, "text") for name in Near.__struct_fields__},
)
PEAKS: Final = Sheet(
    (
        Column("percent", "full", how=share),
        Column("at", "at (UTC)", 2, how=moment),
        Column("rule", "rule", 0, 16),
        Column("limit_name", "limit", 3),
        Column("used", "used", how=brief),
        Column("limit", "of", how=grouped),
        Column("unit", "unit", 4),
        Column("decisions", "orders", 5),
        Column("budget", "whose", 1, 24, how=in_short),
    ),
    {name: KINDS.get(name, "text") for name in (*OF_SERIES, *Point.__struct_fields__)},
)


def told(of: LimitsUsed, what: str) -> tuple[list[Row], Sheet]:
    """The rows of near misses (`near`), of peaks (`peaks`), or of what was stopped."""
    if what == "near":
        return list(near_rows(of)), NEAR
    if what == "peaks":
        return list(peak_rows(of)), PEAKS
    return list(stopped_rows(of)), stopped_sheet(of)


def stopped_sheet(of: LimitsUsed) -> Sheet:
    """The columns of what was stopped: those of the groups come first."""
    names = [str(name) for name in of.extent.by]
    groups: dict[str, Kind] = dict.fromkeys(names, "text")
    told: dict[str, Kind] = {**groups, "outcome": "text", "rule": "text", "code": "text"}
    given = (Column(name, name, 0, LEAST.get(name, 0)) for name in names)
    return Sheet((*given, *STOPPED), {**told, **AMOUNTS})


def stopped_rows(of: LimitsUsed) -> Iterator[Row]:
    """A row for each group, outcome, rule and code, the most orders first."""
    names = [str(name) for name in of.extent.by]
    found = sorted(of.stopped, key=lambda one: (one.group, -one.amounts.decisions, one.name))
    for one in found:
        amounts = one.amounts
        worth = ", ".join(f"{grouped(value)} {name}" for name, value in amounts.notional.items())
        yield {
            **dict(zip(names, one.group, strict=True)),
            "outcome": str(one.outcome),
            "rule": one.rule,
            "code": str(one.code),
            "decisions": amounts.decisions,
            "quantity": amounts.quantity,
            "notional": worth,
            "unvalued": amounts.unvalued,
        }


def near_rows(of: LimitsUsed) -> Iterator[Row]:
    """A row for each near miss, the nearest first."""
    for one in of.near:
        yield {name: getattr(one, name) for name in NEAR.fields}


def peak_rows(of: LimitsUsed) -> Iterator[Row]:
    """A row for each budget of each limit with its fullest moment, the fullest first."""
    for one in sorted(of.series, key=lambda one: -one.peak.percent):
        if one.counted:
            yield {
                **{name: getattr(one, name) for name in OF_SERIES},
                **msgspec.structs.asdict(one.peak),
            }
