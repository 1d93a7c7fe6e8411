"""What a file says is refused when it is read: nothing waits until it is fired to be wrong."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from riskgate.simulator import (
    ByHand,
    Fault,
    Halt,
    Happening,
    Options,
    Reject,
    Repeat,
    Restart,
    Scenario,
    ScenarioError,
    VirtualClock,
    read_bars,
    running,
)
from riskgate.simulator.permitted import Permitted, hints
from riskgate.simulator.scenarios import load, parse
from riskgate.simulator.scenarios.known import Listings
from riskgate.simulator.scenarios.price_file import load_prices, parse_prices
from riskgate.simulator.scenarios.scenario import ACTIONS

DAY = date(2025, 1, 6)
START = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)
HEAD = "start: 2025-01-06T15:00:00Z\n"
NUMBERS = ("-5", "nan", ".inf", "1e9", "99999999999", "true", "[1]", "{a: 1}", "''", "1_000")


def told(text: str) -> str:
    """What is said of a scenario that begins in January 2025; its second line is the text's."""
    with pytest.raises(ScenarioError) as caught:
        parse(HEAD + text, "s.yaml")
    assert all(re.fullmatch(r"s\.yaml:\d+: [^\n]+", line) for line in str(caught.value).split("\n"))
    return str(caught.value)


NEGATIVE = {"bid", "ask", "last", "close", "price", "limit"}  # as prices of futures may be
ENDLESS = {("price", "liquidity"), ("price", "volume"), ("correct", "quantity")}


def numbers() -> list[tuple[str, str, str]]:
    """Every field of every action that is a number, with each value that is none for it."""
    return [
        (word, name, value)
        for word, kind in ACTIONS.items()
        for name, hint in hints(kind).items()
        for value in NUMBERS
        if any(one in str(hint) for one in ("int", "float", "Decimal"))
        and (value != "-5" or name not in NEGATIVE)
        and (value != "99999999999" or (word, name) not in ENDLESS)
    ]


def needed(kind: type[msgspec.Struct]) -> dict[str, str]:
    """The fields that an action cannot do without."""
    given = {"symbol": "AAPL", "action": "BUY", "quantity": "1", "seconds": "1", "code": "1100"}
    fields = msgspec.structs.fields(kind)
    return {one.name: given[one.name] for one in fields if one.required}


@pytest.mark.parametrize(("word", "name", "value"), numbers())
def test_every_number_of_every_action_has_its_range(word: str, name: str, value: str) -> None:
    fields = {**needed(ACTIONS[word]), name: value}
    at = "execution" if word in {"correct", "bill", "stale"} else "placeOrder"
    at = "cancelOrder" if word == "fill_after_cancel" else at
    terms = ", ".join(f"{key}: {one}" for key, one in fields.items())
    said = told(f"faults:\n  - {{at: {at}, do: {word}, {terms}}}\n")
    assert said.startswith(f"s.yaml:3: {word}: {name}")


def test_every_field_of_an_action_has_a_range_or_a_set() -> None:
    for kind in ACTIONS.values():
        for name, hint in hints(kind).items():
            shown = repr(hint)
            is_set = "Literal" in shown or "bool" in shown
            assert is_set or any(one.__name__ in shown for one in _rules(Permitted)), (kind, name)


def _rules(kind: type[Permitted]) -> list[type[Permitted]]:
    subs: list[type[Permitted]] = kind.__subclasses__()
    return [one for sub in subs for one in (sub, *_rules(sub))]


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("nth: -1", "faults: nth: `-1` is outside 0..1000000000"),
        ("nth: 1.5", "faults: nth: `1.5` is not a whole number"),
        ("times: 0", "faults: times: `0` is outside 1..1000000"),
        ("chance: 3", "faults: chance: `3` is outside 0..1"),
        ("chance: 0", "faults: chance: `0` is not above 0"),
        ("chance: nan", "faults: chance: `nan` is not a number"),
        ("chanse: 1", "reject: `chanse`"),
        ("code: 0", "reject: code: `0` is outside 1..99999"),
        ('text: "a\\0b"', "reject: text: `a\0b` holds what cannot be printed"),
    ],
)
def test_a_fault_that_could_not_be_is_refused(fault: str, why: str) -> None:
    assert f"s.yaml:3: {why}" in told(f"faults:\n  - {{at: placeOrder, do: reject, {fault}}}\n")


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("after: -5, do: mute", "timeline: after: `-5` is outside 0..1000000000"),
        ("after: nan, do: mute", "timeline: after: `nan` is not a number"),
        ("after: 1, do: halt, symbol: ZZZZ", "halt: symbol: `ZZZZ` is not in the simulator's"),
        ("after: 1, do: halt, symbol: APPL", "did you mean `AAPL`?"),
        (
            "after: 1, do: halt, symbol: ESZ4",
            "did you mean `ESZ5`? `ES` is the one that ends next",
        ),
        (
            "after: 1, do: by_hand, symbol: AAPL, action: BUY, quantity: -1",
            "by_hand: quantity: `-1` is outside 0..1000000000",
        ),
        (
            "after: 1, do: by_hand, symbol: AAPL, action: BUY, quantity: 1, account: DU8",
            "by_hand: account: `DU8` is no account of this simulator",
        ),
        (
            "after: 1, do: price, symbol: AAPL, bid: 3, ask: 2",
            "price: AAPL: the bid 3 is above the ask 2",
        ),
    ],
)
def test_an_event_that_could_not_be_is_refused(event: str, why: str) -> None:
    assert f"{why}" in told(f"timeline:\n  - {{{event}}}\n")


