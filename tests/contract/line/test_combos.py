"""Combos on the wire: one order over several legs, judged, reserved and filled leg by leg."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import pytest

from riskgate.model.lifecycle import Status
from riskgate.model.readings import Holding
from riskgate.model.trading import Scope
from riskgate.simulator import Fills, Options, VirtualClock, quote, running
from riskgate.simulator.terms import Asked as Fields
from riskgate.ticket import Ticket
from riskgate.wiring import ConnectedGate
from tests.contract.line.conftest import (
    AAPL,
    LIMITS,
    MORNING,
    PATIENCE,
    House,
    another_session,
    codes,
    until,
    working,
)

MSFT = quote("419.90", "420.10", "420.00", "419.00")
FALLEN = quote("138.99", "139.01", "139.00")  # of AAPL; the pair is at about -701 by then
CALL_190, CALL_195 = 700000004, 700000006
PAIR = 'legs="BUY 1 #265598@SMART, SELL 2 #272093@SMART"'
VERTICAL = f'legs="BUY 1 #{CALL_190}@SMART, SELL 1 #{CALL_195}@SMART"'
FAR = f"BUY 10 AAPL.BAG LMT -700 DAY {PAIR}"  # the pair is at about -650


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "limits.yaml").write_text(LIMITS, encoding="utf-8")
    clock = VirtualClock(MORNING)
    options = Options(fills=Fills(chunks=4))
    prices = {"AAPL": AAPL, "MSFT": MSFT}
    with running(prices, clock, options) as sim, ExitStack() as stack:
        yield House(sim, clock, tmp_path, stack)


def opened(house: House, client_id: int = 1) -> ConnectedGate:
    gate = house.open(client_id)
    assert gate.prepare(f"AAPL.BAG {PAIR}", timeout=PATIENCE) == ()
    return gate


def held(gate: ConnectedGate, name: str) -> Holding:
    """What an instrument's holding is, by its key or its symbol."""
    holdings = gate.ledger.holdings
    return holdings.of(next(iter(gate.world.market.accounts)), name)


def holding(position: int = 0, buys: int = 0, sells: int = 0) -> Holding:
    return Holding(Decimal(position), Decimal(buys), Decimal(sells))


def agrees(gate: ConnectedGate, house: House) -> bool:
    """Whether a reconcile finds nothing, and the broker has the same positions."""
    gate.reconcile()
    assert gate.ledger.last_reconcile is not None
    told = gate.ledger.last_reconcile[1]
    ours = {
        gate.ledger.holdings.symbol_of(key): quantity
        for (_, key), quantity in gate.ledger.holdings.positions().items()
    }
    return told.settled and ours == {
        name: quantity for name, quantity in house.sim.positions().items() if quantity
    }


def test_a_combo_works_and_reserves_each_leg_until_it_is_cancelled(house: House) -> None:
    gate = opened(house)
    ticket = gate.submit(FAR)
    working(ticket)
    assert (held(gate, "AAPL"), held(gate, "MSFT")) == (holding(buys=10), holding(sells=20))
    (order,) = house.sim.orders()
    assert (order.limit, order.quantity) == (Decimal(-700), Decimal(10))
    (sent,) = house.sim.received("placeOrder")
    assert sent.message.text("secType") == "BAG"
    assert sent.message.text("symbol") == "AAPL"
    assert [
        (leg["conId"], leg["ratio"], leg["action"], leg["exchange"])
        for leg in Fields(sent.message.fields).rows("comboLegs")
    ] == [(265598, 1, "BUY", "SMART"), (272093, 2, "SELL", "SMART")]
    assert agrees(gate, house)
    assert gate.cancel(ticket.order_id)
    until(gate, lambda: ticket.status is Status.CANCELLED)
    assert (held(gate, "AAPL"), held(gate, "MSFT")) == (holding(), holding())


def test_a_combo_is_filled_in_parts_by_the_executions_of_its_legs(house: House) -> None:
    gate = opened(house)
    ticket = gate.submit(f"BUY 12 AAPL.BAG MKT DAY {PAIR}")
    assert ticket.wait(PATIENCE) is Status.FILLED
    assert (held(gate, "AAPL"), held(gate, "MSFT")) == (holding(12), holding(-24))
    view = ticket.view
    assert view is not None
    assert view.filled_quantity == 12
    assert view.avg_fill_price == Decimal("190.01") - 2 * Decimal("419.90")
    assert len(gate.fills(ticket.order_id)) == 8
    assert not [note for note in house.notes() if "overfill" in note]
    assert agrees(gate, house)


def test_selling_a_combo_turns_its_legs_round(house: House) -> None:
    gate = opened(house)
    assert gate.submit(f"SELL 3 AAPL.BAG MKT DAY {PAIR}").wait(PATIENCE) is Status.FILLED
    assert (held(gate, "AAPL"), held(gate, "MSFT")) == (holding(-3), holding(6))
    assert agrees(gate, house)


def test_a_vertical_of_options_fills_and_agrees_with_the_broker(house: House) -> None:
    gate = opened(house)
    assert gate.prepare(f"AAPL.BAG {VERTICAL}", timeout=PATIENCE) == ()
    ticket = gate.submit(f"BUY 8 AAPL.BAG MKT DAY {VERTICAL}")
    assert ticket.wait(PATIENCE) is Status.FILLED
    positions = gate.ledger.holdings.positions()
    assert sorted(positions.values()) == [-8, 8]
    assert {key.split()[0] for _, key in positions} == {"AAPL.OPT"}
    gate.reconcile()
    assert gate.ledger.last_reconcile is not None
    assert gate.ledger.last_reconcile[1].settled


