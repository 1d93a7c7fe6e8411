"""List every armed limit, what it maps to, and what no limit covers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from riskgate import policy_files
from riskgate.calendars import ExchangeCalendars
from riskgate.errors import PolicyError
from riskgate.policy.cases import Case, read_tests
from riskgate.policy.controls import inventory
from riskgate.reporters import formats, reporter

NO_TESTS = "RG022"


@click.command("controls")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format",
    "format_",
    type=click.Choice(formats("controls")),
    default="text",
    show_default=True,
    help="How the result is written.",
)
def command(paths: tuple[str, ...], format_: str) -> None:
    """List the limits of the policies in or below each PATH: who, what, how much, why, and what
    they map to in 15c3-5, RTS 6 and FIA's guide; then the controls that no armed limit covers.

    A limit is tested by the cases whose `by` names its rule; `riskgate test --mutate` says more.
    """  # noqa: D205  # click shows the docstring: this is one sentence
    policies = policy_files.load(paths, ExchangeCalendars())
    found = inventory(policies, _cases(paths), datetime.now(UTC))
    click.echo(reporter(format_).controls(found), nl=False)


def _cases(paths: tuple[str, ...]) -> Iterator[Case]:
    """The policy tests below the paths; for a file, those in its folder."""
    folders = {path if Path(path).is_dir() else str(Path(path).parent) for path in paths}
    documents, problems = policy_files.tests(sorted(folders))
    wrong = [problem for problem in problems if problem.code != NO_TESTS]
    for document in documents:
        file, faults = read_tests(document)
        wrong += faults
        yield from file.cases if file else ()
    if wrong:
        raise PolicyError("the policy tests cannot be read; correct them", tuple(wrong))
