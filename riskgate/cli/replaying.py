"""What `riskgate replay` does: the options that choose, and a run over a journal or a history."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from riskgate.authoring import policy_files
from riskgate.calendars import ExchangeCalendars
from riskgate.cli.ending import terminable
from riskgate.cli.options import archive_of, seen_so_far
from riskgate.errors import FOUND, ConfigError
from riskgate.replay.thresholds import Threshold, thresholds_of

if TYPE_CHECKING:
    from riskgate.history.running import History, Progress
    from riskgate.replay.replaying import Replay


class Chosen(NamedTuple):
    """Which orders of a journal."""

    since: datetime | None
    until: datetime | None
    order: int | None


class Run(NamedTuple):
    """A history, and how it is run."""

    history: str
    positions: str | None
    zone: str | None
    skip_bad: bool
    jobs: int
    dask: str | None


# What each of the two is told by, and what that is when nobody says it.
OF_JOURNAL: Final = {"what": None, "journal": None, "last": None, "since": None, "until": None}
OF_HISTORY: Final = {"positions": None, "zone": None, "skip_bad": False, "jobs": 1, "dask": None}


def is_history(given: Mapping[str, Any]) -> bool:
    """Whether a history is asked about. Raise UsageError for options of the other, or of both."""
    asked = given["history"] is not None
    for name, unsaid in (OF_JOURNAL if asked else OF_HISTORY).items():
        if given[name] == unsaid:
            continue
        called = f"`{given[name]}`" if name == "what" else f"--{name.replace('_', '-')}"
        if not asked:
            raise click.UsageError(f"{called} is of a history; give --history too")
        raise click.UsageError(f"{called} is of a journal; a history is replayed whole")
    if given["dask"] == "":
        raise click.UsageError("--dask needs an address, such as tcp://127.0.0.1:8786")
    if given["dask"] is not None and given["jobs"] > 1:
        raise click.UsageError("--jobs is for this machine, and --dask for a cluster; give one")
    return asked


def meant(given: Mapping[str, Any], otherwise: Callable[[], str]) -> tuple[str, Chosen]:
    """Which journal, and which of its orders. Raise UsageError for what cannot be meant."""
    what, path = given["what"], given["journal"]
    order = (
        int(what)
        if what and what.isascii() and what.isdigit() and not Path(what).exists()
        else None
    )
    if order is None and what and path:
        raise click.UsageError(f"`{what}` is no order, and --journal names the journal")
    if given["last"] and given["since"]:
        raise click.UsageError("--last and --since say the same; give one")
    since = given["since"] or given["last"]
    named = path or (what if order is None else None) or otherwise()
    return named, Chosen(since, given["until"], order)


def journal(path: str, policies: tuple[str, ...], chosen: Chosen) -> Replay:
    """Decide a journal again. Raise ConfigError if the chosen order is not on record."""
    from riskgate.replay import replaying  # noqa: PLC0415  # only where a journal is read

    calendars = ExchangeCalendars()
    named = policy_files.load(policies, calendars) if policies else None
    under = replaying.Under(named, calendars) if named else None
    wanted = replaying.Chosen(since=chosen.since, until=chosen.until, order_id=chosen.order or 0)
    with archive_of(path) as archive, seen_so_far("events") as progress:
        found = replaying.replay(archive.read, under, progress, wanted)
    if chosen.order and not found.decisions:
        raise ConfigError(f"no decision about order {chosen.order} in `{path}`; try `orders`")
    return found


def history(run: Run, policies: tuple[str, ...]) -> History:
    """Decide the orders of a file. Raise ConfigError, PolicyError."""
    from riskgate.history import running, working  # noqa: PLC0415  # only where a file is read
    from riskgate.history.opening import opening_of  # noqa: PLC0415  # same

    calendars = ExchangeCalendars()
    if not policies:
        raise click.UsageError("a history is decided under policies; name them with --policies")
    compiled = policy_files.load(policies, calendars)
    texts, _ = policy_files.texts(policies)
    zones = {policy.zone for policy in compiled.policies}
    zone = run.zone or (zones.pop() if len(zones) == 1 else "UTC")
    asked = working.Asked(run.history, texts, zone, calendars, run.skip_bad)
    ways = running.Ways(run.jobs, run.dask or "")
    opening = opening_of(run.positions)
    try:
        with terminable(), _bar() as progress:
            return running.replay_history(asked, ways, opening, progress)
    except click.exceptions.Exit:  # what was at work is over: no process is left behind
        click.echo("ended by SIGTERM", err=True)
        raise


@contextmanager
def _bar() -> Iterator[Progress]:
    """A progress bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console  # noqa: PLC0415  # only on a terminal
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415  # same

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, of: bar.update(
            task, description=what, completed=done, total=of or None
        )


def conditions(_context: object, _option: object, given: tuple[str, ...]) -> tuple[Threshold, ...]:
    """Read `--fail-on`."""
    try:
        return tuple(one for text in given for one in thresholds_of(text))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def zone_name(_context: object, _option: object, given: str | None) -> str | None:
    """Read `--zone`."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415  # seldom asked for

    try:
        return None if given is None else ZoneInfo(given).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.BadParameter(f"`{given}` is no zone such as America/New_York") from None


def failed(counts: dict[str, int], wanted: tuple[Threshold, ...]) -> int:
    """The exit code of the conditions; those that are met are told."""
    met = [one for one in wanted if one.is_met(counts)]
    for one in met:
        click.echo(f"{one}: there are {counts[one.name]:,}", err=True)
    return FOUND if met else 0
