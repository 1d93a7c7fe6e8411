"""Exchange calendars as tables of sessions: the only door to exchange_calendars.

Rule 1: importing this module, and using a table that is in the cache, imports neither
exchange_calendars nor pandas (about half a second).
Rule 2: a table runs from 2000 to the end of next year; outside it nothing is known, which denies.
Rule 3: the cache is a copy and never the truth: what cannot be read is built anew in silence, and
what cannot be written is done without.
"""

from __future__ import annotations

import os
import warnings
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from riskgate.errors import ConfigError
from riskgate.model.hours import ALWAYS, Hours, TradingSession
from riskgate.model.moments import EPOCH

FIRST_DAY = date(2000, 1, 1)

_Kept = TypeVar("_Kept")


class _Table(msgspec.Struct, frozen=True):
    """Every session of one calendar: a row per session day, moments in seconds since 1970.

    `first` and `last` bound the days that are known, as ordinals. A break of 0 is none. `offsets`
    is what the zone's rules looked like when the table was made.
    """

    zone: str
    offsets: list[int]
    first: int
    last: int
    days: list[int]
    opens: list[int]
    closes: list[int]
    break_starts: list[int]
    break_ends: list[int]

    def sessions(self, first: int, last: int) -> tuple[TradingSession, ...]:
        """The sessions of the days from `first` to `last`, both included."""
        rows = range(bisect_left(self.days, first), bisect_right(self.days, last))
        return tuple(
            TradingSession(
                date.fromordinal(self.days[row]),
                _moment(self.opens[row]),
                _moment(self.closes[row]),
                _moment(self.break_starts[row]) if self.break_starts[row] else None,
                _moment(self.break_ends[row]) if self.break_ends[row] else None,
            )
            for row in rows
        )


class ExchangeCalendars:
    """Session tables by calendar code, kept in memory and on disk."""

    def __init__(self, cache: Path | None = None, today: Callable[[], date] | None = None) -> None:
        self._cache = default_cache_dir() if cache is None else cache
        self._today = today or _today
        self._names: dict[str, str] | None = None
        self._tables: dict[str, tuple[int, _Table]] = {}
        self._days: dict[str, tuple[datetime, datetime, Hours]] = {}

    def codes(self) -> frozenset[str]:
        """Every known calendar code, other names of exchanges and `always` included."""
        return frozenset(self._canonical()) | {ALWAYS.calendar}

    def knows(self, code: str) -> bool:
        """True if there is a calendar of that code, exactly as written."""
        return code == ALWAYS.calendar or code in self._canonical()

    def load(self, codes: Iterable[str]) -> None:
        """Read or build the tables now, so that no order waits for them. Raises ConfigError."""
        for code in codes:
            if code != ALWAYS.calendar:
                self._table(code)

    def hours(self, code: str, at: datetime) -> Hours:
        """The calendar's sessions around the moment. Raises ConfigError for an unknown code."""
        day = self._days.get(code)
        if day is not None and day[0] <= at < day[1]:
            return day[2]
        return ALWAYS if code == ALWAYS.calendar else self._look_up(code, at)

    def _look_up(self, code: str, at: datetime) -> Hours:
        """The hours of the local day of the moment, remembered until that day ends."""
        table = self._table(code)
        zone = ZoneInfo(table.zone)
        day = at.astimezone(zone).date()
        number = day.toordinal()
        if not table.first <= number <= table.last:
            return Hours(code, table.zone, (), known=False)
        found = Hours(code, table.zone, table.sessions(number - 1, number + 1))
        starts, ends = (
            datetime.combine(edge, time.min, tzinfo=zone).astimezone(UTC)
            for edge in (day, day + timedelta(days=1))
        )
        self._days[code] = (starts, ends, found)
        return found

    def _table(self, code: str) -> _Table:
        """The table of that code: from memory, else from the cache, else built and cached."""
        name = self._canonical().get(code)
        if name is None:
            raise ConfigError(self._unknown(code))
        end_year = self._today().year + 1
        held_year, table = self._tables.get(name, (0, None))
        if table is None or held_year != end_year:
            path = self._cache / f"{name.replace('/', '-')}-{_engine()}-{end_year}.table"
            table = _read_table(path, end_year)
            if table is None:
                table = _build(name, end_year)
                _write(path, msgspec.msgpack.encode(table))
            self._tables[name] = (end_year, table)
        return table

    def _canonical(self) -> dict[str, str]:
        """The calendar behind every code."""
        if self._names is None:
            path = self._cache / f"names-{_engine()}.table"
            self._names = _read(path, dict[str, str])
            if self._names is None:
                self._names = _build_names()
                _write(path, msgspec.msgpack.encode(self._names))
        return self._names

    def _unknown(self, code: str) -> str:
        """The message for a code that is none."""
        import difflib  # noqa: PLC0415  # ten milliseconds that only a mistake should cost

        close = difflib.get_close_matches(code.upper(), sorted(self.codes()), n=1, cutoff=0.5)
        hint = (
            f"did you mean `{close[0]}`?"
            if close
            else "use an exchange code such as XNYS, CMES or XLON, or `IB`, or `always`"
        )
        return f"calendar `{code}`: unknown code ({hint})"


