"""Real exchange calendars, the tables made of them, and the cache on disk."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import exchange_calendars
import msgspec
import pytest

from riskgate.calendars import ExchangeCalendars, default_cache_dir
from riskgate.errors import ConfigError
from riskgate.model.hours import ALWAYS, Hours, phase, session_at, since_open, until_close

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 3, 2)
ENDS = ("start", "end")
TABLE = "24-7-*-2027.table"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the module, so that each table is built once."""
    return tmp_path_factory.mktemp("calendars")


@pytest.fixture
def calendars(cache: Path) -> ExchangeCalendars:
    return ExchangeCalendars(cache, lambda: TODAY)


@pytest.fixture
def copied(cache: Path, calendars: ExchangeCalendars, tmp_path: Path) -> Path:
    """A cache of its own for a test that spoils it."""
    calendars.load(["24/7"])
    return Path(shutil.copytree(cache, tmp_path / "copy"))


@pytest.mark.parametrize(
    ("code", "at", "expected"),
    [
        ("XNYS", "2025-11-28T17:59", "regular"),  # the day after Thanksgiving closes at 13:00
        ("XNYS", "2025-11-28T18:00", "post"),
        ("XNYS", "2025-12-25T15:00", "closed"),
        ("XNYS", "2026-07-03T15:00", "closed"),  # Independence Day observed on Friday
        ("XNYS", "2001-09-12T15:00", "closed"),
        ("XNYS", "2026-03-06T14:29", "pre"),
        ("XNYS", "2026-03-06T14:30", "regular"),
        ("XNYS", "2026-03-08T15:00", "closed"),  # the Sunday on which the clocks change
        ("XNYS", "2026-03-09T07:59", "closed"),
        ("XNYS", "2026-03-09T08:00", "pre"),
        ("XNYS", "2026-03-09T13:30", "regular"),
        ("XNYS", "2026-10-30T23:59", "post"),
        ("XNYS", "2026-10-31T00:00", "closed"),
        ("XNYS", "2026-11-01T15:00", "closed"),
        ("XNYS", "2026-11-02T14:29", "pre"),
        ("XNYS", "2026-11-03T00:59", "post"),
        ("XNYS", "2026-11-03T01:00", "closed"),
        ("XHKG", "2026-03-02T03:59", "regular"),
        ("XHKG", "2026-03-02T04:00", "break"),
        ("XHKG", "2026-03-02T05:00", "regular"),
        ("XHKG", "2025-12-24T04:00", "post"),  # a half day ends at lunch
        ("XTKS", "2026-03-02T02:30", "break"),
        ("XTKS", "2026-03-02T03:30", "regular"),
        ("CMES", "2026-02-28T18:00", "closed"),  # Saturday
        ("CMES", "2026-03-01T22:59", "closed"),
        ("CMES", "2026-03-01T23:00", "regular"),  # Sunday, 17:00 in Chicago
        ("CMES", "2026-03-02T06:00", "regular"),
        ("CMES", "2026-12-25T15:00", "closed"),
        ("XNYS", "2000-01-03T15:00", "regular"),
        ("XNYS", "2027-12-31T20:59", "regular"),
    ],
)
def test_the_market_is_in_the_phase_that_the_calendar_says(
    calendars: ExchangeCalendars, code: str, at: str, expected: str
) -> None:
    moment = utc(at)
    assert phase(calendars.hours(code, moment), moment, time(4), time(20)) == expected


def test_a_futures_session_is_one_across_midnight(calendars: ExchangeCalendars) -> None:
    evening, night = utc("2026-03-02T01:00"), utc("2026-03-02T07:00")
    before, after = calendars.hours("CMES", evening), calendars.hours("CMES", night)
    assert before is not after
    assert session_at(before, evening) == session_at(after, night)
    assert since_open(after, night) == timedelta(hours=8)
    assert until_close(before, evening) == timedelta(hours=22)


def test_hours_hold_the_day_before_the_day_and_the_day_after(calendars: ExchangeCalendars) -> None:
    hours = calendars.hours("XNYS", utc("2026-03-04T15:00"))
    assert [session.day.day for session in hours.sessions] == [3, 4, 5]
    assert (hours.calendar, hours.zone, hours.known) == ("XNYS", "America/New_York", True)


@pytest.mark.filterwarnings("ignore")  # pandas' notes on what the library does
def test_a_table_says_what_the_library_says(calendars: ExchangeCalendars) -> None:
    schedule = exchange_calendars.get_calendar("XHKG").schedule["2025-01-01":"2025-12-31"]
    for day, row in schedule.iterrows():
        at = row["open"].to_pydatetime()
        session = session_at(calendars.hours("XHKG", at), at)
        assert session is not None
        assert (session.day, session.opens, session.closes) == (day.date(), at, row["close"])
        pauses = (session.break_start or "NaT", session.break_end or "NaT")
        assert [str(pause) for pause in pauses] == [str(row[f"break_{end}"]) for end in ENDS]


