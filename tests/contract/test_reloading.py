"""A connected gate reads its policy files again: swapped while connected, or left with an alarm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from riskgate.config import Config
from riskgate.errors import PolicyError
from riskgate.journal.archive import open_for_reading
from riskgate.model.events import Decided, Note, PolicyActivated
from riskgate.simulator import running
from riskgate.wiring import ConnectedGate, connect

T = TypeVar("T")
POLICY = """
riskgate: 1
policy: open
timezone: America/New_York
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 100, because: a test}
"""
HOURS = "  - {id: hours, kind: market_hours, calendar: XTKS, because: a test}\n"
SMALL = "BUY 100 AAPL LMT 1 DAY"
LARGE = "BUY 101 AAPL LMT 1 DAY"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "open.yaml"
    path.write_text(POLICY, encoding="utf-8")
    return path


@pytest.fixture
def gate(file: Path) -> Iterator[ConnectedGate]:
    config = Config(
        policies=(str(file),),
        journal=str(file.with_name("journal.sqlite")),
        hold_for=timedelta(minutes=2),
        max_account_age=timedelta(minutes=7),
        actor="desk",
    )
    with running() as tws:
        at_hand = msgspec.structs.replace(config, broker={"port": tws.port})
        with connect(at_hand) as opened:
            assert opened.prepare("AAPL", timeout=5) == ()
            yield opened


def on_record(file: Path, kind: type[T]) -> list[T]:
    with open_for_reading(str(file.with_name("journal.sqlite"))) as archive:
        return [event.payload for event in archive.read() if isinstance(event.payload, kind)]


def test_the_files_are_read_again_and_hold_from_the_next_order_on(
    gate: ConnectedGate, file: Path
) -> None:
    before = gate.submit(LARGE).decision
    file.write_text(POLICY.replace("100", "101"), encoding="utf-8")
    gate.reload()
    after = gate.submit(LARGE).decision
    assert (before.by, after.by) == (("open/size",), ())
    activated = on_record(file, PolicyActivated)
    assert [event.digest for event in activated] == [before.digest, after.digest]


def test_a_bad_file_leaves_the_last_good_set_in_force_and_an_alarm_on_record(
    gate: ConnectedGate, file: Path
) -> None:
    digest = gate.policies.digest
    file.write_text(POLICY.replace("max_quantity", "max_quantty"), encoding="utf-8")
    for _ in range(2):
        with pytest.raises(PolicyError) as caught:
            gate.reload()
        assert "did you mean `max_quantity`?" in str(caught.value.problems[0])
    alarms = on_record(file, Note)
    assert len(alarms) == 2
    for alarm in alarms:
        assert alarm.text.startswith(f"policies not reloaded, {digest[:12]} stays in force: ")
        assert "open.yaml:7:34: error RG102 unknown key `max_quantty`" in alarm.text
        assert alarm.actor == "desk"
    assert gate.policies.digest == digest
    assert gate.submit(LARGE).decision.by == ("open/size",)
    assert gate.submit(SMALL).allowed
    file.write_text(POLICY.replace("100", "101"), encoding="utf-8")
    gate.reload()
    assert gate.submit(LARGE).allowed


def test_files_that_are_gone_are_no_empty_set_of_policies(gate: ConnectedGate, file: Path) -> None:
    file.unlink()
    with pytest.raises(PolicyError):
        gate.reload()
    assert gate.submit(SMALL).allowed


def test_other_files_may_be_named_and_calendars_of_new_policies_are_at_hand(
    gate: ConnectedGate, file: Path
) -> None:
    other = file.with_name("other.yaml")
    other.write_text(POLICY.replace("open", "other") + HOURS, encoding="utf-8")
    gate.reload([other])
    assert {finding.rule for finding in gate.submit(LARGE).decision.breaches} >= {"other/size"}
    assert gate.policies.policies[0].name == "other"
    gate.reload()
    assert gate.policies.policies[0].name == "open"


def test_policies_that_are_read_already_are_taken_as_they_are(
    gate: ConnectedGate, file: Path
) -> None:
    first = gate.policies
    file.write_text(POLICY.replace("100", "101"), encoding="utf-8")
    gate.reload()
    gate.reload(first)
    assert gate.policies is first


def test_the_settings_say_how_long_is_waited_and_how_old_account_values_may_be(
    gate: ConnectedGate, file: Path
) -> None:
    gate.submit(SMALL)
    snapshots = [event.snapshot for event in on_record(file, Decided)]
    assert [seen.account_max_age for seen in snapshots if seen] == [timedelta(minutes=7)]
    assert gate._hold_for == timedelta(minutes=2)  # nothing else tells in less than two minutes
