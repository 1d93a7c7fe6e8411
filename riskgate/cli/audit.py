"""Verify a journal, copy it, or export its events for an auditor."""

from __future__ import annotations

from pathlib import Path

import click

from riskgate.cli.accepted import AnyPath, Whole, Word
from riskgate.cli.options import journal_named, journal_option, seen_so_far
from riskgate.cli.output import Output, not_the_journal, placed
from riskgate.errors import FOUND
from riskgate.journal.archive import open_for_reading
from riskgate.journal.auditing import audit
from riskgate.journal.coding import Place
from riskgate.journal.copying import copy
from riskgate.journal.exporting import lines
from riskgate.reporters import formats, reporter

FORMATS = Word(formats("audited"))
HEAD = (Whole(0), str)


@click.group("audit")
def command() -> None:
    """Tell whether a journal is as it was written, or hand its events to an auditor."""


@command.command("verify")
@journal_named
@click.option("--expect", nargs=2, type=HEAD, metavar="SEQ HASH", help="An earlier head.")
@click.option(
    "--format",
    "format_",
    type=FORMATS,
    default="text",
    show_default=True,
    help="How it is written.",
)
def verify(journal: str, expect: tuple[int, str] | None, format_: str) -> int:
    """Find any event that was changed, removed, inserted or swapped, and any damage to the file.

    The chain of hashes, the tables of orders and executions against what the events come to, and
    the file itself are looked at. --expect is the head that an earlier audit told: only with it is
    it found that whole turns were cut off at the end. Exit code 0 if all is well, 1 if there is a
    fault, 7 if the journal cannot be reached.
    """
    with seen_so_far("events") as progress:
        found = audit(journal, progress, Place(*expect) if expect else None)
    click.echo(reporter(format_).audited(found, journal), nl=False)
    return FOUND if found.faults else 0


@command.command("export")
@journal_named
@click.option(
    "--format", "format_", type=Word(["json", "csv"]), default="json", help="How it is written."
)
@click.option("-o", "--output", type=AnyPath(), metavar="FILE", help="Where to.")
@click.option("--after", type=Whole(0), default=0, metavar="SEQ", help="Only later ones.")
def export(journal: str, format_: str, output: Path | None, after: int) -> int:
    """Write every event with its hash: JSON lines, or CSV. docs/audit.md says how to verify them.

    Exit code 0, 7 if the journal cannot be read or is not whole; then FILE is left as it was.
    """
    to = Output(format_, placed(output))
    not_the_journal(to, journal)
    with open_for_reading(journal) as archive:
        to.deliver(lines(archive.rows(after), format_))
    return 0


@command.command("copy")
@click.argument("target", metavar="FILE", type=AnyPath())
@journal_option
def copied(target: Path, journal: str) -> None:
    """Copy a journal, also one in use, into a new FILE that verifies like the journal itself.

    Exit code 0, 2 if FILE exists or cannot be written, 7 if the journal cannot be read.
    """
    copy(journal, target)
    head = audit(target)
    click.echo(reporter("text").audited(head, str(target)), nl=False)
