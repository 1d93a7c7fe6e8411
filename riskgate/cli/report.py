"""Make the report of a trading day: one HTML file, or Markdown or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from riskgate.cli.accepted import Word
from riskgate.cli.options import archive_of, journal_option, seen_so_far
from riskgate.cli.options import day as day_of
from riskgate.cli.options import zone as zone_of
from riskgate.cli.output import Output, by_ending, not_the_journal, placed
from riskgate.reporters import formats, reporter

FORMATS = Word(formats("daily"))
ENDINGS = {".html": "html", ".md": "markdown", ".json": "json"}


@click.command("report")
@journal_option
@click.option(
    "--day", callback=day_of, metavar="YYYY-MM-DD", help="Which day. [default: the last one]"
)
@click.option("--zone", metavar="NAME", callback=zone_of, help="Whose days. [default: UTC]")
@click.option("--strategy", "strategies", multiple=True, help="Only this; may be repeated.")
@click.option(
    "--format",
    "format_",
    type=FORMATS,
    help="How it is written. [default: as FILE ends, else html]",
)
@click.option(
    "-o", "--output", metavar="FILE", help="Where to. [default: report-DAY.html; - is stdout]"
)
def command(
    journal: str, day: date | None, zone: ZoneInfo, output: str | None, **chosen: Sequence[str]
) -> None:
    """Show what a day came to: limits, denials, slippage, fills, costs, worst orders.

    The HTML file asks no network. An order counts on the day of its decision, with all that became
    of it. A gate may be running. Exit code 0, 2 for a wrong word or a library that is missing, 7
    if the journal cannot be read.
    """
    from riskgate.journal.reported import last_day, source  # noqa: PLC0415  # after --help
    from riskgate.reporting.asked import Asked  # noqa: PLC0415  # same
    from riskgate.reporting.gather import day_report  # noqa: PLC0415  # same

    now, named = datetime.now(UTC), placed(Path(output)) if output else None
    format_ = str(chosen["format_"] or by_ending(named or Path(), {**ENDINGS, "": "html"}))
    with archive_of(journal) as archive, seen_so_far("events") as progress:
        which = day or last_day(archive, zone, now)
        asked = Asked(day=which, zone=zone, strategies=tuple(chosen["strategies"]))
        made_from = source(archive, journal, asked, now, progress)
        text = reporter(format_).daily(day_report(made_from, asked))
    ending = next(name for name, found in ENDINGS.items() if found == format_)
    to = Output(format_, placed(Path(output or f"report-{which.isoformat()}{ending}")))
    not_the_journal(to, journal)
    to.deliver([text])
    if to.file is not None:
        click.echo(f"wrote {to.file}", err=True)
