"""Other policies asked of a record: groups are answered as one, and the bound holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.execution.aggregate import Aggregation
from riskgate.journal.memory import MemoryJournal
from riskgate.line.grouping import Exits
from riskgate.model.decision import Action
from riskgate.model.events import Decided
from riskgate.policy.cases import given_of
from riskgate.policy.compiler import compile_policies
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import parse
from riskgate.replay.replaying import Chosen, Replay, replay

CALENDARS = ExchangeCalendars()
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
HEAD = "riskgate: 1\npolicy: desk\ntimezone: America/New_York\ncurrency: USD\nrules:\n"
PRICES = {"AAPL": "189.99 x 190.01", "MSFT": "99.99 x 100.01"}
SIZE = "kind: fat_finger, max_quantity: 100"
AAPL, MSFT = "BUY 100 AAPL LMT 190 DAY", "SELL 10 MSFT LMT 100 DAY"


def policies_of(*rules: str) -> PolicySet:
    lines = (f"  - {{id: r{n}, {rule}, because: a test}}\n" for n, rule in enumerate(rules))
    document, problems = parse(HEAD + "".join(lines), "desk.yaml")
    assert document is not None, problems
    policies, wrong = compile_policies([document], lambda _: None)
    assert policies is not None, wrong
    return policies


def a_stage(*rules: str) -> Rehearsal:
    account = {"id": "DU1", "net_liquidation": Decimal(1_000_000)}
    given = given_of({"now": NOON.isoformat(), "account": account, "prices": PRICES})
    return Rehearsal(policies_of(*rules), given, CALENDARS, MemoryJournal())


def asked(stage: Rehearsal, *rules: str, chosen: Chosen | None = None) -> Replay:
    return replay(stage.journal.read, policies_of(*rules), chosen=chosen or Chosen())


def moves(found: Replay) -> dict[int, tuple[str, str]]:
    """The orders whose answer is another one."""
    parts = {item.order_id: {p.what: p for p in item.parts} for item in found.first}
    return {
        number: (by["action"].recorded, by["action"].again)
        for number, by in parts.items()
        if "action" in by
    }


def test_one_denied_order_denies_its_basket_in_a_what_if_too() -> None:
    stage = a_stage(SIZE)
    stage.gate.submit_basket([AAPL, MSFT])
    found = asked(stage, SIZE.replace("100", "99"))
    assert moves(found) == {1: ("allow", "deny"), 2: ("allow", "deny")}
    assert found.effects.by_rule["GROUP_DENIED"].tightened == 1


def test_a_basket_is_let_go_whole_where_the_order_that_denied_it_would_pass() -> None:
    stage = a_stage(SIZE.replace("100", "99"))
    stage.gate.submit_basket([AAPL, MSFT])
    found = asked(stage, SIZE)
    assert moves(found) == {1: ("deny", "allow"), 2: ("deny", "allow")}
    assert found.effects.by_rule["desk/r0"].loosened == 1


def test_one_order_of_a_basket_that_is_asked_alone_is_answered_with_its_basket() -> None:
    stage = a_stage(SIZE)
    stage.gate.submit_basket([AAPL, MSFT])
    found = asked(stage, SIZE.replace("100", "99"), chosen=Chosen(order_id=2))
    assert (found.decisions, moves(found)) == (1, {2: ("allow", "deny")})


def test_a_bracket_is_answered_as_one() -> None:
    stage = a_stage(SIZE)
    exits = Exits(take_profit=Decimal(200), stop_loss=Decimal(180))
    stage.gate.submit_bracket(AAPL, exits=exits)
    assert list(moves(asked(stage, SIZE.replace("100", "99")))) == [1, 2, 3]


def test_a_block_that_would_be_denied_takes_its_members_with_it() -> None:
    stage = a_stage(SIZE)
    stage.gate._aggregation = Aggregation(allow=True)
    line = "BUY 50 AAPL LMT 190 DAY"
    stage.gate.submit_block([f"{line} strategy=a", f"{line} strategy=b"])
    found = asked(stage, SIZE.replace("100", "99"))
    assert moves(found) == dict.fromkeys((1, 2, 3), ("allow", "deny"))


def test_a_rule_that_only_does_something_else_now_is_named() -> None:
    rule = f"{SIZE.replace('100', '99')}, on_breach: warn"
    stage = a_stage(rule)
    stage.submit(AAPL)
    found = asked(stage, rule.replace("warn", "deny"))
    assert moves(found) == {1: ("warn", "deny")}
    assert found.effects.by_rule["desk/r0"].tightened == 1


def test_a_rule_that_comes_out_of_shadow_is_a_change_where_the_answer_is_the_same() -> None:
    tight = SIZE.replace("100", "99")
    stage = a_stage(tight, f"{tight}, mode: shadow")
    stage.submit(AAPL)
    found = asked(stage, tight, tight)
    assert (moves(found), found.effects.total.changed) == ({}, 1)
    assert found.effects.by_rule["desk/r1"].tightened == 1


def test_each_leg_of_a_combo_is_compared_with_itself() -> None:
    """The whole breached the limit, and now a leg does: that is another answer."""
    stage = a_stage("kind: fat_finger, max_quantity: 5")
    stage.submit('BUY 10 AAPL.BAG LMT 90 DAY legs="BUY 1 AAPL, SELL 1 MSFT"')
    found = asked(stage, "kind: fat_finger, max_quantity: 5, match: {symbol: MSFT}")
    named = [part.what for part in found.first[0].parts]
    assert named == ["desk/r0 max_quantity", "desk/r0 max_quantity SELL 10 MSFT"]


Tale = Callable[[Rehearsal], object]


def cancelled_late(stage: Rehearsal) -> None:
    """The cancel of the first order is in the window of the second; its sending is not."""
    ticket = stage.submit(AAPL)
    stage.clock.advance(timedelta(minutes=5))
    stage.gate.cancel(ticket.order_id)
    stage.submit(MSFT)


def sold_after(stage: Rehearsal) -> None:
    stage.submit(AAPL)
    stage.submit(MSFT)


def modified_in_between(stage: Rehearsal) -> None:
    """The second order rests on the first, and the third on nothing but the second."""
    stage.submit("BUY 100 AAPL LMT 190 DAY strategy=a")
    stage.clock.advance(timedelta(hours=1))
    stage.submit("BUY 5 AAPL LMT 190 DAY strategy=b")
    stage.submit("SELL 5 MSFT LMT 100 DAY strategy=b")


@pytest.mark.parametrize(
    ("tale", "rule", "exposed"),
    [
        (cancelled_late, "kind: message_rate, counts: [new, cancel], max: 9, window: 10s", 1),
        (sold_after, "kind: exposure, max_gross: 900_000, match: {side: SELL}", 1),
        (sold_after, "kind: daily_volume, max_orders: 9, match: {side: SELL}", 0),
        (sold_after, "kind: message_rate, max: 9, window: 10s", 1),
        (modified_in_between, "kind: message_rate, per: [strategy], max: 9, window: 10s", 2),
    ],
)
def test_whatever_rests_on_a_changed_order_is_in_the_bound(
    tale: Tale, rule: str, exposed: int
) -> None:
    stage = a_stage(SIZE, rule)
    tale(stage)
    found = asked(stage, SIZE.replace("100", "99"), rule)
    assert list(moves(found)) == [1]
    assert found.effects.exposed == exposed


def test_an_approval_rests_on_the_answer_that_held_the_order() -> None:
    held = "kind: fat_finger, max_notional: 10_000, on_breach: hold"
    stage = a_stage(held)
    stage.submit(AAPL)
    stage.gate.approve(1, by="ann", reason="it is meant")
    found = asked(stage, held, "kind: fat_finger, max_quantity: 99, match: {tag: x}")
    assert (moves(found), found.effects.exposed) == ({}, 0)
    found = asked(stage, held.replace("hold", "deny"))
    assert moves(found) == {1: ("warn", "deny")}
    assert found.effects.moves == {"hold to deny": 1, "warn to deny": 1}


def test_a_rule_that_would_latch_exposes_its_whole_scope() -> None:
    rule = "kind: repeat_execution, max: 9, window: 1s, then: halt"
    stage = a_stage(rule)
    for line in (AAPL, AAPL, MSFT):
        stage.submit(line)
    found = asked(stage, rule.replace("9", "0"))
    assert set(moves(found)) == {1, 2, 3}
    stage.clock.advance(timedelta(hours=1))
    stage.submit("BUY 10 MSFT LMT 100 DAY")
    found = asked(stage, rule.replace("max: 9", "max: 1"))
    assert list(moves(found)) == [2]
    assert found.effects.exposed == 2


def test_what_was_decided_under_the_policies_asked_about_rests_on_the_others_as_well() -> None:
    tight = SIZE.replace("100", "99")
    stage = a_stage(SIZE)
    stage.submit(AAPL)
    stage.gate.reload(policies_of(tight))
    stage.submit("BUY 1 AAPL LMT 190 DAY")
    stage.submit(AAPL)
    found = asked(stage, tight)
    assert (found.others, found.different) == (1, 1)
    assert (found.effects.exposed, found.effects.denied) == (2, 2)


def test_what_is_denied_is_counted_without_other_policies_too() -> None:
    stage = a_stage(SIZE)
    for line in (AAPL, "BUY 101 AAPL LMT 190 DAY", "BUY lots AAPL"):
        stage.submit(line)
    assert replay(stage.journal.read).counts["denied"] == 2
    assert asked(stage, SIZE.replace("100", "99")).counts["denied"] == 3


def test_an_answer_that_was_tampered_with_is_harsher_or_milder_by_its_own_policies() -> None:
    stage = a_stage(SIZE)
    stage.submit("BUY 101 AAPL LMT 190 DAY")
    events = list(stage.journal.read())
    [place] = [n for n, event in enumerate(events) if isinstance(event.payload, Decided)]
    decided = events[place].payload
    assert isinstance(decided, Decided)
    forged = msgspec.structs.replace(decided.decision, action=Action.ALLOW, breaches=())
    payload = msgspec.structs.replace(decided, decision=forged)
    events[place] = msgspec.structs.replace(events[place], payload=payload)
    found = replay(lambda after: iter(events[after:]))
    assert (found.first[0].seq, found.counts["tightened"]) == (events[place].seq, 1)
    assert found.counts["changed"] == 1
