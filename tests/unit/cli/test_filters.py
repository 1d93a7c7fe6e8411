"""Which orders are meant: words that can only be wrong are refused, with the nearest right one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
import pytest
from click.testing import CliRunner

from riskgate.cli.filters import Wanted, filter_options

SEEN: list[Wanted] = []


@click.command()
@filter_options
def command(wanted: Wanted) -> None:
    SEEN[:] = [wanted]


def asked(*words: str) -> Wanted:
    done = CliRunner().invoke(command, words)
    assert done.exit_code == 0, done.output
    return SEEN[0]


def refused(*words: str) -> str:
    done = CliRunner().invoke(command, words)
    assert done.exit_code == 2
    return done.stderr


def test_nothing_asked_for_is_everything() -> None:
    from riskgate.journal.archive import ALL  # noqa: PLC0415  # beside what is under test

    assert asked().filter() == ALL


def test_all_options_are_one_filter() -> None:
    found = asked(
        *("--account", "DU1", "--strategy", "s", "--symbol", "AAPL", "--venue", "ISLAND"),
        *("--order-type", "lmt", "--status", "filled,Denied", "--status", "held"),
        *("--since", "2026-03-02", "--until", "2026-03-02"),
    ).filter(limit=7)
    assert (found.account, found.strategy, found.symbol, found.venue) == (
        "DU1",
        "s",
        "AAPL",
        "ISLAND",
    )
    assert (found.order_type, found.statuses, found.limit) == (
        "LMT",
        ("Filled", "Denied", "Held"),
        7,
    )
    assert found.since == datetime(2026, 3, 2, tzinfo=UTC)
    assert found.until == datetime(2026, 3, 3, tzinfo=UTC)


def test_a_span_is_back_from_now() -> None:
    since = asked("--since", "4h").more["since"]
    assert abs(datetime.now(UTC) - timedelta(hours=4) - since) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--status", "Fild"), "`Fild` is no status; did you mean `Filled`?"),
        (("--status", "Filled,"), "`` is no status; known are PendingSubmit, "),
        (("--order-type", "LTM"), "`LTM` is no order type; did you mean `LMT`?"),
        (("--order-type", "zzzzzzzz"), "`zzzzzzzz` is no order type; known are MKT, LMT"),
        (("--since", "yesturday"), "`yesturday` is no time; write a day such as"),
        (("--until", "2026-03-02T10:00"), "has no offset"),
        (
            ("--since", "2026-03-03", "--until", "2026-03-02"),
            "nothing lies from 2026-03-03 00:00:00",
        ),
        (("--since", "\x1b[2J"), "`\\x1b[2J` is no time"),
    ],
)
def test_what_can_only_be_wrong_is_refused(words: tuple[str, ...], says: str) -> None:
    assert says in refused(*words)
