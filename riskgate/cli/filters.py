"""The options that say which orders or fills are meant, read into one `Filter`.

Rule 1: a word that can only be wrong (a status, a type, a time) is refused; a name that nobody has
traded is an empty answer, and standard error says so with the nearest that there is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from riskgate.model.lifecycle import Status
from riskgate.model.order import OrderType
from riskgate.policy.suggest import closest, shown

if TYPE_CHECKING:
    from riskgate.journal.archive import Archive, Filter

NAMES: Final = ("account", "strategy", "symbol", "venue")
MOST_NAMED: Final = 5
Command = Callable[..., Any]


class Wanted(NamedTuple):
    """What was asked for; `names` are accounts, strategies, symbols and venues by what they are."""

    names: dict[str, Any]
    more: dict[str, Any]

    def filter(self, **beside: Any) -> Filter:  # noqa: ANN401  # fields of Filter
        """The same as the record takes it."""
        from riskgate.journal.archive import Filter  # noqa: PLC0415  # it brings a database

        return Filter(**{**self.names, **self.more, **beside})


def word(known: type[Status | OrderType], what: str) -> Callable[..., str | None]:
    """Read an option that is one of these words, in whichever case."""
    by_fold = {str(word).casefold(): str(word) for word in known}

    def read(_context: object, _option: object, given: str | None) -> str | None:
        if given is None or given.casefold() in by_fold:
            return given and by_fold[given.casefold()]
        hint = closest(given, by_fold.values())
        meant = f"did you mean `{hint}`?" if hint else f"known are {', '.join(known)}"
        raise click.BadParameter(f"`{shown(given)}` is no {what}; {meant}")

    return read


def words(known: type[Status | OrderType], what: str) -> Callable[..., tuple[str, ...]]:
    """Read an option that is given several times, or with commas, as some of these words."""
    read_one = word(known, what)

    def read(_context: object, _option: object, given: tuple[str, ...]) -> tuple[str, ...]:
        named = (part.strip() for item in given for part in item.split(","))
        return tuple(str(read_one(_context, _option, part)) for part in named)

    return read


def time(which: str) -> Callable[..., datetime | None]:
    """Read an option that is a time, as the `since` or the `until` of a period."""

    def read(_context: object, _option: object, given: str | None) -> datetime | None:
        from riskgate import periods  # noqa: PLC0415  # only where a time is given

        try:
            return None if given is None else getattr(periods, which)(given, datetime.now(UTC))
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return read


_TIMES: Final = "a day, a time with its offset, `today`, or a span back such as 4h or 30d"
_OPTIONS: Final = (
    *(click.option(f"--{name}", help=f"Only this {name}.") for name in NAMES),
    click.option(
        "--order-type",
        callback=word(OrderType, "order type"),
        metavar="TYPE",
        help="Only orders of this type, such as LMT.",
    ),
    click.option(
        "--status",
        "statuses",
        multiple=True,
        callback=words(Status, "status"),
        metavar="STATUS",
        help="Only orders in this status; may be repeated.",
    ),
    click.option("--since", callback=time("since"), metavar="TIME", help=f"From {_TIMES}."),
    click.option(
        "--until", callback=time("until"), metavar="TIME", help="Before that; a day counts whole."
    ),
)


def filter_options(command: Command) -> Command:
    """All options that say which orders or fills, as `wanted`."""

    @wraps(command)
    def with_filter(**given: Any) -> Any:  # noqa: ANN401  # click
        names = {name: value for name in NAMES if (value := given.pop(name)) is not None}
        more = {name: given.pop(name) for name in ("order_type", "statuses", "since", "until")}
        since, until = more["since"], more["until"]
        if since is not None and until is not None and since >= until:
            raise click.UsageError(f"nothing lies from {since:%F %T} until {until:%F %T} (UTC)")
        return command(wanted=Wanted(names, more), **given)

    found: Command = with_filter
    for option in reversed(_OPTIONS):
        found = option(found)
    return found


def say_why_nothing(archive: Archive, wanted: Wanted, what: str) -> None:
    """Tell on standard error that there is nothing, and which name nobody has traded."""
    for name, value in wanted.names.items():
        known = archive.known(name)
        if value not in known:
            click.echo(
                f"no order of {name} `{shown(value)}` is on record{_hint(value, known)}", err=True
            )
            return
    asked = wanted.names or any(wanted.more.values())
    click.echo(f"no {'such ' if asked else ''}{what} on record", err=True)


def _hint(value: str, known: tuple[str, ...]) -> str:
    hint = closest(value, known)
    if hint is not None:
        return f"; did you mean `{hint}`?"
    more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
    return f"; there is {', '.join(known[:MOST_NAMED])}{more}" if known else ", and no other either"
