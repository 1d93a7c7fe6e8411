"""Options that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import wraps
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import click
import msgspec

from riskgate.cli.accepted import Number, Whole, Word, none_of
from riskgate.errors import ConfigError, PolicyError
from riskgate.policy.suggest import closest, shown
from riskgate.reporters import formats, reporter

if TYPE_CHECKING:
    from riskgate.config import Config
    from riskgate.journal.archive import Archive
    from riskgate.model.events import Answered
    from riskgate.record.status import Around

FORMATS = formats("rows")
SCREENFUL = 50
DEMO = "riskgate-demo.sqlite"  # what `riskgate demo` leaves
MOST = 2_147_483_647  # a broker's order id is no larger, and no table longer
ERRORS = frozenset({2, 7, 70})  # exit codes of what went wrong; others say how it came out


def default_journal() -> str:
    """The journal of the settings in force, else the file that the demo leaves."""
    from riskgate import config  # noqa: PLC0415  # only where no journal is named

    found = config.find()
    return config.load(found).journal if found else DEMO


def journal_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--journal PATH`: which record to read."""
    return click.option(
        "--journal",
        metavar="PATH",
        default=default_journal,
        help="The journal to read. [default: that of the settings, else riskgate-demo.sqlite]",
    )(command)


def journal_named(command: Callable[..., Any]) -> Callable[..., Any]:
    """`[JOURNAL]` or `--journal PATH`: which record to read, said once."""

    @click.argument("what", required=False, metavar="[JOURNAL]")
    @click.option("--journal", "path", metavar="PATH", help="The same as JOURNAL.")
    @wraps(command)
    def named(*, what: str | None, path: str | None, **given: Any) -> Any:  # noqa: ANN401  # click
        if what and path:
            raise click.UsageError(f"`{shown(what)}` and --journal both name the journal; give one")
        return command(journal=what or path or default_journal(), **given)

    return named


def archive_of(journal: str) -> Archive:
    """The journal opened to be looked at."""
    from riskgate.journal.archive import open_for_reading  # noqa: PLC0415  # it brings a database

    return open_for_reading(journal)


def at_most(newest: int | None, format_: str) -> int | None:
    """How many rows to show: as asked, else a screenful for people and all for programs."""
    return SCREENFUL if newest is None and format_ == "text" else newest


def say_there_is_more(shown: int, newest: int | None, most: int | None, what: str) -> None:
    """Tell on standard error that there may be more than a screenful."""
    if newest is None and shown == most:
        click.echo(f"the newest {shown} {what}; --newest N shows more", err=True)


@contextmanager
def seen_so_far(what: str) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many were seen; the line goes when all is done."""
    shown = sys.stderr.isatty()

    def show(done: int) -> None:
        if shown:
            click.echo(f"\r\x1b[K{done:,} {what}", nl=False, err=True)

    try:
        yield show
    finally:
        if shown:
            click.echo("\r\x1b[K", nl=False, err=True)


def newest_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--newest N`: how many rows at most."""
    return click.option(
        "--newest",
        type=Whole(1, MOST),
        help="How many rows at most. [default: 50 as text, all otherwise]",
    )(command)


