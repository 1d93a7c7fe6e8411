"""Combos before the gate: no limit of a leg can be walked round, and the record decides again."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec
import pytest

from riskgate.journal.memory import MemoryJournal
from riskgate.ledger.adoption import adopt
from riskgate.line.grouping import Exits
from riskgate.model.decision import Action
from riskgate.model.events import Decided, Recorded
from riskgate.model.instrument import Terms
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.trading import Scope, TradingState
from riskgate.policy.evaluate import evaluate
from riskgate.policy.explaining import explained
from riskgate.policy.policies import PolicySet
from riskgate.replay.replaying import Ground, replay
from riskgate.ticket import Ticket
from tests.unit.conftest import ACCOUNT, FlakyJournal, Stage, compiled

HEAD = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
"""
PAIR = 'legs="BUY 1 AAPL, SELL 2 MSFT"'
COMBO = f"BUY 10 AAPL.BAG LMT -610 DAY {PAIR}"


def at(*rules: str) -> Stage:
    """A gate with these rules, on a market of AAPL at 190 and MSFT at 400."""
    text = HEAD + "".join(
        f"  - {{id: r{n}, {rule}, because: test}}\n" for n, rule in enumerate(rules)
    )
    return Stage(compiled(text), FlakyJournal(MemoryJournal()))


def decided(stage: Stage) -> Decided:
    """The last decision on record."""
    return [one for one in stage.journal.payloads() if isinstance(one, Decided)][-1]


def legs(ticket: Ticket) -> list[str]:
    """The legs that were breached, and an empty one for the combo itself."""
    return [finding.leg for finding in ticket.decision.breaches]


@pytest.mark.parametrize(
    ("rule", "leg"),
    [
        ("kind: position, per: [account, symbol], max_long: 9", "BUY 10 AAPL"),
        ("kind: position, per: [account, symbol], max_short: 19", "SELL 20 MSFT"),
        ("kind: position, per: [account], max_short_notional: 7999", "SELL 20 MSFT"),
        ("kind: exposure, max_gross: 9899", "SELL 20 MSFT"),
        ("kind: exposure, max_net_long: 1899", "BUY 10 AAPL"),
        ("kind: exposure, max_net_short: 7999", "SELL 20 MSFT"),
        ("kind: concentration, max_percent: 7.9", "SELL 20 MSFT"),
        ("kind: daily_volume, per: [symbol], max_quantity: 19", "SELL 20 MSFT"),
        ("kind: daily_volume, max_notional: 9899", ""),
        ("kind: restricted, symbols: [MSFT]", "SELL 20 MSFT"),
        ("kind: permitted, symbols: [AAPL]", "SELL 20 MSFT"),
        ("kind: permitted, sec_types: [BAG]", "BUY 10 AAPL"),
        ("kind: permitted, sec_types: [STK]", ""),
        ("kind: fat_finger, max_quantity: 19", "SELL 20 MSFT"),
        ("kind: fat_finger, max_quantity: 9", ""),
        ("kind: fat_finger, max_notional: 9899", ""),
        ("kind: fat_finger, max_notional: 7999, match: {symbol: MSFT}", "SELL 20 MSFT"),
        ("kind: short_sale, allow: false", "SELL 20 MSFT"),
        ("kind: buying_power, min_left: 90101", "SELL 20 MSFT"),
        ("kind: working_orders, max_quantity: 19", "SELL 20 MSFT"),
        ("kind: leverage, max: 0.098", "SELL 20 MSFT"),
        ("kind: fat_finger, max_deviation_percent: 0", None),
        ("kind: position, max_long: 9, match: {sec_type: BAG}", ""),
        ("kind: exposure, max_gross: 9899, match: {sec_type: BAG}", ""),
        ("kind: message_rate, max: 1, window: 1s, match: {symbol: MSFT}", None),
    ],
)
def test_each_limit_sees_the_legs_or_the_whole(rule: str, leg: str | None) -> None:
    stage = at(rule)
    stage.market.set_account(
        msgspec.structs.replace(
            stage.market.accounts[ACCOUNT],
            net_liquidation=Decimal(100_000),
            available_funds=Decimal(100_000),
            at=stage.clock.now(),
        )
    )
    ticket = stage.gate.submit(COMBO)
    if leg is None:
        assert ticket.allowed
        return
    assert leg in legs(ticket), ticket.decision.breaches
    assert ticket.decision.by == ("desk/r0",)
    assert all("leg" in finding.text for finding in ticket.decision.breaches if finding.leg)


