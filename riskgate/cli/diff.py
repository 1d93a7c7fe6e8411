"""Show what differs in meaning between two sets of policies."""

from __future__ import annotations

import os
import sys

import click

from riskgate.authoring import comparing
from riskgate.calendars import ExchangeCalendars
from riskgate.cli.accepted import Word
from riskgate.cli.options import listed, say_problems
from riskgate.errors import FOUND, PolicyError
from riskgate.reporters import formats, reporter

WORDS = ("loosened", "tightened", "changed", "added", "removed", "any")


@click.command("diff")
@click.argument("old")
@click.argument("new", required=False)
@click.option(
    "--fail-on",
    multiple=True,
    metavar="WORD[,WORD]",
    callback=listed(WORDS),
    help=f"Exit with 1 if there is such a difference: {', '.join(WORDS)}.",
)
@click.option(
    "--format",
    "format_",
    type=Word(formats("differences")),
    default="text",
    show_default=True,
    help="How the result is written.",
)
def command(old: str, new: str | None, fail_on: tuple[str, ...], format_: str) -> int:
    """Tell how the policies NEW differ in meaning from OLD, limit by limit, and for whom.

    OLD and NEW are files, folders, or git revisions such as `HEAD:policies`. A bare revision means
    the other side's path there, and NEW is `policies` where it is not given: `riskgate diff HEAD`.

    `--fail-on loosened` fails on all that may let through an order that was stopped: also on rules
    that are gone, in shadow or off, on new ground for a policy, and where nobody can tell.
    Exit code 0, 1 for what `--fail-on` names, 2 if OLD or NEW is invalid.
    """
    try:
        apart = comparing.differences(old, new, ExchangeCalendars())
    except PolicyError as error:
        say_problems(error, format_)
        raise
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    click.echo(reporter(format_).differences(apart, color=color), nl=False, color=color)
    return FOUND if apart.matching(fail_on) else 0
