"""List every armed limit, what it maps to, and what no limit covers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from riskgate.authoring import policy_files
from riskgate.calendars import ExchangeCalendars
from riskgate.cli.accepted import Word
from riskgate.policy.cases import Case, read_tests
from riskgate.policy.controls import inventory
from riskgate.reporters import formats, reporter


@click.command("controls")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format",
    "format_",
    type=Word(formats("controls")),
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
    """The cases of the policy tests that stand beside the policies and name them."""
    found = policy_files.find(paths)
    policies, folders = set(map(os.path.realpath, found)), sorted({path.parent for path in found})
    for path in (item for folder in folders for item in sorted(folder.glob("*"))):
        if path.name.lower().endswith(policy_files.TEST_SUFFIXES):
            yield from _of_file(path, policies)


def _of_file(path: Path, policies: set[str]) -> Iterator[Case]:
    """The cases of one file; where it cannot be read, a note says so and there are none."""
    documents, problems = policy_files.tests([path])
    file, faults = read_tests(documents[0]) if documents else (None, problems)
    if file is None:
        click.echo(
            f"note: `{path}` cannot be read, so its cases are left out: {faults[0]}", err=True
        )
        return
    named = {Path(os.path.realpath(path.parent / name)) for name in file.policies}
    if any(named & {Path(policy), *Path(policy).parents} for policy in policies):
        yield from file.cases
