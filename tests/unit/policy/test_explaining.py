"""How much of each limit an order uses: breaches first, this order's share, and whose answers."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest

from riskgate.model.account import Account
from riskgate.model.decision import Action, Finding, Verdict
from riskgate.model.events import Decided
from riskgate.policy.explaining import Basis, Use, explained, priced
from riskgate.policy.policies import PolicySet

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.conftest import Stage

    Compile = Callable[[str], PolicySet]
    Staged = Callable[[str], Stage]

DESK = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: size, kind: fat_finger, max_quantity: 100, max_notional: 10_000, because: test}
  - {id: long, kind: position, per: [account, symbol], max_long: 1000, because: test}
  - {id: day, kind: daily_volume, max_orders: 50, because: test}
  - {id: types, kind: permitted, order_types: [LMT], because: test}
  - {id: shadow, kind: fat_finger, max_quantity: 1, mode: shadow, because: test}
  - {id: warned, kind: fat_finger, max_quantity: 20, on_breach: warn, because: test}
"""


def decided(stage: Stage) -> Decided:
    """The newest decision on record."""
    return [event for event in stage.journal.payloads() if isinstance(event, Decided)][-1]


def submitted(stage: Stage, line: str) -> Decided:
    stage.gate.submit(line)
    return decided(stage)


def named(found: tuple[Use, ...]) -> list[str]:
    return [f"{use.finding.rule.partition('/')[2]}.{use.finding.limit_name}" for use in found]


def test_what_stopped_the_order_comes_first_then_what_has_the_least_room(staged: Staged) -> None:
    stage = staged(DESK)
    found = explained(submitted(stage, "BUY 60 AAPL LMT 190"), stage.policies, under_others=False)
    assert named(found.uses) == [
        *("size.max_notional", "warned.max_quantity", "shadow.max_quantity"),
        *("size.max_quantity", "long.max_long", "day.max_orders", "types.order_types"),
    ]
    assert (found.basis, found.repeats, found.not_asked) == (Basis.SAME, True, ())


def test_this_orders_share_is_what_was_observed_less_what_was_there(staged: Staged) -> None:
    stage = staged(DESK)
    stage.sent("BUY 15 AAPL LMT 190")
    found = explained(submitted(stage, "BUY 10 AAPL LMT 190"), stage.policies, under_others=False)
    uses = dict(zip(named(found.uses), found.uses, strict=True))
    long = uses["long.max_long"]
    assert (long.finding.observed, long.own, long.headroom, long.percent) == (
        *(Decimal(25), Decimal(10), Decimal(975), Decimal("2.5")),
    )
    assert uses["day.max_orders"].own is None  # a count does not follow the quantity
    assert uses["types.order_types"].percent is None


def test_the_share_of_a_modify_is_what_can_still_fill(staged: Staged) -> None:
    stage = staged(DESK)
    number = stage.sent("BUY 15 AAPL LMT 190")
    stage.gate.take([stage.execution(number, "5")])
    stage.gate.modify(number, quantity=25)
    found = explained(decided(stage), stage.policies, under_others=False)
    (long,) = [use for use in found.uses if use.finding.kind == "position"]
    assert (long.finding.observed, long.own) == (Decimal(25), Decimal(20))


def test_a_limit_that_must_be_left_is_used_the_other_way_round(staged: Staged) -> None:
    rule = "  - {id: funds, kind: buying_power, min_left: 1000, because: test}\n"
    stage = staged(DESK + rule)
    account = Account(id="DU1234567", available_funds=Decimal(5000), at=stage.clock.now())
    stage.market.set_account(account)
    found = explained(submitted(stage, "BUY 10 AAPL LMT 190"), stage.policies, under_others=False)
    (funds,) = [use for use in found.uses if use.finding.kind == "buying_power"]
    assert (funds.floor, funds.finding.observed, funds.own) == (
        *(True, Decimal(3100), Decimal(-1900)),
    )
    assert (funds.passed, funds.headroom) == (True, Decimal(2100))
    assert funds.percent is not None
    assert round(funds.percent) == 32


def test_rules_that_a_reduction_is_not_asked_are_named(staged: Staged) -> None:
    stage = staged(DESK)
    stage.gate.take([stage.execution(stage.sent("BUY 10 AAPL LMT 190"), "10")])
    found = explained(submitted(stage, "SELL 10 AAPL LMT 190"), stage.policies, under_others=False)
    assert found.not_asked == ("desk/day", "desk/long")


