"""The scenario language: what a file may say, what it is told when it says it wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from riskgate.simulator import (
    Fault,
    Happening,
    Outage,
    Price,
    Reject,
    Restart,
    Running,
    Scenario,
    ScenarioError,
    VirtualClock,
    running,
)
from riskgate.simulator.faults import ANY, Drop, Locate
from riskgate.simulator.options import Fills
from riskgate.simulator.scenarios import load, names, parse
from riskgate.simulator.scenarios.price_file import load_prices, parse_prices
from riskgate.simulator.scenarios.scenario import ACTIONS, HAPPENINGS
from riskgate.simulator.wire.kinds import Record

if TYPE_CHECKING:
    from tests.wire.conftest import WireConnect

WHOLE = """
about: everything once
sources: [here]
start: 2025-01-06T15:00:00+00:00
seed: 7
options:
  accounts: [DU1, DU2]
  cash: 5000.50
  fills: {chunks: 1}
  sessions: true
  walk: {seed: 3, symbols: [AAPL]}
  groups: {all: {accounts: [DU1, DU2]}}
prices:
  AAPL: {bid: 189.99, ask: 190.01}
faults:
  - {at: placeOrder, nth: 2, times: 3, chance: 0.5, do: reject, code: 460, text: "no: really"}
  - {at: placeOrder, do: locate}
  - {at: reqPositions, do: drop, octets: 10}
timeline:
  - {after: 1.5, do: outage, seconds: 20, reports: lost}
  - {after: 30, do: restart, roll_back: 4}
