"""What the events of a day come to: what changed, in words, and that little is kept of much."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from riskgate.errors import PeriodError
from riskgate.model.decision import Action, Decision
from riskgate.model.events import (
    Decided,
    LimitTripped,
    Payload,
    PeakForgotten,
    PolicyActivated,
    Reconciled,
    Recorded,
    StateChanged,
)
from riskgate.model.order import Order, OrderType, Side
from riskgate.model.trading import Scope, Standing, TradingState
from riskgate.reporting.asked import Asked
from riskgate.reporting.record import MOST_CHANGES, MOST_DENIED, Record

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ASKED = Asked(day=date(2026, 3, 2), zone=ZoneInfo("UTC"))
DIGEST = "0123456789abcdef"
POLICY = PolicyActivated(digest=DIGEST, policies=("desk",), engine="1", actor="bot")
KILLED = StateChanged(
    standing=Standing(state=TradingState.KILLED, by="m.ruiz", reason="runaway", at=NOON)
)
LATCHED = StateChanged(
    standing=Standing(
        state=TradingState.HALTED,
        scope=Scope(symbol="AAPL"),
        by="desk/loss",
        reason="down 3 %",
        at=NOON,
        latch=True,
    )
)
TRIPPED = LimitTripped(
    rule="desk/rate",
    scope=Scope(strategy="a"),
    at=NOON,
    until=NOON + timedelta(minutes=5),
    reason="too many",
)


def decided(number: int, action: Action = Action.DENY, *, emergency: bool = False) -> Decided:
    order = Order(symbol="AAPL", side=Side.BUY, quantity=Decimal(1), order_type=OrderType.MKT)
    decision = Decision(order=order, action=action, as_of=NOON, digest=DIGEST)
    return Decided(
        order_id=number,
        ref=f"r{number}",
        text="BUY 1 AAPL MKT DAY",
        decision=decision,
        emergency=emergency,
        reason="get out" if emergency else "",
        actor="m.ruiz",
        engine="1.0",
    )


def record(*payloads: Payload, at: datetime = NOON) -> Record:
    found = Record(lambda _after: (), ASKED)
    for seq, payload in enumerate(payloads, 1):
        found.take(Recorded(seq, at, payload))
    return found


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (KILLED, ("KILLED for all", "m.ruiz", "runaway")),
        (LATCHED, ("HALTED for symbol=AAPL (by a rule)", "desk/loss", "down 3 %")),
        (
            TRIPPED,
            ("denies for strategy=a until 2026-03-02 12:05:00 UTC", "desk/rate", "too many"),
        ),
        (
            PeakForgotten(account=None, by="m.ruiz", reason="new capital"),
            ("the peak of all accounts is measured anew", "m.ruiz", "new capital"),
        ),
        (POLICY, ("policies desk came into force", "bot", "0123456789ab")),
        (
            Reconciled(clean=False, differences=("AAPL 10, broker 20",)),
            ("the books did not agree", "reconcile", "AAPL 10, broker 20"),
        ),
        (
            decided(1, Action.ALLOW, emergency=True),
            ("emergency exit: BUY 1 AAPL MKT DAY", "m.ruiz", "get out"),
        ),
    ],
)
def test_what_changed_is_told_with_who_and_why(payload: Payload, words: tuple[str, ...]) -> None:
    (change,) = record(payload).changes
    assert (change.what, change.by, change.why) == words


def test_what_happened_on_another_day_changed_nothing_but_its_policies_hold() -> None:
    found = Record(lambda _after: (), ASKED)
    found.take(Recorded(1, NOON - timedelta(days=1), POLICY))
    found.take(Recorded(2, NOON - timedelta(days=1), KILLED))
    found.take(Recorded(3, NOON, decided(1)))
    assert found.changes == []
    assert found.policies == ("desk (0123456789ab)",)
    assert (found.begin, found.seq, found.events) == (2, 3, 3)


def test_a_reconcile_that_agrees_is_only_counted() -> None:
    found = record(Reconciled(clean=True), Reconciled(clean=True))
    assert (found.changes, found.reconciles, found.unclean) == ([], 2, 0)


def test_of_many_only_the_first_are_kept_and_all_are_counted() -> None:
    found = record(*[decided(number) for number in range(1, 100)], *[KILLED] * 300)
    assert [one.order_id for _, one in found.denied] == list(range(1, MOST_DENIED + 1))
    assert found.limits().total("deny").decisions == 99
    assert (len(found.changes), found.changed) == (MOST_CHANGES, 300)


def test_the_day_is_as_long_as_the_zone_s_clocks_make_it() -> None:
    spring = Asked(day=date(2026, 3, 8), zone=ZoneInfo("America/New_York"))
    begin, end = spring.since.astimezone(UTC), spring.until.astimezone(UTC)
    assert end - begin == timedelta(hours=23)
    assert spring.covers(begin)
    assert not spring.covers(end)


@pytest.mark.parametrize("year", [1969, 3000])
def test_a_day_out_of_all_reason_is_refused(year: int) -> None:
    with pytest.raises(PeriodError, match="from 1970 to 2999"):
        Asked(day=date(year, 1, 1), zone=ZoneInfo("UTC"))
