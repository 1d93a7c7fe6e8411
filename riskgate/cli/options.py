"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from riskgate.errors import PolicyError
from riskgate.reporters import formats, reporter

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


def listed(words: tuple[str, ...]) -> Callable[..., tuple[str, ...]]:
    """Read an option that is given several times, or with commas, as some of these words."""

    def read(_context: object, _option: object, given: tuple[str, ...]) -> tuple[str, ...]:
        found = tuple(word.strip() for item in given for word in item.split(","))
        for word in found:
            if word not in words:
                raise click.BadParameter(f"`{word}` is none of {', '.join(words)}")
        return found

    return read


def say_problems(error: PolicyError, format_: str) -> None:
    """What is wrong, in a format for programs too, so that they never read an empty file."""
    from riskgate.policy.checked import Checked  # noqa: PLC0415  # only where something is wrong
    from riskgate.policy.source import Problem  # noqa: PLC0415  # same

    if format_ in formats("problems")[1:]:
        problems = tuple(item for item in error.problems if isinstance(item, Problem))
        files = tuple(dict.fromkeys(problem.path for problem in problems))
        click.echo(reporter(format_).problems(Checked(files, problems, None)), nl=False)


def moment(_context: object, _option: object, text: str | None) -> datetime:
    """Read an option that is a time with its offset; without one it is now."""
    from riskgate.policy.cases import moment_of  # noqa: PLC0415  # only for commands about time

    try:
        return datetime.now(UTC) if text is None else moment_of(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
