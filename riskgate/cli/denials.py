"""Show what limits stopped, what came near them, and how full they got."""

from __future__ import annotations

from typing import Any

import click

from riskgate.cli import filters, options
from riskgate.cli.output import Output, not_the_journal, output_options, progress

BY = ("account", "strategy", "symbol", "hour", "day")


@click.command("denials")
@options.journal_option
@click.option("--since", callback=filters.time("since"), metavar="TIME", help="From then on.")
@click.option("--until", callback=filters.time("until"), metavar="TIME", help="Before that.")
@click.option(
    "--by",
    multiple=True,
    callback=options.listed(BY),
    metavar="WHAT",
    help=f"A row for each {', '.join(BY)}; several with commas.",
)
@click.option("--near", "what", flag_value="near", help="Orders that left less than a tenth.")
@click.option("--peaks", "what", flag_value="peaks", help="How full each budget was at its peak.")
@output_options
def command(
    journal: str,
    by: tuple[str, ...],
    what: str | None,
    output: Output,
    **period: Any,  # noqa: ANN401  # click
) -> None:
    """Count the orders that each rule denied, held or warned of, or would have as a shadow.

    An order that several rules stopped is counted with each; modifies and approvals are decisions
    too. --near lists orders that passed and left less than 10 % of a limit, --peaks the fullest
    moment of each budget, right after an order that left. Exit code 0, 2 for a wrong option, 7 if
    the journal cannot be read.
    """
    from riskgate.record.limit_figures import Extent, Group  # noqa: PLC0415  # they compile policies
    from riskgate.record.limits_used import limits_used  # noqa: PLC0415  # same
    from riskgate.reporters import limit_sheets as sheets  # noqa: PLC0415  # same

    not_the_journal(output, journal)
    extent = Extent(by=tuple(Group(one) for one in dict.fromkeys(by)), **period)
    with options.archive_of(journal) as archive, progress("events") as counted:
        found = limits_used(lambda after: counted(archive.read(after)), extent)
    rows, sheet = sheets.told(found, what or "")
    if not rows:
        click.echo("nothing such is on record", err=True)
    if what and found.unexplained:
        said = f"{found.unexplained:,} decisions were made under policies that are not on record"
        click.echo(f"not everything can be told: {said}", err=True)
    output.send(rows, sheet)
