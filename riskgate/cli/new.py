"""Begin something new: a kind of rule, as one file and its test."""

from __future__ import annotations

from pathlib import Path

import click

from riskgate.authoring.scaffold import RULES, class_name, scaffold_rule
from riskgate.cli.accepted import Folder

NEXT = """\
next:
  write what it is for, what it measures and its examples into {rule}
  (docs/rule-docstrings.md has the grammar; other kinds in the folder are examples)
  pytest tests/contract/test_rule_kinds.py {test} -k {kind}
  riskgate rules {kind}
  riskgate rules --write docs/rules && riskgate schema > schemas/policy.schema.json
(CONTRIBUTING.md has the rest of the way)
"""
OWN = """\
next:
  write what it is for, what it measures and its examples into {rule}
  make it known in your package's pyproject.toml, and install that beside riskgate:
    [project.entry-points."riskgate.rules"]
    {kind} = "YOUR_PACKAGE.{kind}:{name}"
  pytest {test}
  riskgate rules {kind}
"""


@click.group("new")
def command() -> None:
    """Begin something new from a template that works as it is."""


@command.command("rule")
@click.argument("kind", metavar="NAME")
@click.argument("folder", default=".", metavar="[DIR]", type=Folder())
def rule(kind: str, folder: Path) -> None:
    """Write a kind of rule NAME and its test: into a checkout of riskgate, or into a folder of
    your own package.

    What is written passes its tests as it is. Exit code 2 if the name will not do, or a file is
    there.
    """  # noqa: D205  # click shows the docstring: this is one sentence
    written, test = scaffold_rule(folder, kind)
    for path in (written, test):
        click.echo(f"wrote   {path}")
    text = NEXT if (folder / RULES).is_dir() else OWN
    click.echo(text.format(rule=written, test=test, kind=kind, name=class_name(kind)), nl=False)
