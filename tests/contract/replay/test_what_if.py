"""One limit is edited: which orders of a journal from the simulator change, and none besides.

What is expected is found here by reading the journal with a plain loop over plain numbers; nothing
of the counters, of the rules or of the replay is asked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from riskgate.authoring import policy_files
from riskgate.calendars import ExchangeCalendars
from riskgate.cli.app import run
from riskgate.config import Config
from riskgate.journal.archive import open_for_reading
from riskgate.model.events import Decided, Recorded
from riskgate.model.lifecycle import Status
from riskgate.model.report import ExecutionReport, StatusReport
from riskgate.replay.replaying import Chosen, Replay, Under, replay
from riskgate.simulator import VirtualClock, quote, running
from riskgate.wiring import connect

MORNING = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)
PATIENCE = 10.0
ORDERS = 60
RULES = {
    "size": "kind: fat_finger, max_quantity: 80",
    "many": "kind: daily_volume, per: [account], max_orders: 30",
    "burst": "kind: message_rate, window: 2s, max: 4",
    "held": "kind: position, per: [account, symbol], max_long: 700, max_short: 700",
    "fresh": "kind: reference_price, max_age: 60s",
}


class Seen(NamedTuple):
    """One order of the journal, and what there was before it, counted by hand."""

    number: int
    quantity: int
    signed: int
    sent_before: int
    in_window: int
    long_worst: int
    short_worst: int
    by: frozenset[str]


def policy(**edited: str) -> str:
    rules = {**RULES, **edited}
    lines = "".join(
        f"  - {{id: {name}, {rule}, because: a test}}\n" for name, rule in rules.items()
    )
    return "riskgate: 1\npolicy: desk\ntimezone: America/New_York\ncurrency: USD\nrules:\n" + lines


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the journal of sixty orders, of which some rest, some fill, some are denied."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "limits.yaml").write_text(policy(), encoding="utf-8")
    clock, random = VirtualClock(MORNING), Random(7)
    market = {"AAPL": quote("189.99", "190.01", "190.00", "189.00")}
    with running(market, clock) as sim:
        config = Config(
            journal=str(folder / "journal.sqlite"),
            policies=(str(folder / "limits.yaml"),),
            broker={"port": sim.port, "client_id": 1},
            kill_signal="none",
        )
        with connect(config, clock=clock) as gate:
            assert gate.prepare("AAPL", timeout=PATIENCE) == ()
            for _ in range(ORDERS):
                side = random.choice(("BUY", "BUY", "SELL"))
                size = random.randrange(20, 100)
                price = random.choice(("190.01" if side == "BUY" else "189.99", "190.00"))
                ticket = gate.submit(f"{side} {size} AAPL LMT {price} DAY", strategy="momo")
                if ticket.allowed:
                    done = Status.SUBMITTED if price == "190.00" else Status.FILLED
                    ticket.wait(PATIENCE, lambda view, done=done: view.status is done)  # type: ignore[misc]
                sim.advance(random.choice((0.1, 0.4, 0.9)))
    return folder


@pytest.fixture(scope="module")
def seen(traded: Path) -> list[Seen]:
    with open_for_reading(traded / "journal.sqlite") as archive:
        return list(counted(archive.read()))


def counted(events: Iterator[Recorded]) -> Iterator[Seen]:
    """The orders with what was before them, from nothing but the events."""
    sent: list[datetime] = []
    left: dict[int, int] = {}
    held = 0
    for event in events:
        payload = event.payload
        if isinstance(payload, ExecutionReport):
            moved = int(payload.quantity) * (1 if payload.side == "BUY" else -1)
            held += moved
            left[payload.order_id] -= moved
        elif isinstance(payload, StatusReport) and payload.status in ("Cancelled", "Rejected"):
            left[payload.order_id] = 0
        elif isinstance(payload, Decided) and payload.decision.order is not None:
            order, at = payload.decision.order, payload.decision.as_of
            signed = int(order.quantity) * (1 if order.side == "BUY" else -1)
            buys = sum(one for one in left.values() if one > 0)
            sells = sum(one for one in left.values() if one < 0)
            yield Seen(
                payload.order_id,
                int(order.quantity),
                signed,
                len(sent),
                sum(at - one < timedelta(seconds=2) for one in sent),
                held + buys,
                held + sells,
                frozenset(payload.decision.by),
            )
            if payload.decision.allowed:
                sent.append(at)
                left[payload.order_id] = signed


def asked(folder: Path, text: str, most: int = ORDERS) -> Replay:
    (folder / "edited.yaml").write_text(text, encoding="utf-8")
    calendars = ExchangeCalendars()
    policies = policy_files.load([folder / "edited.yaml"], calendars)
    with open_for_reading(folder / "journal.sqlite") as archive:
        return replay(archive.read, Under(policies, calendars), chosen=Chosen(most=most))


def changed(seen: list[Seen], rule: str, breaches: Callable[[Seen], bool]) -> set[int]:
    """The orders whose breaches are others if one rule has this answer; sides agree in action."""
    name = f"desk/{rule}"
    return {one.number for one in seen if (name in one.by) is not breaches(one)}


def held_beyond(limit: int) -> Callable[[Seen], bool]:
    def breaches(one: Seen) -> bool:
        if one.signed > 0:
            return one.long_worst + one.signed > limit
        return -(one.short_worst + one.signed) > limit

    return breaches


def test_the_journal_holds_all_sorts(seen: list[Seen]) -> None:
    """A limit that nothing meets would prove nothing."""
    assert len(seen) == ORDERS
    for rule in ("size", "many", "burst"):
        assert sum(f"desk/{rule}" in one.by for one in seen) >= 2, rule
    assert sum(not one.by for one in seen) >= 30


EDITS = (
    ("size", RULES["size"].replace("80", "60"), lambda one: one.quantity > 60),
    ("size", RULES["size"].replace("80", "95"), lambda one: one.quantity > 95),
    ("many", RULES["many"].replace("30", "25"), lambda one: one.sent_before + 1 > 25),
    ("burst", RULES["burst"].replace("4", "3"), lambda one: one.in_window + 1 > 3),
)


@pytest.mark.parametrize(("rule", "text", "breaches"), EDITS)
def test_exactly_the_orders_that_a_plain_loop_finds_are_named(
    traded: Path, seen: list[Seen], rule: str, text: str, breaches: Callable[[Seen], bool]
) -> None:
    found = asked(traded, policy(**{rule: text}))
    spared = reductions(traded) if rule == "many" else set()
    expected = changed(seen, rule, breaches) - spared
    assert expected
    assert {item.order_id for item in found.first} == expected
    assert (found.different, found.untold) == (len(expected), 0)


@pytest.mark.parametrize("limit", [100, 300, 699])
def test_a_position_limit_is_asked_of_the_book_of_then(
    traded: Path, seen: list[Seen], limit: int
) -> None:
    edited = RULES["held"].replace("700", str(limit))
    found = asked(traded, policy(held=edited))
    covered = reductions(traded)
    expected = {
        number for number in changed(seen, "held", held_beyond(limit)) if number not in covered
    }
    assert {item.order_id for item in found.first} == expected


def reductions(folder: Path) -> set[int]:
    with open_for_reading(folder / "journal.sqlite") as archive:
        decided = [e.payload for e in archive.read() if isinstance(e.payload, Decided)]
    return {one.order_id for one in decided if one.decision.reduction}


@pytest.mark.parametrize("window", ["1s", "5s"])
def test_a_counter_that_the_record_does_not_hold_is_counted_again(
    traded: Path, window: str
) -> None:
    """Of another window nothing is on record: the book is folded under the other policies."""
    found = asked(traded, policy(burst=RULES["burst"].replace("2s", window)))
    span = timedelta(seconds=int(window[0]))
    with open_for_reading(traded / "journal.sqlite") as archive:
        decided = [e.payload.decision for e in archive.read() if isinstance(e.payload, Decided)]
    sent: list[datetime] = []
    expected = 0
    for one in decided:
        breach = sum(one.as_of - at < span for at in sent) + 1 > 4
        expected += breach is not ("desk/burst" in one.by)
        sent += [one.as_of] if one.allowed else []
    assert (found.different, found.untold) == (expected, 0)
    assert expected


def test_the_effects_add_up(traded: Path, seen: list[Seen]) -> None:
    found = asked(traded, policy(size=RULES["size"].replace("80", "60")))
    effects = found.effects
    alone = {one.number for one in seen if one.quantity > 60 and not one.by}
    assert effects.total.tightened == len(alone) == effects.moves["allow to deny"]
    assert effects.total.loosened == 0
    assert effects.by_rule["desk/size"].tightened == found.different
    assert effects.by_symbol["AAPL"].all == effects.by_strategy["momo"].all == found.different
    assert effects.exposed > 0
    peak = found.peaks["desk/size", "max_quantity"]
    largest = Decimal(max(one.quantity for one in seen))
    assert (peak.then, peak.now) == (largest / 80 * 100, largest / 60 * 100)


def test_its_own_policies_give_every_decision_again(traded: Path) -> None:
    with open_for_reading(traded / "journal.sqlite") as archive:
        found = replay(archive.read)
    assert (found.decisions, found.different) == (ORDERS, 0)


def test_the_command_fails_on_what_is_loosened_and_writes_a_comment(
    traded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal, edited = str(traded / "journal.sqlite"), str(traded / "edited.yaml")
    asked(traded, policy(size=RULES["size"].replace("80", "95")))
    words = ["replay", journal, "--policies", edited]
    assert run([*words, "--fail-on", "loosened>0"]) == 1
    assert run([*words, "--fail-on", "tightened > 0, untold>=1"]) == 0
    capsys.readouterr()
    assert run([*words, "--format", "markdown"]) == 1
    page = capsys.readouterr().out
    assert page.startswith("**riskgate replay** of")
    assert len(page) < 65_000
    assert "| desk/size | 0 |" in page
    assert run([*words, "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["effects"]["total"]["tightened"] == 0


def test_one_order_of_the_journal_is_decided_again(
    traded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = str(traded / "journal.sqlite")
    assert run(["replay", "3", "--journal", journal]) == 0
    assert "1 decision made again, all identical" in capsys.readouterr().out
    assert run(["replay", "999999", "--journal", journal]) == 2
    assert "no decision about order 999999" in capsys.readouterr().err
    assert run(["replay", journal, "--until", "2025-01-01"]) == 0
    assert "0 decisions" in capsys.readouterr().out


@pytest.mark.parametrize("bad", ["loosened", "lost>0", "loosened<1", "loosened>x", ""])
def test_a_condition_that_cannot_be_read_is_one_line(
    traded: Path, capsys: pytest.CaptureFixture[str], bad: str
) -> None:
    assert run(["replay", str(traded / "journal.sqlite"), "--fail-on", bad]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "is no condition; write one such as loosened>0" in error
