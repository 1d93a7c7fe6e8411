"""The guards: drift pauses, participation shrinks, and the end is the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskgate.execution.algos.iceberg import Iceberg
from riskgate.execution.algos.twap import Twap
from riskgate.execution.guards import AtEnd, Guards, guarded
from riskgate.execution.slices import Done, Pause, Progress, Recall, Send, Step, Terms, Wait
from riskgate.model.market import Quote
from riskgate.model.order import OrderType, Side, Tif

NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
END = NOON + timedelta(minutes=10)
TWAP = Twap(duration=timedelta(minutes=10), slices=10)
HUNDRED = Terms(side=Side.BUY, quantity=Decimal(100))
LIMITED = Terms(side=Side.BUY, quantity=Decimal(100), limit_price=Decimal(190))
CROSS = Guards(at_end=AtEnd.CROSS)


def seen(filled: int = 0, working: int = 0, last: str = "190", **more: object) -> Progress:
    return Progress(
        began=NOON,
        filled=Decimal(filled),
        working=Decimal(working),
        arrival=Decimal(190),
        quote=Quote(last=Decimal(last)),
        **more,  # type: ignore[arg-type]
    )


def asked(
    progress: Progress, guards: Guards | None = None, now: datetime = NOON, of: Terms = HUNDRED
) -> Step:
    return guarded(TWAP, guards or Guards(), of, progress, now)


def test_without_guards_the_plan_is_as_it_is() -> None:
    assert asked(seen()) == Send(Decimal(10))


def test_a_parent_that_is_filled_is_done() -> None:
    assert asked(seen(100)) == Done("all of it is filled")


@pytest.mark.parametrize("last", ["190.96", "189.04"])
def test_a_market_that_has_moved_too_far_either_way_pauses(last: str) -> None:
    step = asked(seen(last=last), Guards(max_drift_bps=Decimal(50)))
    assert step == Pause(f"drift: 190 to {last} is 50.5 bps > limit 50 bps")


def test_drift_at_its_limit_goes_on() -> None:
    assert isinstance(asked(seen(last="190.95"), Guards(max_drift_bps=Decimal(50))), Send)


def test_drift_that_cannot_be_measured_pauses() -> None:
    step = asked(Progress(began=NOON), Guards(max_drift_bps=Decimal(50)))
    assert step == Pause("drift: no price to measure it by")


def test_drift_is_asked_only_of_what_would_be_sent() -> None:
    guards = Guards(max_drift_bps=Decimal(50))
    step = asked(seen(10, last="200"), guards, NOON + timedelta(seconds=1))
    assert step == Wait(NOON + timedelta(minutes=1))


def test_participation_makes_a_slice_smaller() -> None:
    guards = Guards(max_participation=Decimal(10))
    assert asked(seen(volume=Decimal(79)), guards) == Send(Decimal(7))
    assert asked(seen(volume=Decimal(9)), guards) == Wait()


def test_without_a_known_volume_participation_sends_nothing() -> None:
    assert asked(seen(), Guards(max_participation=Decimal(10))) == Wait()


@given(volume=st.integers(0, 2000), filled=st.integers(0, 99), working=st.integers(0, 50))
def test_what_is_sent_never_exceeds_parent_and_participation(
    volume: int, filled: int, working: int
) -> None:
    guards = Guards(max_participation=Decimal(10), at_end=AtEnd.CROSS)
    for minutes in (0, 5, 11):
        now = NOON + timedelta(minutes=minutes)
        step = asked(seen(filled, working, volume=Decimal(volume)), guards, now)
        if isinstance(step, Send):
            assert 0 < step.quantity + filled + working <= min(Decimal(100), Decimal(volume) / 10)


def test_at_the_end_what_is_left_is_not_sent() -> None:
    assert asked(seen(60, 40), now=END) == Recall()
    assert asked(seen(60), now=END) == Done("its time is over")


def test_at_the_end_a_market_order_crosses_with_all_that_is_left() -> None:
    assert asked(seen(60, 10), CROSS, END) == Recall()
    step = asked(seen(60), CROSS, END)
    assert step == Send(Decimal(40))
    assert isinstance(step, Send)
    assert step.order_type is OrderType.MKT


def test_at_the_end_a_limit_order_crosses_up_to_its_limit_only() -> None:
    step = asked(seen(60), CROSS, END, LIMITED)
    assert step == Send(Decimal(40), Decimal(190), Tif.IOC)


def test_it_crosses_once() -> None:
    assert asked(seen(60, 40, sent_at=END), CROSS, END) == Wait()
    assert asked(seen(90, sent_at=END), CROSS, END) == Done("its time is over")


def test_crossing_is_guarded_like_any_slice() -> None:
    guards = Guards(at_end=AtEnd.CROSS, max_drift_bps=Decimal(50))
    assert isinstance(asked(seen(60, last="200"), guards, END), Pause)


def test_a_wait_is_no_longer_than_the_time_there_is() -> None:
    iceberg = Iceberg(display=Decimal(10), duration=timedelta(minutes=10))
    assert guarded(iceberg, Guards(), LIMITED, seen(0, 10), NOON) == Wait(END)
    endless = Iceberg(display=Decimal(10))
    assert guarded(endless, Guards(), LIMITED, seen(0, 10), NOON) == Wait(None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_drift_bps": Decimal(0)},
        {"max_participation": Decimal(0)},
        {"max_participation": Decimal(101)},
    ],
)
def test_what_guards_nothing_is_refused(wrong: dict[str, Decimal]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Guards(**wrong)  # type: ignore[arg-type]
