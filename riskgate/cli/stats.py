"""Show how well orders were executed: slippage, shortfall, fill rates, times, fees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from riskgate.analytics import figures
from riskgate.analytics.breakdown import Breakdown
from riskgate.cli import options
from riskgate.cli.filters import Wanted, filter_options
from riskgate.cli.measuring import Grouping, grouping_options, measured, trades_option
from riskgate.cli.output import Output, not_the_journal, output_options
from riskgate.reporters.quality_lines import quality_page, sheet

if TYPE_CHECKING:
    from riskgate.analytics.tape import Tape


@click.command("stats")
@options.journal_option
@grouping_options
@filter_options
@trades_option
@output_options
def command(
    journal: str, output: Output, wanted: Wanted, market: Tape | None, grouping: Grouping
) -> None:
    """Sum up the orders on record; slippage and shortfall are positive for a cost.

    Without --by it is one page of all measures. csv, json, jsonl and parquet hold every figure in a
    row for each group, unrounded; docs/analytics.md has the formulas. Exit code 0, also if there is
    nothing to measure; 2 for a wrong option, 7 if the journal cannot be read.
    """
    not_the_journal(output, journal)
    found = _broken_down(journal, wanted, market, grouping)
    if output.for_people and not grouping.by:
        output.deliver(
            f"{line}\n" for quality in found.groups().values() for line in quality_page(quality)
        )
        return
    rows = figures.of_groups(found.groups(), grouping.by)
    if output.for_people and len(rows) > 1:
        rows = figures.with_whole(found)
    output.send(rows, sheet(rows, grouping.by))


def _broken_down(
    journal: str, wanted: Wanted, market: Tape | None, grouping: Grouping
) -> Breakdown:
    """The sums: with a progress bar where the orders are few, in several processes else."""
    from riskgate.journal import summing  # noqa: PLC0415  # it brings a database

    asked = summing.Asked(journal, wanted.filter(), grouping.by, grouping.zone, market)
    shares = summing.parts(asked, summing.processes())
    if len(shares) > 1:
        return summing.summed(asked, shares)
    found = Breakdown(grouping.by, grouping.zone)
    with measured(journal, wanted, market) as orders:
        for one in orders:
            found.add(one)
    return found
