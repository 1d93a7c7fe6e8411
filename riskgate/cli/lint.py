"""Find what is legal but suspicious in policy files."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import click

from riskgate.authoring import linting
from riskgate.authoring.linting import Beside
from riskgate.calendars import ExchangeCalendars
from riskgate.cli.accepted import Word
from riskgate.cli.options import archive_of, moment
from riskgate.errors import FOUND, INVALID
from riskgate.journal.memory import MemoryJournal
from riskgate.policy.lint.catalog import page
from riskgate.reporters import formats, reporter

FORMATS = Word(formats("problems"))


def _explain(context: click.Context, _option: click.Parameter, code: str | None) -> None:
    if code is not None:
        click.echo(page(code), nl=False)
        context.exit()


ASIDE: Any = {"is_eager": True, "expose_value": False, "callback": _explain}


@click.command("lint")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--explain", metavar="CODE", **ASIDE, help="Print a finding's page and exit.")
@click.option("--format", "format_", type=FORMATS, default="text", help="How it is written.")
@click.option("--no-tests", is_flag=True, help="Leave policy tests out.")
@click.option("--journal", metavar="PATH", help="Compare with the decisions of this journal.")
@click.option("--now", metavar="TIME", callback=moment, help="The moment to judge waivers by.")
def command(
    paths: tuple[str, ...], format_: str, now: datetime, journal: str | None, *, no_tests: bool
) -> int:
    """Look for what is legal but suspicious in the policy files in or below each PATH.

    Policy tests beside them are played, to find limits that no test notices. --explain prints the
    page of one finding, such as RG312; `# riskgate: ignore[RG310] reason` in a policy silences one.

    Exit code 0 if nothing is suspicious, 1 if something is, 2 if a file is invalid.
    """
    player = None if no_tests else MemoryJournal
    with nullcontext() if journal is None else archive_of(journal) as archive:
        recorded = archive.read() if archive else None
        beside = Beside(now=now, journal=player, recorded=recorded)
        checked = linting.lint(paths, ExchangeCalendars(), beside)
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    click.echo(reporter(format_).problems(checked, color=color), nl=False, color=color)
    return INVALID if not checked.valid else FOUND if checked.problems else 0
