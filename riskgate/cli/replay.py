"""Decide every decision on record again, and compare; or an order history, under policies."""

from __future__ import annotations

from typing import Any

import click

from riskgate.cli import replaying
from riskgate.cli.accepted import Whole
from riskgate.cli.filters import time
from riskgate.cli.options import default_journal, format_option, say_problems
from riskgate.errors import FOUND, PolicyError
from riskgate.replay.thresholds import Threshold
from riskgate.reporters import reporter


@click.command("replay")
@click.argument("what", required=False, metavar="[JOURNAL | ORDER]")
@click.option("--journal", metavar="PATH", help="The journal, where an order is named.")
@click.option("--policies", multiple=True, metavar="PATH", help="Files or folders.")
@click.option("--last", callback=time("since"), metavar="SPAN", help="Decisions since, as 30d.")
@click.option("--since", callback=time("since"), metavar="TIME", help="Decisions from then on.")
@click.option("--until", callback=time("until"), metavar="TIME", help="Decisions before that.")
@click.option("--history", metavar="FILE", help="An order history, .parquet or .csv, instead.")
@click.option("--positions", metavar="FILE", help="What accounts held before that, as CSV.")
@click.option("--zone", callback=replaying.zone_name, help="Whose days. [default: the policies']")
@click.option("--skip-bad", is_flag=True, help="Count rows that cannot be read, and go on.")
@click.option("--jobs", type=Whole(1), default=1, help="In so many processes.")
@click.option("--dask", metavar="ADDRESS", help="On the Dask cluster there.")
@click.option(
    "--fail-on",
    multiple=True,
    metavar="CONDITION",
    callback=replaying.conditions,
    help="Exit with 1 if it holds, such as loosened>0.",
)
@format_option("replayed")
def command(
    format_: str,
    policies: tuple[str, ...],
    fail_on: tuple[Threshold, ...],
    **given: Any,  # noqa: ANN401  # click
) -> int:
    """Make every decision in JOURNAL again, from its own record, and compare the whole of it.

    Nothing but the journal is needed. With --policies the answer is a what-if: what these would
    have said, on the facts of then. With --history they decide the orders of a file.

    Exit code 0 if all is identical, 1 if a decision of a journal differs, or, if it is given, if
    --fail-on "loosened>0" holds (docs/replay.md), 2 for invalid input, 7 for an unread journal.
    """
    try:
        if replaying.is_history(given):
            run = replaying.Run(*(given[name] for name in replaying.Run._fields))
            of_file = replaying.history(run, policies)
            click.echo(reporter(format_).replayed_history(of_file), nl=False)
            return replaying.failed(of_file.effects.counts, fail_on)
        path, chosen = replaying.meant(given, default_journal)
        found = replaying.journal(path, policies, chosen)
    except PolicyError as error:
        say_problems(error, format_)
        raise
    click.echo(reporter(format_).replayed(found, path), nl=False)
    if fail_on:
        return replaying.failed(found.counts, fail_on)
    return FOUND if found.different else 0
