"""Limits in a report: how full they were, what they stopped, and what came near."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import Final

from riskgate.ledger.budgets import in_short
from riskgate.model.events import Decided
from riskgate.model.money import HUNDRED
from riskgate.model.words import counted
from riskgate.record.limit_figures import LimitsUsed, Outcome, Stopped
from riskgate.record.limit_figures import Series as Line
from riskgate.reporting.asked import Asked
from riskgate.reporting.columns import NUMBER, USED, titled
from riskgate.reporting.content import Chart, Column, Kind, Section, Series, Shape, Table
from riskgate.reporting.record import MOST_DENIED, Record

MOST_LINES: Final = 5
MOST_ROWS: Final = 15
MOST_BARS: Final = 12
NO_LIMIT: Final = "no order was allowed under a limit that is a number"


def limits_section(used: LimitsUsed, asked: Asked) -> Section:
    """How full limits were through the day."""
    lines = sorted(used.series, key=lambda one: (-one.peak.percent, _name(one)))
    return Section(
        id="limits",
        title="Limits used",
        lead="How full each limit was right after an order that left, that order included."
        + (
            f" {used.unexplained} decisions cannot be told: the journal does not hold their"
            " policies."
            if used.unexplained
            else ""
        ),
        charts=_lines(_one_each(lines)[:MOST_LINES], asked),
        tables=(_peaks(lines, asked),),
    )


def _one_each(lines: list[Line]) -> list[Line]:
    """Of each limit that adds up, its fullest budget."""
    found: dict[tuple[str, str], Line] = {}
    for one in lines:
        if one.counted:
            found.setdefault((one.rule, one.limit_name), one)
    return list(found.values())


def _lines(found: list[Line], asked: Asked) -> tuple[Chart, ...]:
    if not found:
        return ()
    top = found[0]
    words = f"The fullest is {_name(top)} with {_percent(top.peak.percent)} at"
    words = f"{words} {asked.local(top.peak.at):%H:%M:%S}"
    over = sum(one.peak.percent > HUNDRED for one in found)
    more = f"; {over} went over 100 %, which a rule that only warns or is a shadow allows"
    chart = Chart(
        id="limits-used",
        title="Limits that add up over the day, the fullest",
        shape=Shape.STEP,
        summary=f"{words}{more if over else ''}.",
        series=tuple(
            Series(
                _name(one),
                tuple(asked.local(point.at) for point in one.points),
                tuple(point.percent for point in one.points),
            )
            for one in found
        ),
        x=Column("time", Kind.TIME),
        y=USED,
        mark=HUNDRED,
        mark_text="limit",
    )
    return (chart,)


def _name(one: Line) -> str:
    """`us-equities/position max_long DU1 AAPL`: the rule, its limit, and whose it is."""
    return f"{one.rule} {one.limit_name} {in_short(one.budget)}"


def _percent(percent: Decimal) -> str:
    return f"{round(percent, 1)} %"


def _peaks(lines: list[Line], asked: Asked) -> Table:
    return Table(
        id="peaks",
        title=titled("Peaks of limits", len(lines), MOST_ROWS),
        columns=(
            Column("rule"),
            USED,
            Column("limit of"),
            Column("whose"),
            Column("order", NUMBER),
            Column("at", Kind.TIME),
            Column("observed", NUMBER),
            Column("limit", NUMBER),
            Column("unit"),
            Column("enforced"),
        ),
        rows=tuple(
            (
                one.rule,
                one.peak.percent,
                one.limit_name,
                in_short(one.budget),
                one.peak.order_id,
                asked.local(one.peak.at),
                _brief(one.peak.used),
                one.peak.limit,
                one.unit,
                "yes" if one.enforced else "no: shadow",
            )
            for one in lines[:MOST_ROWS]
        ),
        empty=NO_LIMIT,
        stories=4,
    )


def _brief(number: Decimal) -> Decimal:
    return round(number, 4) if number.is_finite() else number


def denials_section(used: LimitsUsed, record: Record, asked: Asked) -> Section:
    """What was stopped, by which rule, and what came near."""
    denied = used.total("deny").decisions
    return Section(
        id="denials",
        title="Denials",
        lead=f"{denied} of {used.total().decisions} decisions denied the order. One that several"
        " rules denied is counted with each.",
        charts=_bars(used),
        tables=(_stopped(used), _denied(record, asked, denied), _near(used, asked)),
    )


def _bars(used: LimitsUsed) -> tuple[Chart, ...]:
    found = [(name, _decisions(of_rule)) for name, of_rule in _by_rule(used, Outcome.DENIED)]
    found.sort(key=lambda one: (-one[1], one[0]))
    if not found:
        return ()
    name, most = found[0]
    often = "each once" if most == 1 else f"most often {name}: {most} times"
    chart = Chart(
        id="denied-by-rule",
        title="Denials by rule",
        shape=Shape.ROWS,
        summary=f"{len(found)} rules and built-in checks denied, {often}.",
        series=(
            Series(
                "denied",
                tuple(name for name, _ in found[:MOST_BARS]),
                tuple(Decimal(count) for _, count in found[:MOST_BARS]),
            ),
        ),
        x=Column("rule"),
        y=Column("decisions", NUMBER, places=0),
    )
    return (chart,)


def _by_rule(used: LimitsUsed, outcome: Outcome) -> list[tuple[str, list[Stopped]]]:
    found = sorted(used.of(outcome), key=lambda one: one.name)
    return [(name, list(these)) for name, these in groupby(found, lambda one: one.name)]


def _decisions(found: list[Stopped]) -> int:
    return sum(one.amounts.decisions for one in found)


def _stopped(used: LimitsUsed) -> Table:
    return Table(
        id="stopped",
        title="What rules and built-in checks said no to",
        columns=(
            Column("rule or check"),
            Column("it said"),
            Column("decisions", NUMBER),
            Column("units asked for", NUMBER),
            Column("worth at worst"),
        ),
        rows=tuple(
            (
                f"{one.rule} ({one.code})" if one.rule and one.code else one.name,
                str(one.outcome),
                one.amounts.decisions,
                one.amounts.quantity,
                _money(one),
            )
            for one in used.of(*Outcome)
        ),
        empty="nothing was denied, held or warned of",
    )


def _money(one: Stopped) -> str:
    known = [f"{round(worth):,} {name}" for name, worth in one.amounts.notional.items()]
    unknown = [f"{one.amounts.unvalued} not valued"] if one.amounts.unvalued else []
    return ", ".join((*known, *unknown))


def _denied(record: Record, asked: Asked, denied: int) -> Table:
    return Table(
        id="denied",
        title=titled("Denied orders", denied, MOST_DENIED),
        columns=(
            Column("order", NUMBER),
            Column("at", Kind.TIME),
            Column("order text"),
            Column("denied by"),
        ),
        rows=tuple(
            (one.order_id, asked.local(at), one.text, _by(one)) for at, one in record.denied
        ),
        empty="no order was denied",
        stories=0,
    )


def _by(decided: Decided) -> str:
    return ", ".join(decided.decision.by)


def _near(used: LimitsUsed, asked: Asked) -> Table:
    return Table(
        id="near",
        title=titled("Near misses", sum(one.amounts.decisions for one in used.nearly), MOST_ROWS),
        columns=(
            Column("order", NUMBER),
            Column("at", Kind.TIME),
            Column("rule"),
            Column("limit of"),
            Column("whose"),
            USED,
            Column("left", NUMBER, note="near"),
            Column("unit"),
            Column("limit", NUMBER),
        ),
        rows=tuple(
            (
                one.order_id,
                asked.local(one.at),
                one.rule,
                one.limit_name,
                in_short(one.budget),
                one.percent,
                _brief(one.headroom),
                one.unit,
                one.limit,
            )
            for one in used.near[:MOST_ROWS]
        ),
        empty=f"no order that left came within {used.extent.near:f} % of a limit",
        stories=0,
    )


def changes_section(record: Record, asked: Asked) -> Section:
    """Halts, kills, latches, policies and reconciles of the day."""
    table = Table(
        id="changes-of-state",
        title=titled("What changed what may be traded", record.changed, len(record.changes)),
        columns=(Column("at", Kind.TIME), Column("what"), Column("by"), Column("why")),
        rows=tuple((asked.local(one.at), one.what, one.by, one.why) for one in record.changes),
        empty="no halt, kill, latch or new policy",
    )
    reconciles = counted(record.reconciles, "reconcile")
    lead = f"{reconciles} with the broker, {record.unclean} with differences."
    return Section(id="changes", title="States", lead=lead, tables=(table,))
