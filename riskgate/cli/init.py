"""Write a first configuration, policy, policy test and CI entries into a folder."""

from __future__ import annotations

import json
from pathlib import Path

import click

from riskgate.authoring.scaffold import Scaffold, scaffold
from riskgate.cli.accepted import Folder, Word

EXISTED = 1
NEXT = """\
next:{cd}
  riskgate validate policies
  riskgate test policies --coverage --mutate
  riskgate lint policies
  riskgate check "BUY 5000 AAPL LMT 100" --policies policies --state state.yaml
then change the numbers in {policy};
`riskgate rules` lists what else can be limited
"""


@click.command("init")
@click.argument("folder", default=".", metavar="[DIR]", type=Folder())
@click.option("--policy", "name", default="desk", show_default=True, help="The policy's name.")
@click.option(
    "--format", "format_", type=Word(["text", "json"]), default="text", help="How it is written."
)
def command(folder: Path, name: str, format_: str) -> int:
    """Write riskgate.yaml, a policy with its test, schemas, a pre-commit configuration and a GitHub
    workflow into DIR (here, if none is given).

    What exists is left as it is and named; the exit code is then 1.
    """  # noqa: D205  # click shows the docstring: this is one sentence
    done = scaffold(folder, name)
    if format_ == "json":
        click.echo(json.dumps({key: list(map(str, item)) for key, item in done._asdict().items()}))
    else:
        _say(done, folder, name)
    return EXISTED if done.existing else 0


def _say(done: Scaffold, folder: Path, name: str) -> None:
    for path in done.written:
        click.echo(f"wrote   {path}")
    for path in done.existing:
        click.echo(f"exists  {path}, left as it is", err=True)
    cd = "" if folder == Path() else f"\n  cd {folder}"
    click.echo(NEXT.format(cd=cd, policy=folder / "policies" / f"{name}.yaml"), nl=False)