def test_one_that_is_within_every_limit_of_its_legs_is_allowed() -> None:
    stage = at(
        "kind: position, per: [account, symbol], max_long: 10, max_short: 20",
        "kind: exposure, max_gross: 9900, max_net_long: 1900, max_net_short: 8000",
        "kind: fat_finger, max_notional: 9900, max_quantity: 20",
    )
    assert stage.gate.submit(COMBO).allowed
    assert (stage.reserved("AAPL"), stage.reserved("MSFT")) == ((0, 10, 0), (0, 0, 20))
    assert not stage.gate.submit(COMBO).allowed
    assert (stage.reserved("AAPL"), stage.reserved("MSFT")) == ((0, 10, 0), (0, 0, 20))


def test_two_legs_in_one_budget_are_counted_together() -> None:
    rule = "kind: position, per: [account], max_long: 29"
    line = 'BUY 10 AAPL.BAG MKT DAY legs="BUY 1 AAPL, BUY 2 MSFT"'
    ticket = at(rule).gate.submit(line)
    assert legs(ticket) == ["BUY 20 MSFT"]
    assert ticket.decision.breaches[0].observed == 30
    assert at(rule.replace("29", "30")).gate.submit(line).allowed


def test_a_leg_is_no_hedge_of_another() -> None:
    line = 'BUY 10 AAPL.BAG MKT DAY legs="BUY 1 AAPL, SELL 1 MSFT"'
    assert legs(at("kind: exposure, max_gross: 5899").gate.submit(line)) == ["SELL 10 MSFT"]


def test_the_combo_counts_as_one_message_and_one_order() -> None:
    stage = at("kind: message_rate, max: 2, window: 10s")
    assert [stage.gate.submit(COMBO).allowed for _ in range(3)] == [True, True, False]
    stage = at("kind: daily_volume, max_orders: 1")
    assert [stage.gate.submit(COMBO).allowed for _ in range(2)] == [True, False]


def test_a_declared_intent_is_of_the_whole() -> None:
    stage = at("kind: declared_intent, tolerance_percent: 1")
    assert stage.gate.submit(f"{COMBO} intent=9900").allowed
    assert not stage.gate.submit(f"{COMBO} intent=1900").allowed
    assert stage.gate.submit(COMBO).decision.codes == ("NO_INTENT",)


def test_its_own_price_counts_where_it_is_worth_more_than_its_legs() -> None:
    stage = at("kind: fat_finger, max_notional: 200_000")
    assert stage.gate.submit(COMBO).allowed
    ticket = stage.gate.submit(COMBO.replace("-610", "-61000"))
    assert legs(ticket) == [""]
    assert ticket.decision.breaches[0].observed == 610_000


def test_a_collar_is_about_the_net_price() -> None:
    stage = at("kind: fat_finger, max_deviation_amount: 1")
    assert stage.gate.submit(COMBO.replace("-610", "-609")).allowed  # the net mid is -610
    assert stage.gate.submit(COMBO.replace("-610", "-608.99")).decision.by == ("desk/r0",)
    assert stage.gate.submit(COMBO.replace("BUY", "SELL", 1).replace("-610", "-611.01")).decision.by


@pytest.mark.parametrize("name", ["AAPL", "MSFT"])
def test_a_leg_without_a_price_leaves_the_combo_without_one(name: str) -> None:
    stage = at(
        "kind: position, per: [account, symbol], max_long_notional: 9999, max_short_notional: 9999"
    )
    stage.market._quotes.pop(name)
    ticket = stage.gate.submit(COMBO)
    assert ticket.decision.codes == ("NO_PRICE",)
    assert Order.parse(COMBO).terms in stage.broker.wanted  # it is made ready now


def test_one_that_no_rule_needs_a_price_of_is_reserved_at_its_own() -> None:
    stage = at("kind: position, max_long: 99, max_short: 99")
    stage.market._quotes.clear()
    number = stage.allowed(COMBO)
    assert stage.gate.ledger.orders[number].reserved_value == 6100


def test_one_from_before_the_story_begins_counts_by_its_legs() -> None:
    stage = at("kind: exposure, max_gross: 99_999")
    order = stage.gate.world.resolve(Order.parse(COMBO))
    known = stage.market.resolve(order.terms)
    assert known is not None
    number = adopt(stage.gate.ledger, order, known, Decimal(990), stage.clock.now())
    assert (stage.reserved("AAPL"), stage.reserved("MSFT")) == ((0, 10, 0), (0, 0, 20))
    stage.says(number, Status.CANCELLED)
    assert (stage.reserved("AAPL"), stage.reserved("MSFT")) == ((0, 0, 0), (0, 0, 0))


def test_a_combo_cannot_be_in_a_bracket() -> None:
    stage = at("kind: position, max_long: 99, max_short: 99")
    exits = Exits(take_profit=-500, stop_loss=-700)
    tickets = stage.gate.submit_bracket(COMBO, exits=exits)
    assert not any(ticket.allowed for ticket in tickets)
    told = [finding.text for finding in tickets[0].decision.breaches]
    assert "a combo cannot be in a bracket" in told