@pytest.mark.parametrize(
    ("option", "why"),
    [
        ("pace: 0", "options: pace: `0` is outside 1..1000000"),
        ("fills: {chunks: 0}", "options: fills: chunks: `0` is outside 1..10000"),
        ("max_version: 5", "options: max_version: `5` is outside 157..200"),
        ("time_zone: Mars/Port", "options: time_zone: `Mars/Port` is no time zone"),
        ("time_zone: ../etc", "options: time_zone: `../etc` is no time zone"),
        ("margin_rate: -1", "options: margin_rate: `-1` is outside 0..10"),
        ("accounts: [DU1, DU1]", "options: accounts: one is named twice"),
        ('accounts: ["DU1,DU2"]', "options: accounts: `DU1,DU2` is not one word without commas"),
        ("commissions: {STOCK: {per_unit: 1}}", "options: commissions: `STOCK` is not known"),
        ("commissions: {STK: {per_unit: -1}}", "commissions: STK: per_unit: `-1` is outside"),
        ("reports: {acknowledged: [Submited]}", "is not known; did you mean `Submitted`?"),
        ("walk: {symbols: [ZZZZ]}", "options: walk: symbols: `ZZZZ` is not in the simulator's"),
        ("walk: {ticks: -1}", "options: walk: ticks: `-1` is outside 0..1000000"),
    ],
)
def test_an_option_that_could_not_be_is_refused(option: str, why: str) -> None:
    assert why in told(f"options: {{{option}}}\n")


@pytest.mark.parametrize(
    ("start", "why"),
    [("9999-12-31T00:00:00Z", "outside the years"), ("0001-01-01T00:00:00Z", "outside the years")],
)
def test_a_scenario_begins_in_a_year_the_simulator_knows(start: str, why: str) -> None:
    with pytest.raises(ScenarioError, match=why):
        parse(f"start: {start}", "s.yaml")


def test_the_times_of_repeat_are_how_often_it_is_said() -> None:
    text = "faults:\n  - {at: execution, nth: 1, do: repeat, times: 2}\n"
    assert parse(text).faults == (Fault("execution", Repeat(2), nth=1),)


def test_a_word_that_is_no_scenario_is_told_without_a_line() -> None:
    with pytest.raises(ScenarioError, match=r"^scenario: `locat`: .*did you mean `42-locate`"):
        load("locat")


# -- Python ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: Fault("placeOrder", Reject(), chance=3), "fault: chance: `3` is outside 0..1"),
        (lambda: Fault("placeOrder", Reject(), chance=float("nan")), "`nan` is outside"),
        (lambda: Fault("placeOrder", Reject(), nth=-1), "fault: nth: `-1` is outside"),
        (lambda: Fault("placOrder", Reject()), "did you mean `placeOrder`"),
        (lambda: Fault("cancelOrder", Repeat()), "`repeat`: cannot happen on `cancelOrder`, only"),
        (lambda: Restart(-4), "restart: roll_back: `-4` is outside"),
        (lambda: Happening(-1, Restart()), "happening: after: `-1` is outside"),
        (lambda: Options(pace=0), "options: pace: `0` is outside"),
        (lambda: ByHand("AAPL", "BUY", Decimal("nan")), "by_hand: quantity: `NaN` is outside"),
    ],
)
def test_python_is_held_to_the_same(make: Any, why: str) -> None:  # noqa: ANN401  # a lambda
    with pytest.raises(ValueError, match=re.escape(why)):
        make()