@pytest.mark.parametrize(
    ("code", "at", "known"),
    [
        ("XNYS", "2000-01-01T04:59", False),  # still 1999 in New York
        ("XNYS", "2000-01-01T05:00", True),
        ("XNYS", "2028-01-01T04:59", True),  # still 2027 in New York
        ("XNYS", "2028-01-01T05:00", False),
        ("AIXK", "2016-12-30T06:00", False),  # Astana has traded since 2017
        ("AIXK", "2017-12-29T06:00", True),
    ],
)
def test_outside_the_table_nothing_is_known(
    calendars: ExchangeCalendars, code: str, at: str, *, known: bool
) -> None:
    assert calendars.hours(code, utc(at)).known is known


def test_the_last_evening_of_the_table_knows_the_session_after_it(
    calendars: ExchangeCalendars,
) -> None:
    hours = calendars.hours("24/7", utc("2027-12-31T23:00"))
    assert hours.sessions[-1].day == date(2028, 1, 1)


def test_the_table_grows_when_the_year_turns(cache: Path) -> None:
    today = [TODAY]
    calendars = ExchangeCalendars(cache, lambda: today[0])
    at = utc("2028-03-01T15:00")
    assert not calendars.hours("24/7", at).known
    today[0] = date(2027, 1, 1)
    assert calendars.hours("24/7", at).known


def test_without_a_date_tables_reach_a_year_from_now(cache: Path) -> None:
    calendars = ExchangeCalendars(cache)
    assert calendars.hours("24/7", datetime.now(UTC) + timedelta(days=365)).known


def test_the_hours_of_a_day_are_looked_up_once(calendars: ExchangeCalendars) -> None:
    first = calendars.hours("XNYS", utc("2026-03-02T05:00"))  # midnight in New York
    assert calendars.hours("XNYS", utc("2026-03-03T04:59:59.999999")) is first
    assert calendars.hours("XNYS", utc("2026-03-03T05:00")) is not first


def test_an_exchange_has_other_names(calendars: ExchangeCalendars) -> None:
    at = utc("2026-03-02T15:00")
    by_alias = calendars.hours("NYSE", at)
    assert by_alias.sessions == calendars.hours("XNYS", at).sessions
    assert by_alias.calendar == "NYSE"


def test_known_codes_are_names_aliases_and_always(calendars: ExchangeCalendars) -> None:
    assert {"XNYS", "NYSE", "CMES", "XHKG", "24/7", "always"} <= calendars.codes()
    assert all(calendars.knows(code) for code in calendars.codes())
    assert not calendars.knows("xnys")
    assert not calendars.knows("IB")


