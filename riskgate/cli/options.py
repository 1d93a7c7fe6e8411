"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from riskgate.reporters import formats

FORMATS = formats("rows")
SCREENFUL = 50


def default_journal() -> str:
    """The journal of the settings in force, else the file that the demo leaves."""
    from riskgate import config  # noqa: PLC0415  # only where no journal is named

    found = config.find()
    return config.load(found).journal if found else "riskgate-demo.sqlite"


def journal_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--journal PATH`: which record to read."""
    return click.option(
        "--journal",
        metavar="PATH",
        default=default_journal,
        help="The journal to read. [default: that of the settings, else riskgate-demo.sqlite]",
    )(command)


def at_most(newest: int | None, format_: str) -> int | None:
    """How many rows to show: as asked, else a screenful for people and all for programs."""
    return SCREENFUL if newest is None and format_ == "text" else newest


def say_what_is_missing(shown: int, newest: int | None, most: int | None, what: str) -> None:
    """Tell on standard error that there is nothing, or that there may be more."""
    if not shown:
        click.echo(f"no such {what} on record", err=True)
    elif newest is None and shown == most:
        click.echo(f"the newest {shown} {what}; --newest N shows more", err=True)


def newest_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--newest N`: how many rows at most."""
    return click.option(
        "--newest",
        type=click.IntRange(min=1),
        help="How many rows at most. [default: 50 as text, all otherwise]",
    )(command)
