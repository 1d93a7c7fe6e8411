"""Show the settings in force, and where each is from."""

from __future__ import annotations

import click

from riskgate import config
from riskgate.brokers.ib.settings import Settings
from riskgate.cli.accepted import Word
from riskgate.cli.options import FORMATS
from riskgate.config.shown import settings_of
from riskgate.reporters import reporter

COLUMNS = {"name": "setting", "value": "value", "source": "source"}
NONE = 2


@click.group("config")
def command() -> None:
    """Show the settings in force, and where they are looked for."""


@command.command("show")
@click.option("--config", "named", metavar="PATH", help="The settings file.")
@click.option(
    "--format",
    "format_",
    type=Word(FORMATS),
    default="text",
    show_default=True,
    help="How it is written.",
)
def show(named: str | None, format_: str) -> None:
    """Show every setting with its value, and who said it: a file, a variable, or nobody.

    A variable is over the file: RISKGATE_MODE=paper, RISKGATE_BROKER__PORT=4002. Exit code 2 if the
    settings are wrong.
    """
    found = config.find(named)
    read, given = config.loaded(found)
    rows = [
        {"name": one.name, "value": one.value, "source": one.source}
        for one in settings_of(read, given, {"broker": Settings})
    ]
    if found is None:
        click.echo("no settings file: these are the defaults; `riskgate init` writes one", err=True)
    click.echo(reporter(format_).rows(rows, COLUMNS), nl=False)


@command.command("path")
@click.option("--config", "named", metavar="PATH", help="The settings file.")
def path(named: str | None) -> int:
    """Show where settings are looked for, in order, and which file is taken.

    Exit code 2 if there is none.
    """
    found = config.find(named)
    for place in config.places(named):
        taken = "  <- this one" if place.path == found else ""
        click.echo(f"{place.path}  {place.name}{taken}")
        if taken:
            return 0
    return NONE
