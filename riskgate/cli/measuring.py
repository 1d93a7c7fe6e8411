"""What the commands that measure orders share: the facts, and the market's trades beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import tzinfo
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from riskgate.analytics.breakdown import GROUPINGS
from riskgate.analytics.measures import OrderMeasures, measure
from riskgate.cli import options
from riskgate.cli.accepted import AnyPath
from riskgate.cli.filters import Wanted, say_why_nothing
from riskgate.cli.output import progress
from riskgate.errors import ConfigError
from riskgate.model.lifecycle import BEFORE_SENDING, Status

if TYPE_CHECKING:
    from riskgate.analytics.tape import Tape

SENT: Final = tuple(str(status) for status in Status if status not in BEFORE_SENDING)


class Grouping(NamedTuple):
    """What orders are grouped by, and whose hours and days these are."""

    by: tuple[str, ...]
    zone: tzinfo


def grouping_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--by` and `--zone`, as `grouping`."""

    @wraps(command)
    def grouped(*, by: tuple[str, ...], zone: tzinfo, **given: Any) -> Any:  # noqa: ANN401  # click
        return command(grouping=Grouping(tuple(dict.fromkeys(by)), zone), **given)

    zoned = click.option(
        "--zone", callback=options.zone, metavar="ZONE", help="Whose hours and days. [default: UTC]"
    )(grouped)
    return click.option(
        "--by",
        multiple=True,
        callback=options.listed(tuple(GROUPINGS)),
        metavar="WHAT",
        help=f"A row for each {', '.join(GROUPINGS)}; several with commas.",
    )(zoned)


def trades_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--trades FILE`: what the market traded, read, as `market`."""
    return click.option(
        "--trades",
        "market",
        type=AnyPath(),
        metavar="FILE",
        callback=_tape,
        help="The market's trades, for the interval VWAP: a file with at,symbol,price,size.",
    )(command)


def _tape(_context: object, _option: object, path: Path | None) -> Tape | None:
    from riskgate.reporting.market_prints import tape_of  # noqa: PLC0415  # only with the option

    return None if path is None else tape_of(path)


@contextmanager
def measured(
    journal: str,
    wanted: Wanted,
    market: Tape | None,
    **beside: Any,  # noqa: ANN401  # of Filter
) -> Iterator[Iterator[OrderMeasures]]:
    """The orders that are wanted, measured one at a time; that there are none is said."""
    with options.archive_of(journal) as archive, progress("orders") as counted:
        found = archive.facts(wanted.filter(**beside))
        yield measure(
            counted(_told(found, lambda: say_why_nothing(archive, wanted, "orders"))), market
        )


def _told(found: Iterator[Any], nothing: Callable[[], None]) -> Iterator[Any]:
    """What was found; that it is nothing is said when it has been asked for."""
    some = False
    for one in found:
        some = True
        yield one
    if not some:
        nothing()


def one_order(journal: str, number: int, market: Tape | None) -> Iterator[str]:
    """One order's figures in words. Raise ConfigError if it is not on record."""
    from riskgate.journal.archive import Filter  # noqa: PLC0415  # it brings a database
    from riskgate.reporters.tca_lines import tca_lines  # noqa: PLC0415  # only for one order

    with options.archive_of(journal) as archive:
        wanted = Filter(order_id=number)
        rows = archive.orders(wanted)
        found = next(measure(archive.facts(wanted), market), None)
    if not rows:
        hint = "`riskgate orders` lists what is there"
        raise ConfigError(f"journal `{journal}`: no order {number} on record; {hint}")
    if found is None:
        raise ConfigError(f"order {number} could not be read as one, so it never left the house")
    return (f"{line}\n" for line in tca_lines(found, rows[0]["text"]))
