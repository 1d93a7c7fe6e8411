"""The gate comes back by itself: rows 37 and 53 of the scenarios, on the wire."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from riskgate.brokers.ib.broker import IbBroker
from riskgate.errors import ConfigError, NotConnected
from riskgate.model.events import Reconciled
from riskgate.model.lifecycle import Status
from riskgate.simulator import (
    Delay,
    Fault,
    Mute,
    Options,
    Restart,
    VirtualClock,
    running,
)
from tests.contract.line.conftest import (
    AAPL,
    LIMITS,
    MORNING,
    PATIENCE,
    House,
    another_session,
    back,
    codes,
    lost,
    until,
)


def test_37_the_gate_comes_back_by_itself_and_says_so_once(house: House) -> None:
    gate = house.open()
    with another_session(gate):
        house.sim.disconnect_all()
    until(gate, lambda: len(house.notes()) == 2)
    assert house.notes()[0].startswith(
        "alarm: orders do not reach the broker since 15:00:00 UTC: the connection to 127.0.0.1:"
    )
    assert house.notes()[1] == "connected again after 0 s; attempts: 1"
    assert gate.submit("BUY 10 AAPL MKT DAY").wait(PATIENCE) is Status.FILLED


def test_37_nothing_is_approved_until_the_book_is_proven_again(house: House) -> None:
    gate = house.open()
    reconciles = [one for one in house.recorded() if isinstance(one, Reconciled)]
    house.sim.inject(Fault("reqAllOpenOrders", Delay(5)))
    house.sim.disconnect_all()
    house.sim.wait_for(lambda: len(house.sim.received("reqAllOpenOrders")) == 2, PATIENCE)
    early = gate.submit("BUY 10 AAPL MKT DAY")
    assert codes(early) == {"NOT_RECONCILED"}
    house.sim.advance(5)
    back(gate)
    assert gate.submit("BUY 10 AAPL MKT DAY").wait(PATIENCE) is Status.FILLED
    proven = [one for one in house.recorded() if isinstance(one, Reconciled)]
    assert len(proven) > len(reconciles)
    assert len(house.ids_on_the_wire()) == 1


@pytest.mark.slow
def test_37_while_there_is_no_session_the_reason_is_in_the_denial(house: House) -> None:
    gate = house.open(reconnect_wait=60.0, reconnect_max=60.0)
    house.sim.happen(Restart(0, 3600))
    until(gate, lambda: "the next in" in gate.distrusted_because)
    ticket = gate.submit("BUY 10 AAPL MKT DAY")
    assert codes(ticket) == {"NOT_CONNECTED", "NOT_RECONCILED"}
    [why] = [f.text for f in ticket.decision.breaches if f.code == "NOT_RECONCILED"]
    assert "attempt 1 to connect again" in why
    assert house.ids_on_the_wire() == []


def test_37_closing_does_not_wait_for_the_next_attempt(house: House) -> None:
    gate = house.open(reconnect_wait=60.0, reconnect_max=60.0, connect_timeout=0.2)
    house.sim.happen(Restart(0, 3600))
    until(gate, lambda: "the next in" in gate.distrusted_because)
    begun = time.monotonic()
    gate.close()
    assert time.monotonic() - begun < 30


def test_37_closing_ends_an_attempt_that_is_under_way(house: House) -> None:
    gate = house.open(connect_timeout=60.0)
    broker = gate._broker
    assert isinstance(broker, IbBroker)
    before = broker._thread
    house.sim.happen(Mute())
    house.sim.disconnect_all()
    until(gate, lambda: broker._thread not in (None, before))
    begun = time.monotonic()
    gate.close()
    assert time.monotonic() - begun < 30


def test_37_a_gate_that_shall_not_reconnect_stays_away(house: House) -> None:
    gate = house.open(reconnect=False)
    house.sim.disconnect_all()
    lost(gate)
    assert not any(thread.name == "riskgate-keeper" for thread in threading.enumerate())
    assert codes(gate.submit("BUY 10 AAPL MKT DAY")) == {"NOT_CONNECTED", "NOT_RECONCILED"}


def test_37_the_first_connection_is_not_tried_twice(house: House) -> None:
    port = house.sim.port
    house.sim.happen(Restart(0, 3600))
    with pytest.raises(NotConnected, match=f"no answer from 127.0.0.1:{port} within 0.2 s"):
        house.open(connect_timeout=0.2)


def test_37_a_restart_in_its_window_is_no_alarm(house: House) -> None:
    window = {"from": "09:45", "until": "10:15", "time_zone": "America/New_York"}
    gate = house.open(restart_window=window)
    with another_session(gate):
        house.sim.disconnect_all()
    until(gate, lambda: len(house.notes()) == 1)
    assert house.notes()[0].startswith("connected again after ")


@pytest.mark.parametrize(
    ("broker", "says"),
    [
        ({"restart_window": {"from": "9", "until": "10:15", "time_zone": "UTC"}}, "`from` must be"),
        ({"restart_window": {"form": "09:00"}}, "unknown key `form` (did you mean `from`?)"),
        ({"reconnect_wait": 0}, "`reconnect_wait`: expected `float` > 0.0"),
        ({"reconect": True}, "unknown key `reconect` (did you mean `reconnect`?)"),
    ],
)
def test_a_wrong_setting_of_the_line_stops_the_start(
    house: House, broker: dict[str, object], says: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        house.open(1, **broker)
    assert says in str(caught.value)


def test_53_a_live_account_behind_the_same_port_is_approved_nothing(tmp_path: Path) -> None:
    (tmp_path / "limits.yaml").write_text(LIMITS, encoding="utf-8")
    clock = VirtualClock(MORNING)
    with ExitStack() as stack:
        with running({"AAPL": AAPL}, clock) as paper:
            house = House(paper, clock, tmp_path, stack)
            gate = house.open()
            port = paper.port
        lost(gate)
        options = Options(port=port, accounts=("U7654321",))
        with running({"AAPL": AAPL}, clock, options) as live:
            back(gate)
            ticket = gate.submit("BUY 1 AAPL MKT DAY")
            assert "MODE_MISMATCH" in codes(ticket)
            until(gate, lambda: "nothing is approved: mode is paper" in house.notes()[-1])
            gate.close()
            assert live.received("placeOrder") == ()
