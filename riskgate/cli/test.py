"""Play policy tests: every case of every `*.test.yaml`."""

from __future__ import annotations

import os
import sys

import click

from riskgate.authoring import coverage, mutation, policy_tests
from riskgate.authoring.policy_tests import Run
from riskgate.calendars import ExchangeCalendars
from riskgate.cli.accepted import Word
from riskgate.cli.options import say_problems
from riskgate.errors import PolicyError
from riskgate.journal.memory import MemoryJournal
from riskgate.reporters import formats, reporter

FORMATS = Word(formats("played"))


@click.command("test")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--coverage", "covers", is_flag=True, help="List what no case reaches.")
@click.option("--mutate", "mutates", is_flag=True, help="List limits whose nudge no case notices.")
@click.option(
    "--format",
    "format_",
    type=FORMATS,
    default="text",
    show_default=True,
    help="How it is written.",
)
def command(paths: tuple[str, ...], format_: str, *, covers: bool, mutates: bool) -> int:
    """Play every case of the policy tests (`*.test.yaml`) in or below each PATH.

    Each failure says what was expected and what came, with what each rule measured. --coverage
    lists what is never asked, passed or breached; --mutate nudges each limit by one step both ways.
    Exit code 0 if all is well, 1 if not, 2 if a file is invalid or a path holds no test.
    """
    calendars = ExchangeCalendars()
    try:
        tests = policy_tests.find(paths, calendars)
    except PolicyError as error:
        say_problems(error, format_)
        raise
    watched = coverage.watch(tests, calendars, MemoryJournal)
    surveys = [coverage.survey(watched)] if covers else []
    surveys += [mutation.survey(watched, calendars, MemoryJournal, _progress)] if mutates else []
    run = Run(cases=tuple(case.played for case in watched), surveys=tuple(surveys))
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    click.echo(reporter(format_).played(run, color=color), nl=False, color=color)
    return 0 if run.clean else 1


def _progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        click.echo(
            f"\r\x1b[K{done} of {of} nudges" if done < of else "\r\x1b[K", nl=False, err=True
        )