def test_a_combo_cannot_be_a_slice() -> None:
    stage = at("kind: position, max_long: 99, max_short: 99")
    number = stage.sent(COMBO)
    told = [f.text for f in stage.gate.submit(COMBO, parent=number).decision.breaches]
    assert "a combo cannot be worked off in slices, or a slice" in told


def test_a_leg_that_nobody_knows_denies() -> None:
    stage = at("kind: position, max_long: 99")
    stage.market.delist(stage.instrument("MSFT").terms)
    assert stage.gate.submit(COMBO).decision.codes == ("UNKNOWN_INSTRUMENT",)


def test_a_halted_or_odd_leg_denies_by_name() -> None:
    stage = at("kind: position, max_long: 99")
    halted = msgspec.structs.replace(stage.instrument("MSFT"), halted=True, lot=Decimal(3))
    stage.market.list_instrument(halted.terms, halted)
    decision = stage.gate.submit(COMBO).decision
    texts = {str(f.code): f.text for f in decision.breaches if f.text.startswith("leg")}
    assert texts["NOT_TRADABLE"] == "leg SELL 20 MSFT: MSFT is halted"
    assert texts["BAD_QUANTITY"].startswith("leg SELL 20 MSFT: quantity 20 is no multiple")


def test_a_state_of_one_leg_holds_for_the_combo() -> None:
    stage = at("kind: position, max_long: 99")
    stage.gate.halt(reason="news", by="ann", scope=Scope(symbol="MSFT"))
    ticket = stage.gate.submit(COMBO)
    assert ticket.decision.codes == ("HALTED",)
    assert legs(ticket) == ["SELL 20 MSFT"]


def test_a_state_of_everything_is_said_once() -> None:
    stage = at("kind: position, max_long: 99")
    stage.gate.halt(reason="news", by="ann")
    assert legs(stage.gate.submit(COMBO)) == [""]


def test_a_leg_that_no_policy_covers_denies() -> None:
    text = HEAD.replace("rules:", "applies_to: {symbol: AAPL}\nrules:")
    stage = Stage(
        compiled(f"{text}  - {{id: r0, kind: position, max_long: 99, because: test}}\n"),
        FlakyJournal(MemoryJournal()),
    )
    ticket = stage.gate.submit(COMBO)
    assert ticket.decision.codes == ("NO_POLICY",)
    assert legs(ticket) == ["SELL 20 MSFT"]


def test_it_is_a_reduction_only_if_every_leg_is() -> None:
    stage = at("kind: position, per: [account, symbol], max_long: 1, max_short: 1")
    stage.tell(positions=(stage.held(-10), stage.held(20, "MSFT")))
    stage.gate.reconcile()
    stage.gate.reconcile()
    assert stage.reserved() == (-10, 0, 0)
    ticket = stage.gate.submit(COMBO)
    assert ticket.allowed
    assert ticket.decision.reduction
    again = stage.gate.submit(COMBO.replace("BUY 10", "BUY 1"))
    assert not again.decision.reduction
    stage.gate.halt(reason="out", by="ann", state=TradingState.REDUCE_ONLY)
    assert again.decision.by == ("desk/r0",)


@pytest.mark.parametrize(
    "line",
    [
        COMBO,
        COMBO.replace("BUY 10", "BUY 30"),
        COMBO.replace("-610", "-9999"),
        f"SELL 3 AAPL.BAG MKT DAY {PAIR} strategy=pairs",
        'BUY 1 AAPL.BAG MKT DAY legs="BUY 1 AAPL, SELL 1 AAPL"',
        'BUY 1 MSFT.BAG MKT DAY legs="BUY 1 AAPL, SELL 1 MSFT"',
    ],
)
def test_every_decision_of_a_combo_can_be_made_again_and_explained(
    policies: PolicySet, line: str
) -> None:
    stage = Stage(policies, FlakyJournal(MemoryJournal()))
    ticket = stage.gate.submit(line)
    if ticket.allowed:
        stage.gate.modify(ticket.order_id, quantity=Decimal(2))
    read = stage.journal.inner.another().read
    found = replay(lambda after: (one for one in read() if one.seq > after), policies)
    assert (found.different, found.first) == (0, [])
    assert found.grounds == {Ground.SNAPSHOT: found.decisions}
    for event in _decisions(read()):
        assert event.snapshot is not None
        assert event.decision.order is not None
        again = evaluate(policies, event.decision.order, event.snapshot)
        assert again == event.decision
        told = explained(event, policies, under_others=False)
        assert told.repeats is True
        breached = {use.finding for use in told.uses if not use.passed}
        assert breached == set(event.decision.breaches)


def _decisions(recorded: Iterable[Recorded]) -> list[Decided]:
    return [one.payload for one in recorded if isinstance(one.payload, Decided)]


