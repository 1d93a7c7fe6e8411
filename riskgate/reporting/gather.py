"""The report of one day, gathered: the one place where record and measures come together.

Rule 1: nothing is read but what is handed in: events, facts, and where they came from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.quality import ExecutionQuality
from riskgate.analytics.shortfall import PARTS
from riskgate.model.words import counted
from riskgate.record.limit_figures import LimitsUsed
from riskgate.record.recorded_policies import Read
from riskgate.reporting.asked import Asked
from riskgate.reporting.columns import main_currency, percent
from riskgate.reporting.content import DayReport, Figure, Origin, Section
from riskgate.reporting.cost_sections import costs_section, worst_section
from riskgate.reporting.executed import Executed
from riskgate.reporting.group_sections import rates_section
from riskgate.reporting.limit_sections import changes_section, denials_section, limits_section
from riskgate.reporting.notes import NOTES
from riskgate.reporting.record import Record
from riskgate.reporting.slippage_sections import slippage_section, times_section
from riskgate.reporting.stories import stories

NOTHING: Final = "Nothing was decided, sent or filled on this day."
Facts = Callable[[], Iterable[OrderFacts]]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a report is made from. `head` is asked once all events were read."""

    journal: str
    read: Read
    facts: Facts
    head: Callable[[], str]
    made_at: datetime
    made_by: str


def day_report(source: Source, asked: Asked) -> DayReport:
    """Gather the report of a day."""
    record = Record(source.read, asked)
    for event in source.read(0):
        record.take(event)
    head = source.head()
    executed = Executed(asked)
    executed.take(source.facts())
    used, quality = record.limits(), executed.quality
    nothing = not used.total().decisions and not quality.counts.orders
    empty = nothing and not record.changed
    return DayReport(
        day=asked.day,
        zone=asked.zone.key,
        only=asked.strategies,
        origin=_origin(source, record, head),
        headline=NOTHING if nothing else _headline(used, quality),
        figures=() if nothing else tuple(_figures(record, used, quality)),
        sections=() if empty else tuple(_sections(record, used, executed, asked)),
        stories=tuple(stories(source.read, record, executed, used)),
        notes=() if nothing else NOTES,
    )


def _sections(
    record: Record, used: LimitsUsed, executed: Executed, asked: Asked
) -> Iterator[Section]:
    """All parts, or only what changed where nothing else happened."""
    if used.total().decisions or executed.quality.counts.orders:
        yield limits_section(used, asked)
        yield denials_section(used, record, asked)
        yield slippage_section(executed)
        yield times_section(executed)
        yield rates_section(executed)
        yield costs_section(executed)
        yield worst_section(executed.worst(), asked)
    yield changes_section(record, asked)


def _origin(source: Source, record: Record, head: str) -> Origin:
    return Origin(
        journal=source.journal,
        events=record.events,
        seq=record.seq,
        head=head,
        made_at=source.made_at,
        made_by=source.made_by,
        engines=tuple(sorted(record.engines)),
        policies=record.policies,
    )


def _headline(used: LimitsUsed, of: ExecutionQuality) -> str:
    """The day in a few sentences."""
    words = {"allow": "allowed", "warn": "allowed with a warning", "hold": "held", "deny": "denied"}
    found = {name: used.total(action).decisions for action, name in words.items()}
    said = ", ".join(f"{count} {name}" for name, count in found.items() if count)
    counts = of.counts
    money = _monies(of.notional)
    return (
        f"{_many(used.total().decisions, 'decision')}: {said or 'none'}."
        f" {_many(counts.orders, 'order')}, of which {counts.sent} left for the broker and"
        f" {counts.filled} filled whole{f'; {money} traded' if money else ''}."
    )


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _monies(found: Mapping[str, Decimal]) -> str:
    return ", ".join(f"{round(amount):,} {name}" for name, amount in found.items())


def _figures(record: Record, used: LimitsUsed, of: ExecutionQuality) -> Iterator[Figure]:
    counts, total = of.counts, used.total()
    held, denied = used.total("hold").decisions, used.total("deny").decisions
    yield Figure(
        label="Decisions",
        value=total.decisions,
        places=0,
        more=f"{denied} denied, {held} held",
    )
    yield Figure(
        label="Orders",
        value=counts.orders,
        places=0,
        more=f"{counts.sent} sent, {counts.filled} filled, {counts.cancelled} cancelled,"
        f" {counts.rejected} rejected, {counts.working} working",
        note="day",
    )
    yield Figure(
        label="Fills",
        value=of.fills.executions,
        places=0,
        more=f"{of.fills.filled:,f} of {of.fills.asked:,f} units",
    )
    yield Figure(
        label="Filled of what was sent",
        value=percent(of.fills.by_quantity),
        unit="%",
        places=1,
        more=_of_orders(of),
        note="rates",
    )
    yield from _money(of)
    nearly = sum(one.amounts.decisions for one in used.nearly)
    yield Figure(
        label="Near misses",
        value=nearly,
        places=0,
        more=f"less than {used.extent.near:f} % of a limit left, each limit counted",
        note="near",
    )
    yield Figure(
        label="State changes",
        value=record.changed,
        places=0,
        more=f"{counted(record.reconciles, 'reconcile')}, {record.unclean} with differences",
    )


def _of_orders(of: ExecutionQuality) -> str:
    whole = percent(of.fills.by_count)
    return "" if whole is None else f"{round(whole, 1)} % of orders whole"


def _money(of: ExecutionQuality) -> Iterator[Figure]:
    """What is in money, of the currency with the most trade; others stand beside it."""
    main = main_currency(of)
    others = {name: amount for name, amount in of.notional.items() if name != main}
    yield Figure(
        label="Traded",
        value=of.notional.get(main),
        unit=main,
        places=2,
        more=f"and {_monies(others)}" if others else "",
        note="notional",
    )
    yield Figure(
        label="Mean slippage",
        value=of.decision.mean_bps,
        unit="bp",
        places=2,
        more=f"of {_many(of.decision.orders, 'order')}; weighted by value"
        f" {_shown(of.decision.bps.get(main))} bp"
        if of.decision.orders
        else "",
        note="slippage",
    )
    lost = of.shortfall.get(main)
    yield Figure(
        label="Shortfall",
        value=None if lost is None else lost.total,
        unit=main,
        places=2,
        more=""
        if lost is None
        else ", ".join(f"{part} {_shown(getattr(lost, part))}" for part in PARTS),
        note="shortfall",
    )
    fees = of.fees.get(main)
    yield Figure(
        label="Fees",
        value=None if fees is None else fees.amount,
        unit=main,
        places=2,
        more=f"{counted(of.uncharged, 'fill')} not charged yet" if of.uncharged else "",
        note="fees",
    )


def _shown(amount: Decimal | None) -> str:
    return "?" if amount is None else f"{round(amount, 2):,f}"