def order_option(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--order N`: one order by its number, as `order_id`."""
    return click.option("--order", "order_id", type=Whole(1, MOST), metavar="N", help=what)


def listed(words: tuple[str, ...]) -> Callable[..., tuple[str, ...]]:
    """Read an option that is given several times, or with commas, as some of these words."""

    def read(_context: object, _option: object, given: tuple[str, ...]) -> tuple[str, ...]:
        found = tuple(word.strip() for item in given for word in item.split(","))
        for word in found:
            if word not in words:
                raise click.BadParameter(none_of(word, words))
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


def day(_context: object, _option: object, text: str | None) -> date | None:
    """Read an option that is a day."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"`{shown(str(text))}` is no day; write one as 2026-03-02"
        ) from None


def zone(_context: object, _option: object, name: str | None) -> ZoneInfo:
    """Read an option that is a time zone; without one it is UTC."""
    try:
        return ZoneInfo("UTC" if name is None else name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = closest(str(name), sorted(available_timezones()))
        meant = f"did you mean `{hint}`?" if hint else "write one such as America/New_York"
        raise click.BadParameter(f"`{shown(str(name))}` is no time zone; {meant}") from None


def _settings(_context: object, _option: object, given: str | None) -> Config:
    from riskgate import config  # noqa: PLC0415  # only for commands that need settings

    found = config.find(given)
    if found is None:
        raise ConfigError(
            f"no settings: write `{config.FILE}` here, or name a file with --config or in"
            f" ${config.VARIABLE}"
        )
    return config.load(found)


def settings_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--config PATH`: the settings, read, as `config`."""
    text = "The settings file. [default: $RISKGATE_CONFIG, else ./riskgate.yaml]"
    return click.option("--config", metavar="PATH", callback=_settings, help=text)(command)


def record_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--config PATH` and `--journal PATH`: the settings of the record to look at, as `config`."""

    @wraps(command)
    def of_record(*, named: str | None, journal: str | None, **given: Any) -> Any:  # noqa: ANN401  # click
        return command(config=_of_record(named, journal), **given)

    text = "The journal to look at. [default: that of the settings, else riskgate-demo.sqlite]"
    found = click.option("--journal", metavar="PATH", help=text)(of_record)
    text = "The settings file. [default: see `riskgate config path`]"
    return click.option("--config", "named", metavar="PATH", help=text)(found)


def _of_record(named: str | None, journal: str | None) -> Config:
    """The settings, with another journal if one is named; without any those by default."""
    from riskgate import config  # noqa: PLC0415  # only for commands that need settings

    found = config.find(named)
    if found is None and journal is None and not os.path.lexists(DEMO):
        return _settings(None, None, None)  # says what to do
    read = config.Config(journal=DEMO) if found is None else config.load(found)
    return read if journal is None else msgspec.structs.replace(read, journal=journal)


def around_of(config: Config) -> Around:
    """What stands beside the record now: who runs on it, and whether the kill file is there."""
    from riskgate.journal.presence import running  # noqa: PLC0415  # only for states
    from riskgate.record.status import Around  # noqa: PLC0415  # same

    return Around(
        journal=config.journal,
        now=datetime.now(UTC),
        durability=config.durability,
        hold_for=config.hold_for,
        kill_file=config.kill_file,
        kill_file_present=bool(config.kill_file) and os.path.lexists(config.kill_file),
        running=running(config.journal),
    )


def said_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--by P --reason R`: who wants it and why; both go on record."""
    command = click.option("--reason", required=True, help="Why; it goes on record.")(command)
    return click.option("--by", required=True, help="Who you are; it goes on record.")(command)


def scope_options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--account`, `--strategy`, `--symbol`, or some of them, as `scope`. None is everything."""

    def with_options(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def with_scope(**given: Any) -> Any:  # noqa: ANN401  # click
            from riskgate.model.trading import Scope, normal  # noqa: PLC0415  # it starts faster

            scope = normal(Scope(**{name: given.pop(name) for name in names}))
            return command(scope=scope, **given)

        found: Callable[..., Any] = with_scope
        for name in reversed(names):
            found = click.option(f"--{name}", help=f"Only this {name}. [default: all]")(found)
        return found

    return with_options


def timeout_option(seconds: float) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--timeout S`: how long to wait for the broker."""
    return click.option(
        "--timeout",
        type=Number(0.1),
        default=seconds,
        show_default=True,
        metavar="SECONDS",
        help="How long to wait for the broker's word.",
    )


def format_option(subject: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`--format`: one of those that can write a subject."""
    chosen = Word(formats(subject))
    return click.option(
        "--format",
        "format_",
        type=chosen,
        default="text",
        show_default=True,
        help="How it is written.",
    )


def amount(_context: object, _option: object, given: str | None) -> Decimal | None:
    """Read an option that is a quantity or a price: a number above zero, in digits."""
    try:
        found = None if given is None else Decimal(given.replace(",", "").replace("_", ""))
    except InvalidOperation:
        found = Decimal(0)
    if found is not None and not (found.is_finite() and found > 0):
        raise click.BadParameter(f"`{given}` is no number above zero")
    return found


def say(answer: Answered, format_: str) -> int:
    """Write what came of a request; what went wrong, and not only otherwise, as an error."""
    if format_ == "text" and answer.code in ERRORS:
        click.echo(f"error: {' '.join(answer.text.split())}", err=True)
    else:
        click.echo(reporter(format_).answered(answer), nl=False)
    return answer.code
