"""Decide every decision on record again, and compare."""

from __future__ import annotations

import click

from riskgate import policy_files
from riskgate.calendars import ExchangeCalendars
from riskgate.cli.options import default_journal, say_problems, seen_so_far
from riskgate.errors import PolicyError
from riskgate.journal.archive import open_for_reading
from riskgate.replaying import replay
from riskgate.reporters import formats, reporter

FORMATS = click.Choice(formats("replayed"))
FOUND = 1


@click.command("replay")
@click.argument("journal", default=default_journal, metavar="[JOURNAL]")
@click.option("--policies", multiple=True, metavar="PATH", help="Files or folders.")
@click.option("--format", "format_", type=FORMATS, default="text", show_default=True)
def command(journal: str, policies: tuple[str, ...], format_: str) -> int:
    """Make every decision in JOURNAL again, from its own record, and compare the whole of it.

    Nothing but the journal is needed: it holds the policies, and the market session of each
    decision. --policies names those of a journal that does not hold them; where they are others
    than those of a decision, the answer is a what-if: what they would have said instead, on the
    facts of then, and not what would have followed from that.

    Exit code 0 if all is identical, 1 if a decision comes out otherwise, 2 if policies are missing
    or invalid, 7 if the journal cannot be read.
    """
    try:
        named = policy_files.load(policies, ExchangeCalendars()) if policies else None
        with open_for_reading(journal) as archive, seen_so_far("events") as progress:
            found = replay(archive.read, named, progress)
    except PolicyError as error:
        say_problems(error, format_)
        raise
    click.echo(reporter(format_).replayed(found, journal), nl=False)
    return FOUND if found.different else 0
