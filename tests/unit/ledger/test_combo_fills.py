"""What fills of legs, their corrections and deaths of combos do to the book."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from riskgate.analytics.totals import quality
from riskgate.authoring import policy_tests
from riskgate.authoring.playing import play
from riskgate.journal.memory import MemoryJournal
from riskgate.ledger.legs import Legs
from riskgate.ledger.order_facts import facts_of
from riskgate.line.doubts import Doubts
from riskgate.model.combos import net
from riskgate.model.events import ForeignReported
from riskgate.model.instrument import Instrument, Part
from riskgate.model.lifecycle import Status
from riskgate.model.market import Quote
from riskgate.model.money import ZERO
from riskgate.model.order import Order
from riskgate.model.report import CommissionReport, ExecutionReport, ForeignOrder, StatusReport
from riskgate.orders import ExecutionTracker
from riskgate.record.chronicle import chronicle
from tests.unit.conftest import ACCOUNT, CALENDARS, Stage
from tests.unit.line.test_combos import COMBO, HEAD, at

SOLD = 'SELL 10 AAPL.BAG LMT 610 DAY legs="SELL 1 AAPL, BUY 2 MSFT"'


def executed(stage: Stage, number: int, what: str, exec_id: str) -> None:
    """A fill of one leg: AAPL at 190, MSFT at 400."""
    quantity, name = what.split()
    life = stage.gate.ledger.orders[number]
    assert life.legs is not None
    leg = life.legs.of(stage.instrument(name))
    assert leg is not None
    report = ExecutionReport(
        execution_id=exec_id,
        order_id=number,
        account=ACCOUNT,
        instrument=stage.instrument(name),
        side=leg.side,
        quantity=Decimal(quantity),
        price=Decimal({"AAPL": 190, "MSFT": 400}[name]),
        at=stage.clock.now(),
    )
    stage.gate.take([report])


def test_a_leg_that_runs_ahead_leaves_the_other_reserved() -> None:
    stage = at("kind: position, max_long: 99, max_short: 99")
    number = stage.sent(COMBO)
    executed(stage, number, "10 AAPL", "1.01.01")
    assert (stage.reserved("AAPL"), stage.reserved("MSFT")) == ((10, 0, 0), (0, 0, 20))
    view = stage.gate.order(number)
    assert view is not None
    assert (view.filled_quantity, view.status) == (ZERO, Status.PARTIALLY_FILLED)
    executed(stage, number, "15 MSFT", "1.02.01")
    assert stage.gate.ledger.orders[number].filled == 7
    executed(stage, number, "5 MSFT", "1.03.01")
    view = stage.gate.order(number)
    assert view is not None
    assert (view.filled_quantity, view.status) == (Decimal(10), Status.FILLED)
    assert view.avg_fill_price == 190 - 2 * 400
    assert (stage.reserved("AAPL"), stage.reserved("MSFT")) == ((10, 0, 0), (-20, 0, 0))


def test_a_modify_counts_what_each_leg_has_filled() -> None:
    stage = at("kind: position, per: [account, symbol], max_long: 12, max_short: 24")
    number = stage.sent(COMBO)
    executed(stage, number, "4 AAPL", "1.01.01")
    assert not stage.gate.modify(number, quantity=Decimal(13)).allowed
    assert stage.gate.modify(number, quantity=Decimal(12)).allowed
    assert (stage.reserved("AAPL"), stage.reserved("MSFT")) == ((4, 8, 0), (0, 0, 24))


def test_a_combo_that_dies_releases_what_no_leg_has_filled() -> None:
    stage = at("kind: position, max_long: 99, max_short: 99")
    number = stage.sent(COMBO)
    executed(stage, number, "4 AAPL", "1.01.01")
    stage.says(number, Status.CANCELLED)
    assert (stage.reserved("AAPL"), stage.reserved("MSFT")) == ((4, 0, 0), (0, 0, 0))
    executed(stage, number, "8 MSFT", "1.02.01")  # a late one is money
    assert stage.reserved("MSFT") == (-8, 0, 0)


def test_more_of_one_leg_than_was_asked_for_is_an_overfill() -> None:
    stage = at("kind: position, max_long: 99, max_short: 99")
    number = stage.sent(COMBO)
    executed(stage, number, "11 AAPL", "1.01.01")
    assert stage.gate.ledger.orders[number].overfilled == 1
    executed(stage, number, "10 AAPL", "1.01.02")
    assert stage.gate.ledger.orders[number].overfilled == 0


def test_the_brokers_count_in_combos_is_no_doubt_once_all_legs_have_come() -> None:
    stage = at("kind: position, max_long: 99, max_short: 99")
    number = stage.sent(COMBO)
    told = StatusReport(order_id=number, status=Status.SUBMITTED, filled=Decimal(5))
    stage.gate.take([told])
    assert doubted(stage)
    executed(stage, number, "5 AAPL", "1.01.01")
    assert doubted(stage)
    executed(stage, number, "10 MSFT", "1.02.01")
    assert not doubted(stage)


def doubted(stage: Stage) -> bool:
    """Whether the record asks for another look, some seconds from now."""
    doubts, book = Doubts(), stage.gate.world.empty_book()
    for event in stage.journal.inner.another().read():
        book.apply(event.payload, event.at)
        doubts.fold(event, book)
    now = stage.clock.now()
    return doubts.due(book, now + timedelta(seconds=5), now)


def test_a_strangers_combo_counts_by_its_legs_and_a_nameless_one_by_itself() -> None:
    stage = at("kind: position, max_long: 99, max_short: 99")
    order = stage.gate.world.resolve(Order.parse(COMBO))
    known = stage.market.resolve(order.terms)
    assert known is not None
    nameless = Instrument(key="AAPL.BAG", symbol="AAPL", sec_type="BAG")
    told = [
        ForeignOrder(
            perm_id=number,
            order=order,
            instrument=instrument,
            remaining=Decimal(3),
            status=Status.SUBMITTED,
        )
        for number, instrument in enumerate((known, nameless), 7)
    ]
    stage.gate.take([ForeignReported(orders=tuple(told))])
    assert (stage.reserved("AAPL"), stage.reserved("MSFT")) == ((0, 3, 0), (0, 0, 6))
    assert stage.gate.ledger.holdings.foreign_orders == 2
    stage.gate.take([ForeignReported(orders=())])
    assert (stage.reserved("AAPL"), stage.reserved("MSFT")) == ((0, 0, 0), (0, 0, 0))


CASE = """
given:
  now: 2026-03-02T10:00:00-05:00
  account: {id: DU1234567, currency: USD}
  prices: {AAPL: 189.99 x 190.01, MSFT: 399.99 x 400.01}
  working: ['BUY 10 AAPL.BAG LMT -700 DAY legs="BUY 1 AAPL, SELL 2 MSFT"']
