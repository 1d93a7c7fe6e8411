"""Getting out: an exit reduces, and no more; flatten cancels before it closes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final, TypedDict

import pytest

from riskgate.errors import ConfigError, OutcomeUnknown
from riskgate.line.emergency import Exit, everything, exits
from riskgate.model.events import Decided
from riskgate.model.instrument import Instrument
from riskgate.model.lifecycle import Status
from riskgate.model.trading import Scope, TradingState
from tests.unit.conftest import Stage


class Said(TypedDict):
    """Who wants it and why."""

    by: str
    reason: str


SAID: Final = Said(by="m.ruiz", reason="get out")


@pytest.fixture
def long(stage: Stage) -> Stage:
    """A stage with 50 shares, as the broker has them too."""
    stage.gate.take([stage.execution(stage.sent("BUY 50 AAPL LMT 190"), "50")])
    stage.tell(positions=(stage.held(50),))
    stage.broker.waiting.clear()
    stage.broker.client_id = 1
    return stage


def lines(stage: Stage) -> list[str]:
    return [str(one.order) for one in stage.broker.placed[1:]]


@pytest.mark.parametrize("state", [TradingState.HALTED, TradingState.KILLED])
def test_an_exit_passes_a_halt_and_a_kill(long: Stage, state: TradingState) -> None:
    long.gate.halt(by="m.ruiz", reason="smoke", state=state)
    (ticket,) = long.gate.emergency_exit("aapl", **SAID)
    assert ticket.allowed
    assert lines(long)[0].startswith("SELL 50 AAPL.STK MKT")


def test_an_exit_is_on_record_as_one_with_who_and_why(long: Stage) -> None:
    long.gate.emergency_exit("AAPL", **SAID)
    last = [one for one in long.journal.payloads() if isinstance(one, Decided)][-1]
    assert (last.emergency, last.actor, last.reason) == (True, "m.ruiz", "get out")
    assert last.decision.reduction


def test_an_exit_takes_a_part_at_a_limit(long: Stage) -> None:
    wanted = Exit(symbol="AAPL", quantity=Decimal(20), limit_price=Decimal(189))
    long.gate.emergency_exit(wanted, **SAID)
    assert lines(long)[0].startswith("SELL 20 AAPL.STK LMT 189")


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (Exit(symbol="AAPL", quantity=Decimal(51)), "an exit of 51 is more than the 50 held"),
        (Exit(symbol="MSFT"), "there is no position in `MSFT`"),
        (Exit(symbol="AAPL", account="DU0"), "there is no position in `AAPL` in account DU0"),
    ],
)
def test_what_is_no_reduction_is_refused(long: Stage, wanted: Exit, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        long.gate.emergency_exit(wanted, **SAID)
    assert lines(long) == []


@pytest.mark.parametrize(("by", "reason"), [("", "why"), ("m.ruiz", " ")])
def test_an_exit_names_somebody_and_a_reason(long: Stage, by: str, reason: str) -> None:
    with pytest.raises(ConfigError, match="`by` and `reason`, both not blank"):
        long.gate.emergency_exit("AAPL", by=by, reason=reason)
    assert lines(long) == []


def test_two_exits_of_one_position_do_not_both_leave(long: Stage) -> None:
    assert long.gate.emergency_exit("AAPL", **SAID)[0].allowed
    long.gate.halt(by="m.ruiz", reason="smoke")
    assert not long.gate.emergency_exit("AAPL", **SAID)[0].allowed


def test_an_exit_is_forgiven_the_halt_and_nothing_else(long: Stage) -> None:
    long.gate.halt(by="m.ruiz", reason="smoke")
    long.gate.distrust("the session was lost")
    (ticket,) = long.gate.emergency_exit("AAPL", **SAID)
    assert ticket.decision.codes == ("NOT_RECONCILED",)


def test_a_later_kill_cancels_an_exit_and_an_earlier_one_does_not(long: Stage) -> None:
    long.gate.kill(by="m.ruiz", reason="smoke", timeout=0.01)
    (ticket,) = long.gate.emergency_exit("AAPL", **SAID)
    long.gate.follow()
    assert ticket.order_id not in long.broker.cancelled
    long.broker.waiting.clear()
    long.clock.advance(timedelta(seconds=1))
    long.gate.kill(by="m.ruiz", reason="fire", timeout=0.01)
    assert ticket.order_id in long.broker.cancelled


def test_flatten_halts_and_closes_every_position_of_its_scope(long: Stage) -> None:
    (ticket,) = long.gate.flatten(**SAID)
    assert ticket.allowed
    assert lines(long)[0].startswith("SELL 50 AAPL.STK MKT")
    assert long.gate.ledger.facts.standings[Scope(), ""].state is TradingState.HALTED


def test_flatten_of_another_symbol_sends_nothing(long: Stage) -> None:
    assert long.gate.flatten(Scope(symbol="MSFT"), **SAID) == ()
    assert lines(long) == []


def test_flatten_sends_nothing_while_an_order_works(long: Stage) -> None:
    number = long.sent("BUY 1 AAPL LMT 180")
    with pytest.raises(OutcomeUnknown, match=f"orders {number} still work: nothing was sent"):
        long.gate.flatten(timeout=0.01, **SAID)
    assert number in long.broker.cancelled
    assert len(lines(long)) == 1


def test_flatten_takes_held_orders_back(long: Stage) -> None:
    number = long.allowed("BUY 1 AAPL LMT 180")
    long.gate.ledger.orders[number].status = Status.HELD
    long.gate.flatten(**SAID)
    assert long.status_of(number) is Status.NEVER_SENT


def test_a_strategy_has_no_positions_of_its_own_to_flatten(long: Stage) -> None:
    with pytest.raises(ConfigError, match="leave the strategy out"):
        long.gate.flatten(Scope(strategy="s"), timeout=0.01, **SAID)
    assert lines(long) == []


def with_an_option(stage: Stage) -> str:
    """Hold a call on AAPL too; its key."""
    call = Instrument(
        key="AAPL.OPT expiry=2026-06-19 strike=200 right=C",
        symbol="AAPL",
        con_id=9,
        sec_type="OPT",
        expiry=date(2026, 6, 19),
        strike=Decimal(200),
        right="C",
    )
    stage.gate.ledger.holdings.taken_over("DU1234567", call, Decimal(3))
    return call.key


@pytest.mark.parametrize(("limit", "quantity"), [(Decimal(190), None), (None, Decimal(2))])
def test_a_limit_or_a_quantity_is_of_one_position(
    long: Stage, limit: Decimal | None, quantity: Decimal | None
) -> None:
    key = with_an_option(long)
    with pytest.raises(ConfigError, match=f"names 2: `AAPL` in DU1234567, `{key}` in DU1234567"):
        exits(long.gate.ledger, Exit(symbol="AAPL", limit_price=limit, quantity=quantity))
    assert len(exits(long.gate.ledger, Exit(symbol="AAPL"))) == 2
    assert len(exits(long.gate.ledger, Exit(symbol=key, limit_price=limit, quantity=quantity))) == 1


@pytest.mark.parametrize("amount", ["NaN", "-5", "0", "Infinity"])
def test_an_exit_of_no_amount_is_refused(long: Stage, amount: str) -> None:
    with pytest.raises(ConfigError, match=f"an exit of {amount}"):
        exits(long.gate.ledger, Exit(symbol="AAPL", quantity=Decimal(amount)))


def test_a_symbol_covers_what_is_written_on_it(long: Stage) -> None:
    es = Instrument(key="E7A", symbol="E7A", con_id=9, underlying="AAPL")
    long.gate.ledger.holdings.taken_over("DU1234567", es, Decimal(3))
    assert len(everything(long.gate.ledger, Scope(symbol="AAPL"))) == 2
    assert len(everything(long.gate.ledger, Scope(symbol="MSFT"))) == 0