def default_cache_dir() -> Path:
    """Where this user's tables are kept: `riskgate/calendars` below XDG_CACHE_HOME or ~/.cache."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():
        try:
            base = Path.home() / ".cache"
        except RuntimeError:  # a user without a home: below a file nothing can be kept
            base = Path(os.devnull)
    return base / "riskgate" / "calendars"


def _today() -> date:
    """The day that decides how far tables reach; no decision depends on it otherwise."""
    return datetime.now(UTC).date()


def _version(distribution: str) -> str:
    """The installed version of a library, read without importing it."""
    from importlib.metadata import version  # noqa: PLC0415  # forty milliseconds

    return version(distribution)


def _engine() -> str:
    """The version of the library the tables come from."""
    return _version("exchange_calendars")


def _moment(seconds: int) -> datetime:
    """The moment that many seconds after 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def _offsets(zone: str, end_year: int) -> list[int]:
    """The zone's offsets from UTC week by week, in seconds, last year to next.

    A table made before a government changed its clocks must not outlive the change.
    """
    rules = ZoneInfo(zone)
    start = datetime(end_year - 2, 1, 1, tzinfo=UTC)
    weeks = (start + timedelta(weeks=week) for week in range(157))
    return [int((at.astimezone(rules).utcoffset() or timedelta()).total_seconds()) for at in weeks]


def _read_table(path: Path, end_year: int) -> _Table | None:
    """The cached table; None if there is none that holds today."""
    table = _read(path, _Table)
    if table is None or table.offsets != _offsets(table.zone, end_year):
        return None
    return table


def _read(path: Path, kind: type[_Kept]) -> _Kept | None:
    """What `_write` wrote; None if it is not there or not whole."""
    with suppress(OSError, msgspec.MsgspecError):
        content = path.read_bytes()
        body = content[4:]
        if content[:4] == zlib.crc32(body).to_bytes(4, "big"):
            return msgspec.msgpack.decode(body, type=kind)
    return None


def _write(path: Path, body: bytes) -> None:
    """Put a file in place in one step, with a checksum in front; do without if that fails."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            draft.write_bytes(zlib.crc32(body).to_bytes(4, "big") + body)
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)


def _library() -> Any:  # noqa: ANN401  # the library has no types
    """exchange_calendars, imported when first needed."""
    import exchange_calendars  # noqa: PLC0415  # half a second, and only without a cache

    return exchange_calendars


def _build_names() -> dict[str, str]:
    """Every code of the library with the calendar behind it."""
    with _quiet():
        library = _library()
        return {code: library.resolve_alias(code) for code in library.get_calendar_names()}


def _build(name: str, end_year: int) -> _Table:
    """The table of one calendar, computed by the library. Raises ConfigError where it cannot."""
    try:
        with _quiet():
            return _compute(name, end_year)
    except (ValueError, TypeError, LookupError, NotImplementedError) as error:
        raise ConfigError(
            f"calendar `{name}`: exchange_calendars {_engine()} cannot compute it with the "
            f"installed pandas {_version('pandas')} ({str(error)[:80]}); "
            "install a pandas it supports or use the contract's own hours, `calendar: IB`"
        ) from error


def _compute(name: str, end_year: int) -> _Table:
    """The library's schedule in the form of a table, as far as the library knows the calendar."""
    library = _library()
    kind = type(library.get_calendar(name))
    first = max(FIRST_DAY, _bound(kind.bound_min(), FIRST_DAY))
    until = date(end_year + 1, 1, 1)  # its session may open on the last evening of the year
    until = min(until, _bound(kind.bound_max(), until))
    calendar = library.get_calendar(name, start=first.isoformat(), end=until.isoformat())
    schedule = calendar.schedule
    columns = ("open", "close", "break_start", "break_end")
    seconds = ([int(at.timestamp()) for at in schedule[part].fillna(EPOCH)] for part in columns)
    days = [day.toordinal() for day in schedule.index]
    last = min(until, date(end_year, 12, 31))
    return _Table(
        calendar.tz.key,
        _offsets(calendar.tz.key, end_year),
        first.toordinal(),
        last.toordinal(),
        days,
        *seconds,
    )


def _bound(bound: Any, otherwise: date) -> date:  # noqa: ANN401  # a timestamp of pandas or None
    """The library's bound of a calendar as a date."""
    return otherwise if bound is None else date.fromordinal(bound.toordinal())


def _quiet() -> warnings.catch_warnings[None]:
    """Keep pandas' notes about its own future from the user's terminal."""
    return warnings.catch_warnings(action="ignore")
