"""A frame of `watch` fits every terminal, and marks what it leaves out."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from decimal import Decimal

import msgspec
import pytest
from rich.console import Console

from riskgate.line.parents_terms import ParentProgress
from riskgate.model.events import Reconciled
from riskgate.model.lifecycle import Status
from riskgate.model.trading import Scope, Standing, TradingState
from riskgate.model.work import WorkState
from riskgate.record.limits_now import LimitNow
from riskgate.record.live_view import AtWork, Frame, Judged
from riskgate.record.status import Around, State
from riskgate.reporters import formats, reporter
from riskgate.reporters.watch_screen import PLAIN, drawn, screen
from tests.unit.conftest import NOON

SIZES = [(80, 24), (60, 15), (200, 60), (40, 10), (20, 5), (80, 3)]
LINE = "BUY 100 AAPL LMT 190 DAY strategy=meanrev account=DU1234567"


def limit(percent: str, number: int = 0) -> LimitNow:
    return LimitNow(
        rule=f"us-equities/single-name-position-{number}",
        kind="position",
        limit_name="max_long_notional",
        budget="account=DU1234567 strategy=meanrev symbol=AAPL",
        unit="USD",
        used=Decimal(percent) * 1_000_000,
        reserved=Decimal(1_234_567),
        limit=Decimal(100_000_000),
        headroom=Decimal(1),
        percent=Decimal(percent),
    )


def judged(action: str, number: int) -> Judged:
    by = () if action == "allow" else ("us-equities/price-collar", "NO_PRICE")
    return Judged(seq=number, at=NOON, order_id=number, action=action, order=LINE, by=by)


@pytest.fixture
def full() -> Frame:
    """More of everything than any terminal has room for."""
    standings = [
        Standing(
            state=state, scope=Scope(symbol="AAPL"), by="m.ruiz", reason="words " * 50, at=NOON
        )
        for state in (TradingState.HALTED, TradingState.REDUCE_ONLY)
    ]
    parent = ParentProgress(
        order_id=7,
        order=LINE,
        plan="twap duration=30m slices=10",
        state=WorkState.PAUSED,
        quantity=Decimal(95),
        filled=Decimal(30),
        working=Decimal(9),
        slices=4,
        reason="a person said so",
    )
    state = State(
        around=Around(journal="j" * 100, now=NOON, running=(1, 2), kill_file_present=True),
        standings=tuple(standings),
        working=150,
        unknown=("9 x",),
        parents=(parent,) * 30,
        reconciled=Reconciled(clean=True),
        reconciled_at=NOON - timedelta(seconds=3),
    )
    orders = [
        AtWork(
            order_id=number,
            status=Status.UNKNOWN if number < 2 else Status.PARTIALLY_FILLED,
            order=LINE,
            quantity=Decimal(1_000_000),
            filled=Decimal(999_999),
            since=NOON,
        )
        for number in range(1, 151)
    ]
    actions = ("allow", "warn", "hold", "deny")
    return Frame(
        state=state,
        limits=tuple(limit(str(120 - number), number) for number in range(100)),
        orders=tuple(orders),
        decisions=tuple(judged(actions[number % 4], number) for number in range(50)),
        trouble="journal `x`: another process has held it for more than 5 s " * 3,
        priced_at=NOON,
    )


EMPTY = Frame(state=State(around=Around(journal="x.sqlite", now=NOON)))


def as_drawn(frame: Frame, width: int, height: int) -> list[str]:
    """What a terminal of that size shows."""
    console = Console(
        width=width, height=height, file=io.StringIO(), color_system=None, legacy_windows=False
    )
    lines = console.render_lines(drawn(screen(frame, width, height)), pad=False)
    return ["".join(part.text for part in line) for line in lines]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_wraps_and_nothing_is_cut_without_a_mark(
    full: Frame, width: int, height: int
) -> None:
    for frame in (full, EMPTY):
        lines = [line.text for line in screen(frame, width, height)]
        assert len(lines) <= height
        assert max(map(len, lines)) <= width
        assert [line.rstrip() for line in as_drawn(frame, width, height)] == [
            line.rstrip() for line in lines
        ]
        whole = [line.text for line in screen(frame, 2000)]
        for line in lines:
            told = line.rstrip()
            assert (
                "..." in told
                or "".join(told.split()) in "".join("".join(whole).split())
                or (" of " in told)
            )


def test_letters_of_two_columns_do_not_wrap_either(full: Frame) -> None:
    frame = msgspec.structs.replace(full, trouble="停止" * 60)
    assert len(as_drawn(frame, 80, 24)) == 24


def test_on_a_usual_terminal_each_part_has_rows_and_says_how_many_there_are(full: Frame) -> None:
    lines = [line.text for line in screen(full, 80, 24)]
    titles = [line for line in lines if line.startswith(("LIMITS", "ORDERS", "AT WORK", "DECIS"))]
    assert titles == [
        "LIMITS used + reserved / limit (4 of 100)",
        "ORDERS 150 working, 0 held, 1 UNKNOWN (4 of 150)",
        "AT WORK (3 of 30)",
        "DECISIONS newest first (3 of 50)",
    ]
    assert len(lines) == 24


def test_where_there_is_room_for_all_nothing_is_counted(full: Frame) -> None:
    few = msgspec.structs.replace(full, limits=full.limits[:2], orders=(), decisions=())
    titles = [line.text for line in screen(few, 80, 60) if line.style == "bold"]
    assert titles[1:] == [
        "LIMITS used + reserved / limit",
        "ORDERS 150 working, 0 held, 1 UNKNOWN: none",
        "AT WORK",
        "DECISIONS newest first: none",
    ]


def test_no_colour_says_what_no_word_says(full: Frame) -> None:
    words = {"HALTED", "TROUBLE", "KILL FILE", "FULL", "NEAR", "UNKNOWN", "DENY", "HOLD", "WARN"}
    for line in screen(full, 200):
        if line.style not in (PLAIN, "bold", "green", "dim"):
            assert any(word in line.text for word in words), line


def test_how_full_a_limit_is_is_said_in_words_too() -> None:
    frame = msgspec.structs.replace(
        EMPTY, limits=(limit("100.1"), limit("100"), limit("90"), limit("89.9"))
    )
    rows = [line.text for line in screen(frame, 200) if "max_long" in line.text]
    assert [row.split("us-eq")[0].split() for row in rows] == [
        [">100", "%", "FULL"],
        ["100", "%", "FULL"],
        ["90", "%", "NEAR"],
        ["90", "%"],
    ]
    assert rows[1].endswith("100,000,000 + 1,234,567 / 100,000,000 USD")


def test_whose_a_limit_is_is_said_in_eighty_columns() -> None:
    one = msgspec.structs.replace(limit("12"), rule="desk/position", limit_name="max_long")
    small = msgspec.structs.replace(one, used=Decimal(510), reserved=Decimal(0), limit=Decimal(800))
    line = next(
        line.text
        for line in screen(msgspec.structs.replace(EMPTY, limits=(small,)))
        if "desk/" in line.text
    )
    assert line.split()[2:7] == ["desk/position", "max_long", "DU1234567", "meanrev", "AAPL"]
    assert line.endswith("510 + 0 / 800 USD")


def test_a_number_is_shown_whole_or_not_at_all() -> None:
    frame = msgspec.structs.replace(EMPTY, limits=(limit("100"),))
    (row,) = [line.text for line in screen(frame, 60) if "FULL" in line.text]
    assert row.endswith("  ...")
    assert "100,0" not in row


def test_what_must_be_left_is_written_as_that() -> None:
    floor = msgspec.structs.replace(limit("50"), floor=True)
    frame = msgspec.structs.replace(EMPTY, limits=(floor,))
    (row,) = [line.text for line in screen(frame, 200) if "max_long" in line.text]
    assert row.endswith("50,000,000 - 1,234,567 >= 100,000,000 USD")


def test_an_empty_record_says_what_is_missing() -> None:
    lines = [line.text for line in screen(EMPTY)]
    assert lines[1:] == [
        "state      ACTIVE for all",
        "gate       none runs on this journal; last event never",
        "reconcile  NEVER; newest price never",
        "LIMITS used + reserved / limit: none",
        "ORDERS 0 working, 0 held: none",
        "DECISIONS newest first: none",
    ]


def test_why_there_are_no_limits_is_said() -> None:
    frame = msgspec.structs.replace(EMPTY, lacking="the journal does not hold the texts")
    assert "LIMITS cannot be told: the journal does not hold the texts: none" in [
        line.text for line in screen(frame, 200)
    ]


def test_nobodys_words_steer_the_terminal(full: Frame) -> None:
    evil = "\x1b[2J\nBUY"
    frame = msgspec.structs.replace(
        full,
        decisions=(msgspec.structs.replace(judged("deny", 1), order=evil, by=(evil,)),),
        orders=(msgspec.structs.replace(full.orders[0], order=evil),),
        trouble=evil,
    )
    assert all(line.text.isprintable() for line in screen(frame, 200))


def test_it_is_text_and_json_with_all_that_status_says(full: Frame) -> None:
    assert formats("watched") == ["text", "json"]
    written = json.loads(reporter("json").watched(full))
    assert len(written["limits"]) == 100
    assert written["state"] == json.loads(reporter("json").status(full.state))
    text = reporter("text").watched(full)
    assert "LIMITS used + reserved / limit (10 of 100)" in text
    assert max(map(len, text.splitlines())) <= 80
