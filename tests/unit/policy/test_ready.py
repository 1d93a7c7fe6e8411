"""What is bound for orders alike: when, for whom, and when it is not."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from riskgate.model.decision import Action
from riskgate.model.instrument import Instrument
from riskgate.model.market import Quote
from riskgate.model.order import Order
from riskgate.model.readings import Holding
from riskgate.model.snapshot import Snapshot
from riskgate.model.subject import subject_of
from riskgate.policy import ready
from riskgate.policy.bound import Bound, Check
from riskgate.policy.compiler import compile_policies
from riskgate.policy.evaluate import evaluate, in_full
from riskgate.policy.policies import PolicySet
from riskgate.policy.selectors import EVERYTHING
from riskgate.policy.source import parse
from riskgate.rulekit.base import Context, Rule, at_most
from riskgate.rulekit.bounds import Measured
from riskgate.rulekit.parameters import quantity

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
AAPL = Instrument(key="AAPL", symbol="AAPL")
FUTURE = Instrument(
    key="ES",
    symbol="ES",
    sec_type="FUT",
    multiplier=Decimal(50),
    expiry=date(2026, 6, 19),
    listed=date(2026, 3, 2),
)
LINE = "BUY 100 AAPL LMT 190.00 DAY account=DU1"
HEAD = "riskgate: 1\npolicy: p\nowner: o@f.example\ntimezone: UTC\ncurrency: USD\nrules:\n"
SIZE = "  - {id: size, kind: fat_finger, max_quantity: 500, max_notional: 100_000, because: it}\n"


def policies(text: str = SIZE) -> PolicySet:
    document, problems = parse((HEAD + text).encode(), "p.yaml")
    assert document is not None, problems
    made, problems = compile_policies([document], lambda _code: None)
    assert made is not None, problems
    return made


def seen(order: Order, instrument: Instrument = AAPL, **changes: Any) -> Snapshot:  # noqa: ANN401
    quote = Quote(bid=Decimal("189.99"), ask=Decimal("190.01"), at=NOW)
    made = Snapshot(
        as_of=NOW,
        subject=subject_of(order, instrument),
        instrument=instrument,
        accounts=("DU1",),
        quote=quote,
    )
    return msgspec.structs.replace(made, **changes)


def asked(rules: PolicySet, line: str = LINE, times: int = ready.OFTEN, **changes: Any) -> Action:  # noqa: ANN401
    order = Order.parse(line)
    for _ in range(times):
        decision = evaluate(rules, order, seen(order, **changes))
        assert decision == in_full(rules, order, seen(order, **changes))
    return decision.action


def test_orders_alike_are_bound_when_they_have_been_met_often() -> None:
    rules = policies()
    asked(rules, times=ready.OFTEN - 1)
    assert not rules.looks
    asked(rules, times=1)
    assert list(rules.looks) == [subject_of(Order.parse(LINE), AAPL)]


def test_what_is_bound_lets_no_larger_order_pass() -> None:
    rules = policies()
    assert asked(rules) is Action.ALLOW
    assert asked(rules, "BUY 500 AAPL LMT 190.00 DAY account=DU1") is Action.ALLOW
    assert asked(rules, "BUY 501 AAPL LMT 190.00 DAY account=DU1") is Action.DENY
    assert asked(rules, "BUY 100 AAPL LMT 1000.01 DAY account=DU1") is Action.DENY
    assert asked(rules, "BUY 100 AAPL LMT 190.005 DAY account=DU1") is Action.DENY


def test_orders_that_differ_in_a_name_the_subject_does_not_show_are_told_apart() -> None:
    rules = policies()
    for line in (LINE, f"{LINE} exchange=SMART", LINE, f"{LINE} exchange=SMART", LINE):
        assert asked(rules, line) is Action.ALLOW
    assert len(rules.looks) == 1


def test_an_instrument_that_has_changed_is_bound_anew() -> None:
    rules = policies()
    asked(rules)
    in_hundreds = msgspec.structs.replace(AAPL, lot=Decimal(100))
    assert asked(rules, "BUY 150 AAPL LMT 190.00 DAY account=DU1") is Action.ALLOW
    assert asked(rules, instrument=in_hundreds) is Action.ALLOW
    odd = "BUY 150 AAPL LMT 190.00 DAY account=DU1"
    assert asked(rules, odd, instrument=in_hundreds) is Action.DENY
    assert asked(rules, instrument=msgspec.structs.replace(AAPL, halted=True)) is Action.DENY


def test_a_name_of_another_type_is_no_name_of_this_one() -> None:
    rules = policies()
    asked(rules)
    order = msgspec.structs.replace(Order.parse(LINE), side="BUY")
    assert evaluate(rules, order, seen(order)) == in_full(rules, order, seen(order))
    assert evaluate(rules, order, seen(order)).action is Action.DENY


def test_a_contract_leaves_from_its_listing_to_the_end_of_its_last_day() -> None:
    rules = policies()
    line = "BUY 1 ES.FUT LMT 190.00 DAY account=DU1"
    for day, action in (("06-19", Action.ALLOW), ("06-20", Action.DENY), ("03-01", Action.DENY)):
        at = datetime.fromisoformat(f"2026-{day}T15:00:00+00:00")
        quote = Quote(bid=Decimal("189.99"), ask=Decimal("190.01"), at=at)
        assert asked(rules, line, instrument=FUTURE, as_of=at, quote=quote) is action
    assert rules.looks


def test_a_unit_of_many_is_worth_as_many() -> None:
    rules = policies()
    line = "BUY {} ES.FUT LMT 190.00 DAY account=DU1"
    assert asked(rules, line.format(10), instrument=FUTURE) is Action.ALLOW
    assert asked(rules, line.format(11), instrument=FUTURE) is Action.DENY
    assert rules.looks


def test_a_reduction_is_said_to_be_one() -> None:
    rules = policies()
    order = Order.parse("SELL 100 AAPL LMT 190.00 DAY account=DU1")
    held = seen(order, holding=Holding(Decimal(100)))
    told = [evaluate(rules, order, held) for _ in range(ready.OFTEN + 1)]
    assert set(map(repr, told)) == {repr(in_full(rules, order, held))}
    assert told[-1].reduction
    assert rules.looks


def test_a_waiver_for_such_orders_keeps_them_from_being_bound() -> None:
    waiver = "until: 2026-12-18T16:00:00-05:00, approved_by: m, because: it, set: {max_quantity: 9}"
    text = "{}waivers:\n  - {{rule: size, match: {{symbol: {}}}, {}}}\n"
    waived, other = (policies(text.format(SIZE, name, waiver)) for name in ("AAPL", "MSFT"))
    assert asked(waived) is Action.DENY
    assert asked(other) is Action.ALLOW
    assert (len(waived.looks), len(other.looks)) == (0, 1)


@pytest.mark.parametrize(
    "line",
    [
        "SELL 100 AAPL STP 180.00 DAY account=DU1",
        f"{LINE} outside_rth=true",
        f"{LINE} intent=19000",
        "BUY 100 AAPL TRAIL 1.50 DAY account=DU1",
    ],
)
def test_an_order_that_is_not_plain_is_never_bound(line: str) -> None:
    rules = policies()
    asked(rules, line, times=ready.OFTEN + 1)
    assert not rules.looks


def test_orders_that_no_policy_covers_and_unknown_ones_are_not_bound() -> None:
    none = PolicySet((), (), "")
    assert asked(none, times=ready.OFTEN + 1) is Action.DENY
    rules = policies()
    order = Order.parse(LINE)
    for _ in range(ready.OFTEN + 1):
        unknown = seen(order, instrument=AAPL)
        unknown = msgspec.structs.replace(unknown, instrument=None)
        assert evaluate(rules, order, unknown).action is Action.DENY
    assert not rules.looks
    assert not none.looks


def test_a_limit_that_lets_no_such_order_pass_leaves_nothing_to_bind() -> None:
    rules = policies("  - {id: r, kind: restricted, symbols: [AAPL], because: it}\n")
    assert asked(rules, times=ready.OFTEN + 1) is Action.DENY
    assert not rules.looks


def test_a_faulty_order_is_not_what_others_are_bound_by() -> None:
    rules = policies()
    assert asked(rules, LINE.replace("190.00", "190.001"), times=ready.OFTEN + 1) is Action.DENY
    assert not rules.looks
    assert asked(rules, times=1) is Action.ALLOW
    assert rules.looks


@pytest.mark.parametrize("tiny", ["1E-30", "1E-1000020", "1E-2000000"])
def test_what_is_so_small_that_nothing_remains_of_it_is_on_no_lot_and_no_tick(tiny: str) -> None:
    rules, order = policies(), Order.parse(LINE)
    asked(rules)
    for name in ("quantity", "limit_price"):
        small = msgspec.structs.replace(order, **{name: Decimal(tiny)})
        assert evaluate(rules, small, seen(small)) == in_full(rules, small, seen(small))
        assert evaluate(rules, small, seen(small)).action is Action.DENY


def test_orders_of_many_kinds_are_bound_by_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "MOST_BOUND", 5)
    rules, begin, wrong = policies(), threading.Barrier(4), []

    def ask(first: int) -> None:
        begin.wait(10)
        for number in range(400):
            size = 100 if (first + number) % 3 else 501
            line = f"BUY {size} AAPL LMT 190.00 DAY account=DU1 strategy=s{(first + number) % 7}"
            order = Order.parse(line)
            found = evaluate(rules, order, seen(order)).action
            if found is not (Action.ALLOW if size == 100 else Action.DENY):
                wrong.append(line)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert wrong == []


def test_what_is_remembered_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "MOST_BOUND", 3)
    monkeypatch.setattr(ready, "MOST_MET", 5)
    rules = policies()
    for number in range(20):
        assert asked(rules, f"{LINE} strategy=s{number}") is Action.ALLOW
        assert len(rules.looks) <= 3


class Counted(Rule):
    """A kind from elsewhere: a plain measuring method, and nothing else."""

    kind = "counted"
    measured = 0

    @at_most(quantity())
    def most(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002
        """Counts how often it is asked, which a rule must not."""
        Counted.measured += 1
        return Decimal(1) if order.side == "BUY" else None


def of_counted(passes: Any = None) -> PolicySet:  # noqa: ANN401
    rule = Counted("p/c", {"most": Decimal(5)}, Context())
    limit = Counted.limits()["most"]
    check = Check("most", limit.measure.__get__(rule), passes or limit.passes, Decimal(5), "")
    bound = Bound(
        name="p/c",
        rule=rule,
        selector=EVERYTHING,
        per=(),
        action=Action.DENY,
        enforced=True,
        because="it",
        where="",
        checks=(check,),
        tally=None,
    )
    return PolicySet(policies().policies, (bound,), "d")


def test_a_kind_from_elsewhere_is_asked_every_time() -> None:
    rules = of_counted()
    order = Order.parse(LINE)
    before = Counted.measured
    for _ in range(ready.OFTEN + 10):
        assert evaluate(rules, order, seen(order)).action is Action.ALLOW
    assert Counted.measured - before == ready.OFTEN + 10
    assert rules.looks


def test_a_rule_that_raises_after_it_was_bound_denies() -> None:
    order, left = Order.parse(LINE), ready.OFTEN + 2

    def passes(_observed: object, _limit: object) -> bool:
        nonlocal left
        left -= 1
        if left < 0:
            raise ZeroDivisionError
        return True

    rules = of_counted(passes)
    told = [evaluate(rules, order, seen(order)).action for _ in range(ready.OFTEN + 3)]
    assert told == [Action.ALLOW] * (ready.OFTEN + 2) + [Action.DENY]


@pytest.mark.parametrize(
    "quote",
    [
        None,
        Quote(bid=Decimal(10), ask=Decimal(9), last=Decimal(190), at=NOW),
        Quote(last=Decimal(190), at=NOW),
        Quote(bid=Decimal(190), ask=Decimal(191), last=Decimal(-5000), at=NOW),
        Quote(bid=Decimal(190), ask=Decimal(191), close=Decimal(5000), at=NOW),
        Quote(bid=Decimal(190), ask=Decimal(191), at=NOW - timedelta(minutes=2)),
        Quote(bid=Decimal("NaN"), ask=Decimal(191), at=NOW),
        Quote(bid=Decimal(190), ask=Decimal(191), at=NOW.replace(tzinfo=None)),
        Quote(bid=189.99, ask=190.01, at=NOW),  # type: ignore[arg-type]  # as some feed might
        Quote(bid=Decimal(190), ask=Decimal(191), last=190.5, at=NOW),  # type: ignore[arg-type]
    ],
)
def test_a_market_that_is_out_of_order_is_looked_at_closely(quote: Quote | None) -> None:
    near = "  - {id: near, kind: fat_finger, max_deviation_percent: 5, because: it}\n"
    for rules in (policies(), policies(near)):
        for line in (LINE, LINE.replace("LMT 190.00", "MKT"), LINE.replace("BUY", "SELL")):
            asked(rules, line)
            assert rules.looks
            asked(rules, line, quote=quote)
            asked(rules, line.replace("190.00", "200.00"), quote=quote)
