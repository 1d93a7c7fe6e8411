"""The state of things, from the record alone."""

from __future__ import annotations

import json
from datetime import timedelta

import msgspec
import pytest

from riskgate.errors import ConfigError
from riskgate.model.lifecycle import Status
from riskgate.model.trading import Scope, TradingState
from riskgate.record.status import Around, Fold, State, check_lift, planned, state
from riskgate.reporters import formats, reporter
from tests.unit.conftest import NOON, Stage
from tests.unit.line.parent_steps import SAID, worked


def seen(stage: Stage, **around: object) -> State:
    """What a command sees that has only the record."""
    given = {"journal": "x.sqlite", "now": stage.clock.now(), **around}
    return state(stage.journal.inner.another().read(), Around(**given))  # type: ignore[arg-type]


def shown(of: State) -> str:
    return str(reporter("text").status(of))


def test_an_empty_record_is_active_and_not_reconciled() -> None:
    found = state([], Around(journal="x.sqlite", now=NOON))
    assert (found.trading, found.clean, found.exit_code) == (TradingState.ACTIVE, False, 6)
    assert "never: nothing is approved before the first one" in shown(found)
    assert "none were ever in force" in shown(found)


def test_after_a_clean_reconcile_all_is_well(stage: Stage) -> None:
    found = seen(stage)
    assert (found.exit_code, found.policies) == (0, ("desk",))
    assert found.digest == stage.policies.digest
    assert "flat" in shown(found)


@pytest.mark.parametrize(
    ("trading", "code"),
    [(TradingState.REDUCE_ONLY, 0), (TradingState.HALTED, 5), (TradingState.KILLED, 5)],
)
def test_the_exit_code_is_the_state(stage: Stage, trading: TradingState, code: int) -> None:
    stage.gate.halt(by="m.ruiz", reason="news", scope=Scope(symbol="AAPL"), state=trading)
    assert seen(stage).exit_code == code


def test_the_strictest_state_is_shown_first(stage: Stage) -> None:
    stage.gate.halt(by="m.ruiz", reason="loss", state=TradingState.REDUCE_ONLY)
    stage.gate.halt(by="k.lee", reason="news", scope=Scope(symbol="AAPL"))
    assert [one.state.value for one in seen(stage).standings] == ["HALTED", "REDUCE_ONLY"]
    assert shown(seen(stage)).startswith("state       HALTED for symbol=AAPL since")


def test_a_reconcile_that_was_not_clean_is_6_and_a_halt_is_worse(stage: Stage) -> None:
    stage.tell(complete=False)
    stage.gate.reconcile()
    assert seen(stage).exit_code == 6
    assert "NOT CLEAN" in shown(seen(stage))
    stage.gate.halt(by="m.ruiz", reason="news")
    assert seen(stage).exit_code == 5


def test_what_works_what_is_unknown_and_what_is_held_is_counted_and_named(stage: Stage) -> None:
    stage.allowed()
    lost = stage.sent("BUY 1 MSFT LMT 400")
    stage.says(lost, Status.UNKNOWN)
    bought = stage.sent("BUY 7 AAPL LMT 190")
    stage.gate.take([stage.execution(bought, "7")])
    found = seen(stage)
    assert (found.working, len(found.unknown), found.held) == (2, 1, ())
    assert f"{lost} BUY 1 MSFT" in shown(found)
    assert "DU1234567 AAPL 7" in shown(found)


def test_parents_at_work_are_shown_until_they_are_over(stage: Stage) -> None:
    ticket = worked(stage)
    (parent,) = seen(stage).parents
    assert (parent.order_id, str(parent.state)) == (ticket.order_id, "running")
    assert f"at work     {ticket.order_id} BUY 95 AAPL" in shown(seen(stage))
    assert "0 of 95 filled" in " ".join(shown(seen(stage)).split())
    said = json.loads(reporter("json").status(seen(stage)))
    assert [one["order_id"] for one in said["parents"]] == [ticket.order_id]
    ticket.cancel(**SAID)
    assert "stopped: lunch" in " ".join(shown(seen(stage)).split())
    stage.says(ticket.slices[0], Status.CANCELLED)
    assert seen(stage).parents == ()
    assert "at work" not in shown(seen(stage))


def test_what_stands_beside_the_record_is_shown(stage: Stage) -> None:
    lines = shown(seen(stage, kill_file="stop", kill_file_present=True, running=(3, 12)))
    assert "`stop` is there" in lines
    assert "runs, client id 3, 12" in lines
    assert "none runs on this journal" in shown(seen(stage))


def test_ages_are_never_negative(stage: Stage) -> None:
    found = seen(stage, now=stage.clock.now() - timedelta(seconds=3))
    assert "clean, 0s ago" in shown(found)


def test_no_line_is_wider_than_a_terminal(stage: Stage) -> None:
    for number in range(1, 13):
        lost = stage.sent(f"BUY {number} AAPL LMT 190 strategy={'s' * 30}")
        stage.says(lost, Status.UNKNOWN)
    stage.gate.halt(by="m.ruiz", reason="words " * 40)
    assert "and 2 more" in shown(seen(stage))
    assert max(map(len, shown(seen(stage)).splitlines())) <= 80


def test_json_has_all_that_text_has_and_the_same_names_each_time(stage: Stage) -> None:
    full, empty = seen(stage), state([], Around(journal="x", now=stage.clock.now()))
    written = [json.loads(reporter("json").status(one)) for one in (full, empty)]
    assert written[0].keys() == written[1].keys()
    assert set(State.__struct_fields__) <= written[0].keys()


@pytest.mark.parametrize(
    "subject",
    ["status", "killed", "planned", "cancelled", "held", "reconciled", "answered", "evidence"],
)
def test_every_subject_of_operations_has_text_and_json(subject: str) -> None:
    assert formats(subject) == ["text", "json"]


def test_only_what_was_set_can_be_lifted(stage: Stage) -> None:
    stage.gate.halt(by="m.ruiz", reason="news", scope=Scope(symbol="AAPL"))
    check_lift(stage.gate.ledger, Scope(symbol="AAPL"), latch=False)
    with pytest.raises(ConfigError, match="nobody has halted `all`; what holds is: HALTED for"):
        check_lift(stage.gate.ledger, Scope(), latch=False)
    with pytest.raises(ConfigError, match="lift it with `riskgate resume --symbol AAPL`"):
        check_lift(stage.gate.ledger, Scope(), latch=False)
    with pytest.raises(ConfigError, match="no rule has latched"):
        check_lift(stage.gate.ledger, Scope(symbol="AAPL"), latch=True)


def test_a_plan_changes_nothing_and_keeps_to_its_scope(stage: Stage) -> None:
    number = stage.sent("BUY 50 AAPL LMT 190")
    stage.gate.take([stage.execution(number, "50")])
    rests, _ = stage.sent("BUY 1 AAPL LMT 180"), stage.sent("BUY 1 MSFT LMT 390")
    before = len(stage.journal.payloads())
    fold = Fold(stage.journal.inner.another().read())
    plan = planned(fold, Scope(symbol="AAPL"), close=True)
    assert [one.split()[0] for one in plan.cancels] == [str(rests)]
    assert plan.sends == ("SELL 50 AAPL.STK MKT DAY account=DU1234567 currency=USD",)
    assert planned(fold, Scope()).sends == ()
    assert len(planned(fold, Scope()).cancels) == 2
    assert len(stage.journal.payloads()) == before
    assert msgspec.to_builtins(plan)["state"] == "HALTED"