"""


def test_a_file_says_what_python_can_say() -> None:
    found = parse(WHOLE, "whole.yaml")
    assert (found.name, found.about, found.sources, found.seed) == (
        "whole",
        "everything once",
        ("here",),
        7,
    )
    assert found.start == datetime(2025, 1, 6, 15, 0, tzinfo=UTC)
    assert (found.options.accounts, found.options.cash) == (("DU1", "DU2"), Decimal("5000.50"))
    assert (found.options.fills, found.options.sessions) == (Fills(chunks=1), True)
    assert found.options.walk is not None
    assert found.options.walk.symbols == ("AAPL",)
    assert found.options.groups["all"].accounts == ("DU1", "DU2")
    assert found.prices == (Price("AAPL", Decimal("189.99"), Decimal("190.01")),)
    assert found.faults == (
        Fault("placeOrder", Reject(460, "no: really"), 2, 3, 0.5),
        Fault("placeOrder", Locate(), ANY),
        Fault("reqPositions", Drop(octets=10)),
    )
    assert found.timeline == (
        Happening(1.5, Outage(20.0, "lost")),
        Happening(30.0, Restart(4)),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("abuot: x", "1: scenario: `abuot`: did you mean `about`?"),
        ("options: {acounts: [a]}", "1: options: `acounts`: did you mean `accounts`?"),
        ("options: {port: 1}", "1: options: `port` is not for a file to say"),
        ("options: {cash: 1e3}", "1: options: cash: `1e3` is not a number"),
        ("options: {sessions: yes}", "1: options: sessions: `yes` is neither `true` nor `false`"),
        ("options: {accounts: DU1}", "1: options: accounts: is no list"),
        ("options: {groups: {g: {accounts: [X]}}}", "options: group `g`: no account `X`"),
        ("options: {accounts: []}", "1: options: there is no account"),
        ("options: {fills: {sizes: [0]}}", "1: options: fills: sizes: `0` is not above 0"),
        (
            "options: {walk: {every: 0}}",
            "1: options: walk: every: `0` is outside 0.001..1000000000",
        ),
        (
            "faults:\n  - {at: execution, do: repeat}\n  - {at: execution, do: stale, x: 1}",
            "3: stale",
        ),
        (
            "timeline:\n  - {after: 9999999999, do: mute}",
            "after: `9999999999` is outside 0..1000000000",
        ),
        ("start: 2025-01-06", "has no time zone"),
        ("start: soon", "is not a time"),
        ("prices:\n  AAPL: {bid: 2, ask: 1}", "2: price: AAPL: the bid 2 is above the ask 1"),
        ("prices:\n  - {bid: 2}", "2: prices: `symbol` is missing"),
        ("faults:\n  - {do: reject}", "2: faults: `at` is missing"),
        ("faults:\n  - {at: placeOrder}", "2: `do` is missing; there is: advance"),
        ("faults:\n  - {at: placeOrder, do: rejct}", "2: do: `rejct`: did you mean `reject`?"),
        (
            "faults:\n  - {at: placeOrder, do: reject, cod: 1}",
            "reject: `cod`: did you mean `code`?",
        ),
        ("faults:\n  - {at: cancelOrder, do: warn}", "cannot happen on `cancelOrder`"),
        (
            "faults:\n  - {at: placeOrdr, do: reject}",
            "2: faults: at: `placeOrdr`: did you mean `placeOrder`?",
        ),
        ("faults:\n  - {at: placeOrder, nth: x, do: reject}", "nth: `x` is not a whole number"),
        ("faults: 3", "1: faults: is no list"),
        ("timeline:\n  - {do: mute}", "2: timeline: `after` is missing"),
        ("timeline:\n  - {after: 1, do: reject}", "2: do: `reject`: there is: advance, by_hand"),
        ("timeline:\n  - {after: 1, do: outage}", "2: outage: `seconds` is missing"),
        (
            "timeline:\n  - {after: 1, do: outage, seconds: 1, reports: gone}",
            "2: outage: reports: `gone`: there is: held, live, lost",
        ),
        ("seed: 1\nseed: 2", "2: `seed` is given in line 1"),
        ("a: &x 1\nb: *x", "1: anchors and aliases are not taken here"),
        ("a: !!python/object:os.system 1", "1: tags are not taken here"),
        ("a: [", "the text is not YAML"),
        ("", "1: the file is empty"),
        ("- 1", "1: scenario: is no mapping of keys to values"),
        ("a: 1\n---\nb: 1", "the file holds several documents"),
        ("[" * 20 + "]" * 20, "nested more than 16 levels deep"),
        ("? [a]\n: 1", "a key is not a word"),
        ("about: " + "x" * 1_048_577, "larger than 1 MiB"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse(text, "s.yaml")
    assert told in str(caught.value)
    assert str(caught.value).startswith("s.yaml:")


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ScenarioError) as caught:
        parse("abuot: x\nseed: y\nfaults:\n  - {at: x, do: y}\n", "s.yaml")
    assert [one.line for one in caught.value.problems] == [1, 2, 4, 4]


def test_a_scenario_is_found_by_name_number_and_subject(tmp_path: Path) -> None:
    for wanted in ("42-locate", "42", "locate"):
        assert load(wanted).name == "42-locate"
    (tmp_path / "mine.yaml").write_text("about: mine")
    assert load(tmp_path / "mine.yaml").name == "mine"
    with pytest.raises(ScenarioError, match="no such scenario"):
        load("99")
    (tmp_path / "odd.yaml").write_bytes(b"about: a\n\xff")
    with pytest.raises(ScenarioError, match=r"odd\.yaml:2: the file is not UTF-8"):
        load(tmp_path / "odd.yaml")
    (tmp_path / "long.yaml").write_bytes(b"#" * 1_048_577)
    with pytest.raises(ScenarioError, match="larger than 1 MiB"):
        load(tmp_path / "long.yaml")
    with pytest.raises(OSError, match=r"gone\.yaml"):
        load(tmp_path / "gone.yaml")


@pytest.mark.parametrize("name", names())
def test_every_shipped_scenario_says_what_it_is_about(name: str) -> None:
    found = load(name)
    assert found.about
    assert found.sources
    assert found.start is not None


def test_every_event_is_an_action() -> None:
    assert HAPPENINGS.items() <= ACTIONS.items()
    assert {"second_perm_id", "no_status", "fill_after_cancel"} <= ACTIONS.keys()


def test_a_timeline_runs_by_the_simulators_clock() -> None:
    later = Happening(60, Price("AAPL", last=Decimal(200)))
    clock = VirtualClock(datetime(2025, 1, 6, 15, 0, tzinfo=UTC))
    with running(clock=clock, scenario=Scenario(name="mine", timeline=(later,))) as sim:
        prices = sim._simulator.gateway.exchange.world.prices
        sim.advance(59)
        assert prices.of(265598).last != 200
        sim.advance(1)
        assert prices.of(265598).last == 200


CHAOS = """
start: 2025-01-06T15:00:00Z
options: {walk: {seed: 5, every: 2}}
seed: %d
faults:
  - {at: placeOrder, times: 9, chance: 0.3, do: reorder, messages: 3}
  - {at: placeOrder, times: 9, chance: 0.3, do: reject, code: 460}
  - {at: placeOrder, times: 9, chance: 0.3, do: delay, seconds: 2}
  - {at: execution, times: 9, chance: 0.3, do: repeat}
  - {at: execution, times: 9, chance: 0.3, do: correct, price: 1}
