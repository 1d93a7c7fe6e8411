"""Verify a journal, copy it, or export its events for an auditor."""

from __future__ import annotations

from pathlib import Path

import click

from riskgate.cli.options import default_journal, seen_so_far
from riskgate.errors import ConfigError
from riskgate.journal.archive import open_for_reading
from riskgate.journal.auditing import audit
from riskgate.journal.coding import Place
from riskgate.journal.copying import copy
from riskgate.journal.exporting import lines, write
from riskgate.reporters import formats, reporter

FORMATS = click.Choice(formats("audited"))
FOUND = 1


@click.group("audit")
def command() -> None:
    """Tell whether a journal is as it was written, or hand its events to an auditor."""


@command.command("verify")
@click.argument("journal", default=default_journal, metavar="[JOURNAL]")
@click.option("--expect", nargs=2, type=(int, str), metavar="SEQ HASH", help="An earlier head.")
@click.option("--format", "format_", type=FORMATS, default="text", show_default=True)
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
@click.argument("journal", default=default_journal, metavar="[JOURNAL]")
@click.option("--format", "format_", type=click.Choice(["json", "csv"]), default="json")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to.")
@click.option("--after", type=click.IntRange(0), default=0, metavar="SEQ", help="Only later ones.")
def export(journal: str, format_: str, output: Path | None, after: int) -> int:
    """Write every event with its hash: JSON lines, or CSV. docs/audit.md says how to verify them.

    Exit code 0, 7 if the journal cannot be read or is not whole; then FILE is left as it was.
    """
    if output is not None and output.resolve() == Path(journal).resolve():
        raise ConfigError(f"`{output}` is the journal itself; choose another path")
    with open_for_reading(journal) as archive:
        found = lines(archive.rows(after), format_)
        if output is not None:
            write(found, output)
            return 0
        for line in found:
            click.echo(line, nl=False)
    return 0


@command.command("copy")
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--journal", default=default_journal, metavar="PATH", help="The journal to copy.")
def copied(target: Path, journal: str) -> None:
    """Copy a journal, also one in use, into a new FILE that verifies like the journal itself.

    Exit code 0, 2 if FILE exists or cannot be written, 7 if the journal cannot be read.
    """
    copy(journal, target)
    head = audit(target)
    click.echo(reporter("text").audited(head, str(target)), nl=False)