def test_without_the_policies_of_then_only_the_recorded_breaches_are_told(
    staged: Staged, compile_text: Compile
) -> None:
    stage = staged(DESK)
    event = submitted(stage, "BUY 60 AAPL LMT 190")
    others = compile_text(DESK.replace("10_000", "90_000"))
    for policies in (None, others):
        found = explained(event, policies, under_others=False)
        assert named(found.uses) == [
            *("size.max_notional", "warned.max_quantity", "shadow.max_quantity"),
        ]
        assert (found.basis, found.others, found.repeats) == (Basis.NONE, (), None)
        assert found.digest == ("" if policies is None else others.digest)


def test_what_other_policies_say_is_kept_apart(staged: Staged, compile_text: Compile) -> None:
    stage = staged(DESK)
    others = compile_text(DESK.replace("10_000", "90_000"))
    event = submitted(stage, "BUY 60 AAPL LMT 190")
    found = explained(event, others, under_others=True)
    assert found.basis is Basis.OTHER
    assert [use.finding for use in found.uses if not use.passed] == [
        use.finding for use in explained(event, None, under_others=False).uses
    ]
    assert "size.max_notional" in named(tuple(use for use in found.others if use.passed))


def test_a_record_that_would_be_decided_otherwise_now_is_noticed(staged: Staged) -> None:
    stage = staged(DESK)
    event = submitted(stage, "BUY 60 AAPL LMT 190")
    softer = msgspec.structs.replace(event.decision, action=Action.ALLOW)
    changed = msgspec.structs.replace(event, decision=softer)
    assert explained(changed, stage.policies, under_others=False).repeats is False


def test_files_that_moved_are_no_other_answer(staged: Staged) -> None:
    stage = staged(DESK)
    event = submitted(stage, "BUY 60 AAPL LMT 190")
    moved = tuple(
        msgspec.structs.replace(breach, where="elsewhere.yaml:1")
        for breach in event.decision.breaches
    )
    decision = msgspec.structs.replace(event.decision, breaches=moved)
    found = explained(
        msgspec.structs.replace(event, decision=decision), stage.policies, under_others=False
    )
    assert found.repeats is True
    assert found.uses[0].finding.where == "elsewhere.yaml:1"


def test_what_a_person_approved_is_shown_as_it_was_forgiven(staged: Staged) -> None:
    stage = staged(DESK.replace("on_breach: warn", "on_breach: hold"))
    ticket = stage.gate.submit("BUY 30 AAPL LMT 190")
    stage.gate.approve(ticket.order_id, by="m.ruiz", reason="checked")
    found = explained(decided(stage), stage.policies, under_others=False)
    first = found.uses[0].finding
    assert (first.rule, first.action, first.text) == (
        *("desk/warned", Action.WARN, "approved by a person"),
    )
    assert found.repeats is True


def test_what_was_never_an_order_has_only_its_codes(staged: Staged) -> None:
    stage = staged(DESK)
    found = explained(submitted(stage, "BUY lots"), stage.policies, under_others=True)
    assert found.basis is Basis.UNREAD
    assert [use.finding.code for use in found.uses] == ["BAD_ORDER"]
    assert priced(decided(stage)) is None


def test_the_price_says_how_old_it_was_and_what_of_it_was_used(staged: Staged) -> None:
    stage = staged(DESK)
    price = priced(submitted(stage, "BUY 10 AAPL LMT 191"))
    assert price is not None
    assert (price.used, price.reference, price.unit_value) == (
        *("mid", Decimal(190), Decimal(191)),
    )
    assert price.age is not None
    assert price.age.total_seconds() == 0


def test_a_price_that_is_missing_says_why(staged: Staged) -> None:
    price = priced(submitted(staged(DESK), "BUY 10 KO LMT 60"))
    assert price is not None
    assert (price.quote, price.used, price.unit_value) == (None, "", None)
    assert price.why == "NO_PRICE: KO: no usable price"


@pytest.mark.parametrize(
    ("observed", "limit", "percent"),
    [("NaN", "1", None), ("Infinity", "1", None), ("1", "0", None), ("-5", "10", Decimal(-50))],
)
def test_a_share_of_nothing_or_of_no_number_is_none(
    observed: str, limit: str, percent: Decimal | None
) -> None:
    finding = Finding(rule="a/b", observed=Decimal(observed), limit=Decimal(limit))
    assert Use(finding=finding).percent == percent
    assert Use(finding=Finding(rule="a/b", observed=("x",), limit=("y",))).headroom is None
    assert not Use(finding=msgspec.structs.replace(finding, verdict=Verdict.UNKNOWN)).passed