def test_the_limit_of_one_leg_denies_the_whole_combo(house: House) -> None:
    gate = opened(house)
    ticket = gate.submit(f"BUY 51 AAPL.BAG LMT -700 DAY {PAIR}")
    assert ticket.decision.by == ("desk/held",)
    (finding,) = ticket.decision.breaches
    assert (finding.leg, finding.observed) == ("SELL 102 MSFT", Decimal(102))
    assert house.sim.orders() == ()
    assert (held(gate, "AAPL"), held(gate, "MSFT")) == (holding(), holding())


def test_a_working_combo_takes_headroom_from_plain_orders_of_its_legs(house: House) -> None:
    gate = opened(house)
    working(gate.submit(f"BUY 40 AAPL.BAG LMT -700 DAY {PAIR}"))
    assert gate.submit("SELL 21 MSFT LMT 430 DAY").decision.by == ("desk/held",)
    working(gate.submit("SELL 20 MSFT LMT 430 DAY"))
    assert gate.submit(f"BUY 1 AAPL.BAG LMT -700 DAY {PAIR}").decision.by == ("desk/held",)


def test_a_modify_of_a_combo_reserves_the_larger_terms_until_they_are_repeated(
    house: House,
) -> None:
    gate = opened(house)
    ticket = gate.submit(FAR)
    working(ticket)
    assert gate.modify(ticket.order_id, quantity=Decimal(20), limit_price=Decimal(-690)).allowed
    assert (held(gate, "AAPL"), held(gate, "MSFT")) == (holding(buys=20), holding(sells=40))
    until(gate, lambda: len(gate.ledger.orders[ticket.order_id].versions) == 1)
    (order,) = house.sim.orders()
    assert (order.quantity, order.limit) == (Decimal(20), Decimal(-690))
    assert gate.modify(ticket.order_id, quantity=Decimal(51)).decision.by == ("desk/held",)
    assert gate.modify(ticket.order_id, quantity=Decimal(5)).allowed
    until(gate, lambda: held(gate, "MSFT") == holding(sells=10))
    assert agrees(gate, house)


def test_a_restart_in_the_middle_finds_every_leg_again(house: House) -> None:
    gate = opened(house)
    done, open_ = gate.submit(f"BUY 6 AAPL.BAG MKT DAY {PAIR}"), gate.submit(FAR)
    assert done.wait(PATIENCE) is Status.FILLED
    working(open_)
    before = (held(gate, "AAPL"), held(gate, "MSFT"))
    gate.close()
    gate = opened(house)
    assert (
        (held(gate, "AAPL"), held(gate, "MSFT")) == before == (holding(6, 10), holding(-12, 0, 20))
    )
    assert agrees(gate, house)
    house.sim.set_price("AAPL", FALLEN)
    until(gate, lambda: gate.ledger.orders[open_.order_id].status is Status.FILLED)
    assert (held(gate, "AAPL"), held(gate, "MSFT")) == (holding(16), holding(-32))
    assert agrees(gate, house)


def test_fills_that_were_missed_come_with_the_story(house: House) -> None:
    gate = opened(house)
    ticket = gate.submit(FAR)
    working(ticket)
    gate.close()
    house.sim.set_price("AAPL", FALLEN)
    gate = opened(house)
    until(gate, lambda: gate.ledger.orders[ticket.order_id].status is Status.FILLED)
    assert (held(gate, "AAPL"), held(gate, "MSFT")) == (holding(10), holding(-20))
    assert agrees(gate, house)


def test_a_strangers_combo_counts_by_its_legs(house: House) -> None:
    gate = opened(house)
    working(_stranger(house).submit(FAR))
    gate.reconcile()
    assert (held(gate, "AAPL"), held(gate, "MSFT")) == (holding(buys=10), holding(sells=20))
    assert gate.ledger.holdings.foreign_orders == 1
    assert gate.submit("SELL 81 MSFT LMT 430 DAY").decision.by == ("desk/held",)


def _stranger(house: House) -> ConnectedGate:
    """A gate with a journal of its own: what it sends is nobody's to the first."""
    folder = house.folder / "stranger"
    folder.mkdir()
    (folder / "limits.yaml").write_text(LIMITS, encoding="utf-8")
    return opened(House(house.sim, house.clock, folder, house.stack), client_id=2)


def test_a_combo_in_which_a_leg_is_not_known_is_denied_and_then_made_ready(house: House) -> None:
    gate = house.open()
    ticket = gate.submit(FAR)
    assert codes(ticket) == {"UNKNOWN_INSTRUMENT"}

    def allowed() -> Ticket | None:
        again = gate.submit(FAR)
        return again if again.allowed else None

    until(gate, lambda: allowed() is not None)


def test_a_kill_of_one_legs_symbol_cancels_the_combo(house: House) -> None:
    gate = opened(house)
    ticket = gate.submit(FAR)
    working(ticket)
    report = gate.kill(reason="a test", by="ann", scope=Scope(symbol="MSFT"), timeout=PATIENCE)
    assert report.confirmed == (ticket.order_id,)
    assert codes(gate.submit(FAR)) == {"KILLED"}


def test_a_combo_outlives_a_lost_session(house: House) -> None:
    gate = opened(house)
    ticket = gate.submit(FAR)
    working(ticket)
    with another_session(gate):
        house.sim.restart()
    assert (held(gate, "AAPL"), held(gate, "MSFT")) == (holding(buys=10), holding(sells=20))
    assert ticket.status is Status.SUBMITTED
