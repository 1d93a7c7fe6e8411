"""Check policy files: syntax, schema, references, calendars."""

from __future__ import annotations

import os
import sys

import click

from riskgate.authoring import policy_files
from riskgate.calendars import ExchangeCalendars
from riskgate.cli.accepted import Word
from riskgate.errors import INVALID
from riskgate.reporters import formats, reporter


@click.command("validate")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format",
    "format_",
    type=Word(formats("problems")),
    default="text",
    show_default=True,
    help="How the result is written.",
)
def command(paths: tuple[str, ...], format_: str) -> int:
    """Check the policy files in or below each PATH, and the shape of the policy tests beside them.

    Every problem of every file is reported, with file, line and column. Exit code 0 if there is
    none, 2 if there is any or if a path holds no policy file.
    """
    checked = policy_files.check(paths, ExchangeCalendars(), tests=True)
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    click.echo(reporter(format_).problems(checked, color=color), nl=False, color=color)
    return 0 if checked.valid else INVALID