def test_a_held_leg_is_forgiven_and_no_other() -> None:
    stage = at(
        "kind: position, per: [account, symbol], max_long: 9, max_short: 25, on_breach: hold"
    )
    ticket = stage.gate.submit(COMBO)
    assert ticket.decision.action is Action.HOLD
    assert legs(ticket) == ["BUY 10 AAPL"]
    (again,) = stage.gate.approve(ticket.order_id, by="ann", reason="meant")
    assert again.allowed
    other = stage.gate.submit(COMBO)
    assert legs(other) == ["BUY 10 AAPL", "SELL 20 MSFT"]


def test_what_breaches_on_another_leg_after_the_hold_is_not_forgiven() -> None:
    stage = at(
        "kind: position, per: [account, symbol], max_long: 9, max_short: 25, on_breach: hold"
    )
    ticket = stage.gate.submit(COMBO)
    assert stage.gate.submit("SELL 6 MSFT LMT 410 DAY").allowed
    (again,) = stage.gate.approve(ticket.order_id, by="ann", reason="meant")
    assert again.decision.action is Action.DENY
    assert [f.leg for f in again.decision.breaches if f.action is Action.DENY] == ["SELL 20 MSFT"]


def test_a_basket_with_a_combo_counts_its_legs_for_the_orders_behind_it() -> None:
    stage = at("kind: position, per: [account, symbol], max_short: 25")
    tickets = stage.gate.submit_basket([COMBO, "SELL 6 MSFT LMT 410 DAY"])
    assert [ticket.allowed for ticket in tickets] == [False, False]
    assert stage.reserved("MSFT") == (0, 0, 0)
    tickets = stage.gate.submit_basket([COMBO, "SELL 5 MSFT LMT 410 DAY"])
    assert [ticket.allowed for ticket in tickets] == [True, True]
    assert stage.reserved("MSFT") == (0, 0, 25)


def test_a_latch_that_a_leg_trips_is_the_legs() -> None:
    stage = at("kind: loss, per: [symbol], max_day_loss: 100, then: halt, match: {symbol: MSFT}")
    account = msgspec.structs.replace(
        stage.market.accounts[ACCOUNT], day_pnl=Decimal(-200), at=stage.clock.now()
    )
    stage.market.accounts[ACCOUNT] = account
    assert legs(stage.gate.submit(COMBO)) == ["SELL 20 MSFT"]
    assert stage.gate.submit("BUY 1 MSFT LMT 400 DAY").decision.codes == ("HALTED",)
    assert stage.gate.submit(COMBO).decision.codes == ("HALTED",)


def test_other_policies_are_asked_of_the_legs_too() -> None:
    stage = at("kind: position, max_long: 99, max_short: 99")
    stage.allowed(COMBO)
    read = stage.journal.inner.another().read
    others = compiled(f"{HEAD}  - {{id: r0, kind: fat_finger, max_quantity: 19, because: test}}\n")
    found = replay(lambda after: (one for one in read() if one.seq > after), others)
    assert (found.others, found.different) == (1, 1)
    counted = compiled(f"{HEAD}  - {{id: r0, kind: position, max_short: 9, because: test}}\n")
    found = replay(lambda after: (one for one in read() if one.seq > after), counted)
    assert (found.others, found.untold, found.different) == (1, 0, 1)
    new = compiled(f"{HEAD}  - {{id: new, kind: exposure, max_gross: 9, because: test}}\n")
    found = replay(lambda after: (one for one in read() if one.seq > after), new)
    assert (found.others, found.untold, found.uncounted) == (1, 1, {"desk/new"})


def test_the_legs_that_nobody_knows_are_named_and_the_known_one_is_not() -> None:
    stage = at("kind: fat_finger, max_quantity: 99")
    stage.market.delist(Terms(symbol="NOPE"))
    ticket = stage.gate.submit('BUY 1 AAPL.BAG MKT DAY legs="BUY 1 AAPL, SELL 2 NOPE"')
    (finding,) = ticket.decision.breaches
    assert finding.code == "UNKNOWN_INSTRUMENT"
    assert finding.text.startswith("leg `NOPE` is not a known instrument")


def test_a_leg_that_was_only_supposed_is_no_execution() -> None:
    """The legs of a combo are supposed while it is judged; then they count once, as they are."""
    stage = at("kind: repeat_execution, max: 2, window: 1h")
    line = 'BUY 10 AAPL.BAG MKT DAY legs="BUY 1 AAPL, SELL 1 MSFT"'
    assert stage.gate.submit(line).allowed
    assert stage.gate.submit("BUY 1 AAPL LMT 190 DAY").allowed
    assert not stage.gate.submit("BUY 2 AAPL LMT 190 DAY").allowed
