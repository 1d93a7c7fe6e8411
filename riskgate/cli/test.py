"""Play policy tests: every case of every `*.test.yaml`."""

from __future__ import annotations

import os
import sys

import click

from riskgate import policy_tests
from riskgate.calendars import ExchangeCalendars
from riskgate.errors import PolicyError
from riskgate.journal.memory import MemoryJournal
from riskgate.policy.checked import Checked
from riskgate.policy.source import Problem
from riskgate.reporters import formats, reporter

FAILED = 1


@click.command("test")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format",
    "format_",
    type=click.Choice(formats("played")),
    default="text",
    show_default=True,
    help="How the result is written.",
)
def command(paths: tuple[str, ...], format_: str) -> int:
    """Play every case of the policy tests (`*.test.yaml`) in or below each PATH.

    A line for each failure says what was expected and what came, with what each rule measured.
    Exit code 0 if all pass, 1 if any fails, 2 if a file is invalid or a path holds no test.
    """
    try:
        run = policy_tests.run(paths, ExchangeCalendars(), MemoryJournal)
    except PolicyError as error:
        _report(error, format_)
        raise
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    click.echo(reporter(format_).played(run, color=color), nl=False, color=color)
    return 0 if run.passed else FAILED


def _report(error: PolicyError, format_: str) -> None:
    """What is wrong, in a format for programs too, so that they never read an empty file."""
    problems = tuple(item for item in error.problems if isinstance(item, Problem))
    if format_ != "text":
        files = tuple(dict.fromkeys(problem.path for problem in problems))
        click.echo(reporter(format_).problems(Checked(files, problems, None)), nl=False)