cases:
  - name: a combo
    steps:
      - {submit: 'BUY 41 AAPL.BAG LMT -610 DAY legs="BUY 1 AAPL, SELL 2 MSFT"', expect: deny,
         by: [desk/r0]}
      - {submit: 'BUY 30 AAPL.BAG LMT -610 DAY legs="BUY 1 AAPL, SELL 2 MSFT"', expect: allow}
      - fill: {order: "#2", quantity: 30, price: -610}
      - {submit: SELL 21 MSFT LMT 410 DAY, expect: deny, by: [desk/r0]}
      - {submit: SELL 20 MSFT LMT 410 DAY, expect: allow}
"""


def test_a_policy_test_can_say_it_all_of_a_combo(tmp_path: Path) -> None:
    rule = "{id: r0, kind: position, per: [account, symbol], max_short: 100, because: test}"
    (tmp_path / "p.yaml").write_text(f"{HEAD}  - {rule}\n", encoding="utf-8")
    (tmp_path / "t.test.yaml").write_text(f"policies: [p.yaml]\n{CASE}", encoding="utf-8")
    (test,) = policy_tests.find([tmp_path], CALENDARS)
    assert play(test.case, test.policies, CALENDARS, MemoryJournal()) == ()


def filled(stage: Stage, line: str) -> int:
    number = stage.sent(line)
    executed(stage, number, "10 AAPL", "1.01.01")
    executed(stage, number, "20 MSFT", "1.02.01")
    return number


@pytest.mark.parametrize(("line", "average"), [(COMBO, -610), (SOLD, 610)])
def test_a_combo_costs_its_net_price_against_that_of_its_decision(line: str, average: int) -> None:
    stage = at("kind: position, max_long: 99, max_short: 99")
    number = filled(stage, line)
    tracker = ExecutionTracker(stage.gate)
    assert tracker.calculate_avg_fill_price(number) == average
    found = tracker.calculate_slippage(number)
    assert found is not None
    assert (found.price, found.bps) == (ZERO, ZERO)
    assert found.arrival == average
    stats = tracker.get_execution_stats("2026-03-02", "2026-03-02")
    assert stats.avg_slippage == 0


def charged(stage: Stage, name: str, currency: str = "USD") -> None:
    cost = CommissionReport(execution_id=name, amount=Decimal("1.25"), currency=currency)
    stage.gate.take([cost])


def test_what_a_combo_cost_is_known_once_all_its_legs_are_charged() -> None:
    stage = at("kind: position, max_long: 99, max_short: 99")
    life = stage.gate.ledger.orders[filled(stage, COMBO)]
    charged(stage, "1.01.01")
    (fill,) = facts_of(life).fills
    assert fill.quantity == 10
    assert fill.commission is None
    assert quality([facts_of(life)]).uncharged == 1
    charged(stage, "1.02.01")
    (fill,) = facts_of(life).fills
    assert (fill.commission, fill.currency) == (Decimal("2.50"), "USD")


def test_what_legs_cost_in_several_currencies_is_never_added_up() -> None:
    stage = at("kind: position, max_long: 99, max_short: 99")
    life = stage.gate.ledger.orders[filled(stage, COMBO)]
    charged(stage, "1.01.01")
    charged(stage, "1.02.01", "EUR")
    assert [fill.commission for fill in facts_of(life).fills] == [None]


def test_what_one_leg_cost_counts_though_no_whole_combo_was_filled() -> None:
    stage = at("kind: position, max_long: 99, max_short: 99")
    number = stage.sent(COMBO)
    executed(stage, number, "10 AAPL", "1.01.01")
    charged(stage, "1.01.01")
    stage.says(number, Status.CANCELLED)
    facts = facts_of(stage.gate.ledger.orders[number])
    assert facts.filled == 0
    assert len(facts.fills) == 1
    found = quality([facts])
    assert found.fees["USD"].amount == Decimal("1.25")
    assert found.fees["USD"].per_unit is None
    assert found.fills.filled == 0
    assert (found.fills.executions, found.uncharged) == (0, 0)
    assert found.notional == {}


def test_a_combo_with_one_leg_filled_has_no_slippage_yet() -> None:
    stage = at("kind: position, max_long: 99, max_short: 99")
    number = stage.sent(COMBO)
    executed(stage, number, "10 AAPL", "1.01.01")
    tracker = ExecutionTracker(stage.gate)
    assert tracker.calculate_avg_fill_price(number) is None
    assert tracker.calculate_slippage(number) is None


def test_what_is_tracked_beside_a_combo_says_of_no_leg_what_it_cost() -> None:
    stage = at("kind: position, max_long: 99, max_short: 99")
    number = filled(stage, COMBO)
    tracker = ExecutionTracker(stage.gate)
    (first, *_) = stage.gate.fills(number)
    tracker.track_execution(msgspec.structs.replace(first, execution_id="9.01.01"))
    assert tracker.calculate_avg_fill_price(number) is None
    assert tracker.calculate_slippage(number) is None


def test_the_story_of_a_combo_names_its_legs_and_costs_it_by_its_net_price() -> None:
    stage = at("kind: position, max_long: 99, max_short: 99")
    number = filled(stage, COMBO)
    told = chronicle(lambda: stage.journal.inner.another().read(), str(number), stage.policies)
    assert told is not None
    assert (told.arrival, told.slippage_bps) == (Decimal(-610), ZERO)
    fills = [one for one in told.chapters[-1].then if one.kind == "execution"]
    assert [one.text for one in fills] == [
        "filled BUY AAPL 10 at 190",
        "filled SELL MSFT 20 at 400",
    ]
    assert [one.slippage_bps for one in fills] == [None, None]


def test_legs_of_different_multipliers_make_the_price_that_the_combo_is_quoted_at() -> None:
    stock = Instrument(key="AAPL", symbol="AAPL")
    call = Instrument(key="CALL", symbol="CALL", sec_type="OPT", multiplier=Decimal(100))
    parts = (Part("BUY", 100, stock), Part("SELL", 1, call))
    whole = msgspec.structs.replace(stock, key="AAPL.BAG", sec_type="BAG", legs=parts)
    order = Order.parse("BUY 2 AAPL MKT DAY")
    legs = Legs(order, whole)
    for leg, price in zip(legs.all, (190, 5), strict=True):
        leg.filled = 2 * leg.ratio
        leg.paid = leg.filled * price
    quotes = [Quote(bid=Decimal(price), ask=Decimal(price)) for price in (190, 5)]
    quoted = net(whole, quotes)
    assert quoted is not None
    assert legs.paid(order) / legs.filled == quoted.mid == 185
