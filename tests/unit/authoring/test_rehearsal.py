"""A gate without a market: the world is as given, and the broker says only what it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.authoring.rehearsal import Rehearsal, ScriptedBroker, StoppedClock
from riskgate.calendars import ExchangeCalendars
from riskgate.errors import OrderError, PolicyError
from riskgate.journal.memory import MemoryJournal
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.report import NeverSent, StatusReport
from riskgate.model.trading import TradingState
from riskgate.policy.cases import given_of

if TYPE_CHECKING:
    from riskgate.policy.policies import PolicySet

NOW = "2026-03-02T12:00:00-05:00"
LINE = "BUY 10 AAPL LMT 190"
PRICES = {"AAPL": "189.99 x 190.01"}


def rehearse(policies: PolicySet, **given: object) -> Rehearsal:
    value = {"now": NOW, "prices": PRICES, **given}
    return Rehearsal(policies, given_of(value), ExchangeCalendars(), MemoryJournal())


def test_the_clock_moves_when_it_is_told_to() -> None:
    clock = StoppedClock(datetime.fromisoformat(NOW))
    assert clock.now() == datetime(2026, 3, 2, 17, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    clock.advance(timedelta(seconds=5))
    clock.advance(timedelta(seconds=-2))
    assert clock.now().second == 3
    clock.set(datetime.fromisoformat(NOW))
    assert clock.now().second == 0


def test_the_broker_says_nothing_of_its_own_accord() -> None:
    broker = ScriptedBroker(connected=True, fault=None)
    broker.withdraw(lambda _: True, "HALTED")
    broker.watch([])
    assert broker.prepare([], 0.0) == ()
    assert broker.supports(Order.parse(LINE)) == ()
    assert not broker.story({}, 0.0).complete


def test_the_given_world_is_what_the_order_meets(policies: PolicySet) -> None:
    rehearsal = rehearse(
        policies,
        prices={**PRICES, "KO": "60.00 x 60.02"},
        strategy="alpha",
        positions={"AAPL": Decimal(50)},
        working=["SELL 5 AAPL LMT 195 DAY", "BUY 40 AAPL STP 200 DAY", "BUY 1 KO MKT DAY"],
        adv={"AAPL": Decimal(1000)},
        fx={"EUR": Decimal("1.08")},
        today={"AAPL": {"quantity": Decimal(7), "orders": Decimal(2)}},
    )
    assert rehearsal.submit(LINE).allowed
    assert rehearsal.submit("BUY 1 AAPL LMT 190").decision.by == ("desk/position",)
    holding = rehearsal.gate.ledger.holdings.of(rehearsal.account, "AAPL")
    assert [holding.position, holding.buys, holding.sells] == [50, 50, 5]
    assert rehearsal.market.fx == {"EUR": Decimal("1.08")}
    assert rehearsal.market.adv == {"AAPL": 1000}
    assert len(rehearsal.gate.ledger.working()) == 4
    assert rehearsal.broker.placed[0].order.strategy == "alpha"


def test_a_working_order_without_a_price_is_worth_its_own(policies: PolicySet) -> None:
    rehearsal = rehearse(
        policies, prices={}, working=["BUY 2 KO LMT 60 DAY", "BUY 3 KO STP 70 DAY", "BUY 4 KO MKT"]
    )
    values = [life.reserved_value for life in rehearsal.gate.ledger.working()]
    assert values == [120, 210, 0]


def test_a_given_working_order_can_end_like_any_other(policies: PolicySet) -> None:
    rehearsal = rehearse(policies, working=["BUY 2 AAPL LMT 189 DAY"])
    (life,) = rehearsal.gate.ledger.working()
    unsent = NeverSent(order_id=life.order_id, code="QUEUE_EXPIRED", text="too late")
    rehearsal.gate.take([StatusReport(order_id=life.order_id, status=Status.UNKNOWN), unsent])
    assert rehearsal.gate.ledger.working() == ()
    assert rehearsal.gate.ledger.holdings.of(rehearsal.account, "AAPL").buys == 0


def test_without_a_time_the_clock_is_used(policies: PolicySet) -> None:
    before = datetime.now(UTC)
    rehearsal = Rehearsal(policies, given_of({}), ExchangeCalendars(), MemoryJournal())
    assert before <= rehearsal.clock.now() <= datetime.now(UTC)


def test_without_accounts_there_is_none(policies: PolicySet) -> None:
    rehearsal = rehearse(policies, accounts=[])
    assert rehearsal.account == ""
    assert rehearsal.submit(LINE).decision.codes == ("NO_ACCOUNT",)


def test_an_account_may_be_named_with_the_order(policies: PolicySet) -> None:
    rehearsal = rehearse(policies, accounts=[{"id": "DU1"}, {"id": "DU2"}])
    assert rehearsal.submit(LINE).decision.codes == ("NO_ACCOUNT",)
    assert rehearsal.submit(LINE, account="DU2").allowed


def test_prices_of_an_unknown_symbol_are_of_no_use(policies: PolicySet) -> None:
    rehearsal = rehearse(policies, unknown=["AAPL"])
    assert rehearsal.submit(LINE).decision.codes == ("UNKNOWN_INSTRUMENT",)


@pytest.mark.parametrize("name", ["ES.FUT", "AAPL.OPT", "a b c", ""])
def test_a_name_that_stands_for_nothing_is_refused(policies: PolicySet, name: str) -> None:
    with pytest.raises(PolicyError):
        rehearse(policies).instrument(name)


def test_a_working_order_of_no_instrument_is_refused(policies: PolicySet) -> None:
    with pytest.raises(PolicyError, match="is no instrument here"):
        rehearse(policies, unknown=["KO"], working=["BUY 1 KO LMT 60 DAY"])


def test_a_working_order_that_is_none_is_refused(policies: PolicySet) -> None:
    with pytest.raises(OrderError):
        rehearse(policies, working=["BUY 1"])


def test_a_state_is_set_and_lifted(policies: PolicySet) -> None:
    rehearsal = rehearse(policies, state="HALTED")
    assert rehearsal.submit(LINE).decision.codes == ("HALTED",)
    rehearsal.set_state(TradingState.ACTIVE)
    assert rehearsal.submit(LINE).allowed