def test_a_scenario_with_an_unknown_symbol_does_not_begin() -> None:
    lost = Scenario(name="lost", timeline=(Happening(1, Halt("NOPE")),))
    with (
        pytest.raises(LookupError, match="halt: symbol: `NOPE` is not in the simulator's"),
        running(clock=VirtualClock(START), scenario=lost),
    ):
        pytest.fail("it has begun")


# -- rows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("AAPL,1,2\n", "p.csv:1: there is no header line; the first line names columns: symbol"),
        ("symbol;bid\nAAPL;1\n", "p.csv:1: there is no header line"),
        ("symbol,bid,ask\n", "p.csv:1: there are no rows below the header line"),
        ("symbol,bid,bid\nAAPL,1,1\n", "p.csv:1: column `bid`: is there twice"),
        ("symbol,bid\nAAPL,\n", "p.csv:2: price: AAPL: nothing is given beside the symbol"),
        ("symbol,bid\nAAPL,nan\n", "p.csv:2: prices: bid: `nan` is not a number"),
        ("symbol,bid\nAAPL,1e3\n", "p.csv:2: prices: bid: `1e3` is not a number"),
        ("symbol,volume\nAAPL,-1\n", "p.csv:2: prices: volume: `-1` is outside"),
        ("symbol,bid\nAAPL,1\nZZZZ,1\n", "p.csv:3: prices: symbol: `ZZZZ` is not in the"),
        ("symbol,bid\nESU4,1\n", "p.csv:2: prices: symbol: `ESU4` is not listed on 2025-01-06"),
        ("symbol,bid\nAAPL,1\n\nAAPL,2\n", "p.csv:4: prices: `AAPL` is given twice, first in lin"),
        ("symbol,halted\nAAPL,yes\n", "p.csv:2: prices: halted: `yes` is neither"),
    ],
)
def test_a_table_of_prices_that_is_none_is_refused(text: str, why: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_prices(text, "p.csv", Listings(DAY))
    assert str(caught.value).startswith(why)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["[]", "{}", "AAPL: {}", "AAPL:", "AAPL: 3"])
def test_markets_in_yaml_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ScenarioError, match=r"^p\.yaml:1: price"):
        parse_prices(text, "p.yaml", Listings(DAY))


def test_a_price_file_as_a_spreadsheet_saves_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "P.CSV").write_bytes(b"\xef\xbb\xbfsymbol,bid\r\nAAPL,1\r\n")
    assert load_prices(tmp_path / "P.CSV")[0].bid == 1
    (tmp_path / "p.toml").write_text("a = 1")
    with pytest.raises(ScenarioError, match=r"a price file ends in \.csv or \.yaml"):
        load_prices(tmp_path / "p.toml")


BARS = "time,symbol,open,high,low,close\n"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("yesterday,AAPL,1,1,1,1", "bar: time: `yesterday` is not a time such as 2025-01-06T15"),
        ("2025-01-06T15:00:00,AAPL,1,1,1,1", "bar: time: `2025-01-06T15:00:00` has no time zone"),
        ("2025-01-06T15:00:00Z,ZZZZ,1,1,1,1", "bar: symbol: `ZZZZ` is not in the simulator's"),
        ("2025-01-06T15:00:00Z,AAPL,1,x,1,1", "bar: high: `x` is not a number"),
        ("2025-01-06T15:00:00Z,AAPL,9,2,1,1", "bar: open and close are not between low and high"),
        ("2025-01-06T15:00:00Z,AAPL,,2,1,1", "bar: `open` is missing"),
    ],
)
def test_a_recorded_bar_that_is_none_is_told_with_its_line(
    tmp_path: Path, row: str, why: str
) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(f"{BARS}2025-01-06T15:00:00Z,AAPL,1,1,1,1\n{row}\n")
    with pytest.raises(ScenarioError) as caught:
        read_bars(path, Listings(DAY))
    assert str(caught.value).startswith(f"{path}:3: {why}")


def test_a_file_of_bars_without_bars_is_refused(tmp_path: Path) -> None:
    for name, text, why in (
        ("b.csv", BARS, "there are no rows below the header line"),
        ("b.csv", "2025-01-06T15:00:00Z,AAPL,1,1,1,1\n", "there is no header line"),
        ("b.jsonl", "", "the file holds no bars"),
        ("b.jsonl", "\n{", "b.jsonl:2: the line is no JSON object"),
        ("b.jsonl", "[1]\n", "b.jsonl:1: bar: is no mapping of keys to values"),
        ("b.json", "[]", "a file of bars ends in .csv or .jsonl"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(ScenarioError, match=re.escape(why)):
            read_bars(tmp_path / name)