def test_always_needs_no_table(tmp_path: Path) -> None:
    calendars = ExchangeCalendars(tmp_path / "cache", lambda: TODAY)
    calendars.load(["always"])
    assert calendars.knows("always")
    assert calendars.hours("always", utc("2026-03-08T07:00")) is ALWAYS
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("xnys", "calendar `xnys`: unknown code (did you mean `XNYS`?)"),
        ("XNYX", "calendar `XNYX`: unknown code (did you mean `XNYS`?)"),
        (
            "??",
            (
                "calendar `??`: unknown code (use an exchange code such as XNYS, CMES or XLON,"
                " or `IB`, or `always`)"
            ),
        ),
    ],
)
def test_an_unknown_code_is_an_error_with_a_suggestion(
    calendars: ExchangeCalendars, code: str, message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        calendars.hours(code, utc("2026-03-02T15:00"))
    assert str(caught.value) == message


class Broken(exchange_calendars.ExchangeCalendar):  # type: ignore[misc]  # the library has no types
    """A calendar that the library cannot compute, as some are with a pandas too new for it."""

    name = "XBRK"


@pytest.fixture
def broken() -> Iterator[str]:
    exchange_calendars.register_calendar_type("XBRK", Broken)
    yield "XBRK"
    exchange_calendars.deregister_calendar("XBRK")


def test_a_calendar_that_cannot_be_computed_is_an_error(broken: str, tmp_path: Path) -> None:
    calendars = ExchangeCalendars(tmp_path, lambda: TODAY)
    with pytest.raises(ConfigError, match=r"calendar `XBRK`: .* cannot compute it") as caught:
        calendars.load([broken])
    assert "\n" not in str(caught.value)


def spoil_by_truncation(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def spoil_by_flipping_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def spoil_by_emptying(path: Path) -> None:
    path.write_bytes(b"")


def spoil_by_another_layout(path: Path) -> None:
    write_cached(path, {"zone": "UTC"})


def spoil_by_older_clocks(path: Path) -> None:
    table = msgspec.msgpack.decode(path.read_bytes()[4:])
    table["offsets"][-1] += 3600
    write_cached(path, table)


def write_cached(path: Path, content: object) -> None:
    body = msgspec.msgpack.encode(content)
    path.write_bytes(zlib.crc32(body).to_bytes(4, "big") + body)


@pytest.mark.parametrize(
    "spoil",
    [
        spoil_by_truncation,
        spoil_by_flipping_a_bit,
        spoil_by_emptying,
        spoil_by_another_layout,
        spoil_by_older_clocks,
        Path.unlink,
    ],
)
def test_a_spoilt_table_is_built_anew(copied: Path, spoil: object) -> None:
    path = next(copied.glob(TABLE))
    whole = path.read_bytes()
    assert callable(spoil)
    spoil(path)
    at = utc("2026-03-02T15:00")
    assert phase(ExchangeCalendars(copied, lambda: TODAY).hours("24/7", at), at) == "regular"
    assert path.read_bytes() == whole


def test_a_spoilt_list_of_names_is_built_anew(copied: Path) -> None:
    path = next(copied.glob("names-*"))
    path.write_bytes(b"rubbish")
    assert ExchangeCalendars(copied, lambda: TODAY).knows("XNYS")
    assert path.read_bytes() != b"rubbish"


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    at = utc("2026-03-02T15:00")
    calendars = ExchangeCalendars(tmp_path / "file" / "cache", lambda: TODAY)
    assert phase(calendars.hours("24/7", at), at) == "regular"


def test_a_write_that_fails_leaves_nothing_behind(copied: Path) -> None:
    path = next(copied.glob(TABLE))
    path.unlink()
    path.mkdir()
    before = sorted(copied.iterdir())
    assert ExchangeCalendars(copied, lambda: TODAY).hours("24/7", utc("2026-03-02T15:00")).known
    assert sorted(copied.iterdir()) == before


def test_tables_read_once_need_no_files_later(copied: Path) -> None:
    calendars = ExchangeCalendars(copied, lambda: TODAY)
    calendars.load(["XNYS", "NYSE"])
    shutil.rmtree(copied)
    assert calendars.hours("NYSE", utc("2026-03-02T15:00")).known
    assert not copied.exists()


def test_the_cache_is_below_the_users_cache_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert default_cache_dir() == tmp_path / "xdg" / "riskgate" / "calendars"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # to be ignored, says the XDG specification
    assert default_cache_dir() == tmp_path / ".cache" / "riskgate" / "calendars"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache_dir() == tmp_path / ".cache" / "riskgate" / "calendars"


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_entry(_: int) -> None:
        raise KeyError

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", no_entry)
    calendars = ExchangeCalendars(today=lambda: TODAY)
    assert calendars.hours("24/7", utc("2026-03-02T15:00")).known
    assert not default_cache_dir().exists()


def run(program: str, *, cache_home: Path) -> str:
    """What a program prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "XDG_CACHE_HOME": str(cache_home),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


IMPORTED = "print(sorted({'pandas', 'numpy', 'exchange_calendars'} & set(sys.modules)))"
USE = f"""
import sys
from datetime import UTC, datetime
from riskgate.calendars import ExchangeCalendars
calendars = ExchangeCalendars()
print(calendars.knows("CMES"), calendars.knows("CMEZ"))
print(calendars.hours("XNYS", datetime(2026, 3, 2, 15, tzinfo=UTC)).sessions[0].day)
{IMPORTED}
"""


@pytest.mark.slow
def test_only_the_first_process_imports_the_library(tmp_path: Path) -> None:
    first = run(USE, cache_home=tmp_path)
    later = run(USE, cache_home=tmp_path)
    said = "True False\n2026-03-02"
    assert first == f"{said}\n['exchange_calendars', 'numpy', 'pandas']"
    assert later == f"{said}\n[]"


def test_importing_the_module_imports_no_library(tmp_path: Path) -> None:
    assert run(f"import sys, riskgate.calendars; {IMPORTED}", cache_home=tmp_path) == "[]"


def test_hours_are_a_value(calendars: ExchangeCalendars) -> None:
    hours = calendars.hours("XHKG", utc("2026-03-02T03:00"))
    assert msgspec.json.decode(msgspec.json.encode(hours), type=Hours) == hours