timeline:
  - {after: 15, do: outage, seconds: 7}
"""
BUY: Record = {
    "symbol": "AAPL",
    "secType": "STK",
    "exchange": "SMART",
    "currency": "USD",
    "action": "BUY",
    "totalQuantity": Decimal(10),
    "orderType": "MKT",
    "tif": "DAY",
    "transmit": True,
}


def arrived(sim: Running, what: str, number: int) -> None:
    sim.wait_for(lambda: len(sim.received(what)) == number)


def told(wire_to: WireConnect, seed: int) -> list[bytes]:
    """Every byte that a client is told in half a minute of chaos."""
    with running(scenario=parse(CHAOS % seed)) as sim:
        client = wire_to(sim)
        found: list[bytes] = []
        for number in range(1, 31):
            client.send("placeOrder", {**BUY, "orderId": number})
            arrived(sim, "placeOrder", number)  # two requests in one read are answered otherwise
            client.send("reqCurrentTime", {})
            arrived(sim, "reqCurrentTime", number)
            sim.advance(1)
        client.send("reqManagedAccts", {})
        while not (found and found[-1].startswith(b"15\0") and len(found) > 9):
            found.append(client.body())
        return found


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(wire_to: WireConnect) -> None:
    first = told(wire_to, 1)
    assert told(wire_to, 1) == first
    assert told(wire_to, 2) != first


# -- price files ----------------------------------------------------------------------------------

CSV = (
    "symbol,bid,ask,last,close,volume,halted\nAAPL,189.99,190.01,190,,12345,\nESH5,,,5500,,,true\n"
)
YAML = (
    "AAPL: {bid: 189.99, ask: 190.01, last: 190, volume: 12345}\nESH5: {last: 5500, halted: true}\n"
)


def test_a_price_file_is_csv_or_yaml(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(CSV)
    (tmp_path / "p.yaml").write_text(YAML)
    found = load_prices(tmp_path / "p.csv")
    assert found == load_prices(tmp_path / "p.yaml")
    assert found[0].volume == 12345
    assert (found[1].symbol, found[1].halted) == ("ESH5", True)


@pytest.mark.parametrize(
    ("text", "path", "told"),
    [
        ("symbol,bit\nAAPL,1\nMSFT,2\n", "p.csv", "p.csv:1: column `bit`: did you mean `bid`?"),
        ("symbol,bid\nAAPL\n", "p.csv", "p.csv:2: 1 cells under a header of 2"),
        ("symbol,bid\n,3\n", "p.csv", "p.csv:2: prices: `symbol` is missing"),
        ("symbol,bid\nAAPL,x\n", "p.csv", "p.csv:2: prices: bid: `x` is not a number"),
        ("symbol,bid\nAAPL,1\nAAPL,2\n", "p.csv", "`AAPL` is given twice"),
        ('symbol,bid\nAAPL,"1\n', "p.csv", "the text is not CSV"),
        ("", "p.csv", "p.csv:1: the file is empty"),
        ("AAPL: {bit: 1}", "p.yaml", "p.yaml:1: prices: `bit`: did you mean `bid`?"),
    ],
)
def test_a_price_file_that_is_wrong_is_told(text: str, path: str, told: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_prices(text, path)
    assert told in str(caught.value)
    assert len(caught.value.problems) == 1
