"""A gate from settings: connected, traded through, closed; and every part that may not come up."""

import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from riskgate.config import Config
from riskgate.errors import ConfigError, JournalError, NotConnected, PolicyError
from riskgate.journal.archive import open_for_reading
from riskgate.model.lifecycle import Status
from riskgate.simulator import Fault, Faults, Reject, running
from riskgate.wiring import connect

POLICY = """
riskgate: 1
policy: open
timezone: UTC
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 500, because: a test}
  - {id: held, kind: position, per: [account, symbol], max_long: 600, because: a test}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Config:
    (tmp_path / "open.yaml").write_text(POLICY, encoding="utf-8")
    return Config(
        policies=(str(tmp_path / "open.yaml"),),
        journal=str(tmp_path / "journal.sqlite"),
        watch=("AAPL",),
    )


@pytest.fixture(autouse=True)
def _nothing_stays_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = {thread for thread in threading.enumerate() if thread not in before}
    assert not {thread.name for thread in left if thread.is_alive()}


def at(config: Config, port: int) -> Config:
    return Config(
        policies=config.policies, journal=config.journal, watch=config.watch, broker={"port": port}
    )


def test_an_allowed_order_fills_and_the_outcome_is_in_the_tables(settings: Config) -> None:
    with running() as tws, connect(at(settings, tws.port)) as gate:
        assert gate.prepare("AAPL", timeout=5) == ()
        ticket = gate.submit("BUY 100 AAPL MKT DAY", strategy="s")
        assert ticket.wait(10) is Status.FILLED
        assert sum((fill.quantity for fill in ticket.fills), Decimal(0)) == 100
        assert len(tws.received("placeOrder")) == 1
    with open_for_reading(settings.journal) as archive:
        (row,) = archive.orders()
        assert (row["status"], row["filled_quantity"]) == ("Filled", 100)
        assert archive.verify() is None


def test_a_denied_order_never_reaches_the_wire_and_is_on_record(settings: Config) -> None:
    with running() as tws, connect(at(settings, tws.port)) as gate:
        gate.prepare("AAPL", timeout=5)
        ticket = gate.submit("BUY 501 AAPL MKT DAY")
        assert ticket.decision.by == ("open/size",)
        assert tws.received("placeOrder") == ()
    with open_for_reading(settings.journal) as archive:
        assert [row["status"] for row in archive.orders()] == ["Denied"]


def test_positions_and_limits_survive_a_restart(settings: Config) -> None:
    with running() as tws:
        with connect(at(settings, tws.port)) as gate:
            gate.prepare("AAPL", timeout=5)
            assert gate.submit("BUY 400 AAPL MKT DAY").wait(10) is Status.FILLED
        with connect(at(settings, tws.port)) as gate:
            gate.prepare("AAPL", timeout=5)
            assert gate.submit("BUY 201 AAPL MKT DAY").decision.by == ("open/held",)
            assert gate.submit("BUY 200 AAPL MKT DAY").allowed


def test_a_rejected_order_gives_its_room_back(settings: Config) -> None:
    faults = Faults(plan=[Fault("placeOrder", Reject(201, "margin"), nth=1)])
    with running(faults=faults) as tws, connect(at(settings, tws.port)) as gate:
        gate.prepare("AAPL", timeout=5)
        assert gate.submit("BUY 500 AAPL MKT DAY").wait(10) is Status.REJECTED
        assert gate.submit("BUY 450 AAPL MKT DAY").allowed


def test_nobody_listens_on_the_port(settings: Config) -> None:
    with running() as tws:
        free = tws.port
    with pytest.raises(NotConnected, match="riskgate simulate"):
        connect(at(settings, free))


def test_a_journal_that_cannot_be_written_stops_the_start(tmp_path: Path, settings: Config) -> None:
    bad = Config(policies=settings.policies, journal=str(tmp_path / "no" / "such" / "j.sqlite"))
    with pytest.raises(JournalError, match="journal"):
        connect(bad)


def test_a_policy_with_a_problem_stops_the_start(tmp_path: Path, settings: Config) -> None:
    (tmp_path / "open.yaml").write_text(POLICY.replace("max_long", "max_lnog"), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        connect(settings)
    assert "did you mean `max_long`" in str(caught.value.problems[0])


def test_a_broker_setting_that_is_misspelt_stops_the_start(settings: Config) -> None:
    bad = Config(policies=settings.policies, journal=settings.journal, broker={"prot": 1})
    with pytest.raises(ConfigError, match="prot"):
        connect(bad)


def test_settings_are_searched_for_and_missed_with_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RISKGATE_CONFIG", raising=False)
    with pytest.raises(ConfigError, match=r"write `riskgate.yaml` here"):
        connect()
