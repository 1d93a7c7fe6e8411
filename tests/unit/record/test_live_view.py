"""What `watch` shows, as values: kept up as the record grows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from riskgate.model.events import Recorded
from riskgate.model.lifecycle import Status
from riskgate.record.live_view import MOST_DECISIONS, PATIENCE, Frame, LiveView
from riskgate.record.status import Around
from tests.unit.conftest import NOON, Stage


class Watcher:
    """A live view of a stage's journal, and how often all of it was read."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.reads: list[int] = []
        self.view = LiveView(self._read)

    def _read(self, after: int) -> list[Recorded]:
        self.reads.append(after)
        return list(self.stage.journal.inner.another().read(after))

    def look(self) -> Frame:
        return self.view.frame(Around(journal="x.sqlite", now=self.stage.clock.now()))


def test_what_nobody_wrote_yet_is_an_empty_frame() -> None:
    frame = LiveView(lambda _after: ()).frame(Around(journal="x", now=NOON))
    assert (frame.limits, frame.orders, frame.decisions, frame.lacking) == ((), (), (), "")
    assert frame.state.exit_code == 6


def test_a_frame_has_what_works_what_was_decided_and_how_full_limits_are(stage: Stage) -> None:
    watcher = Watcher(stage)
    number = stage.sent("BUY 60 AAPL LMT 190 strategy=a")
    stage.says(number, Status.SUBMITTED)
    stage.gate.take([stage.execution(number, "10")])
    stage.gate.submit("BUY 101 MSFT LMT 400")
    frame = watcher.look()
    assert [(one.order_id, one.status, one.filled, one.quantity) for one in frame.orders] == [
        (number, Status.PARTIALLY_FILLED, Decimal(10), Decimal(60))
    ]
    assert [(one.action, one.by) for one in frame.decisions] == [
        ("deny", ("desk/position",)),
        ("allow", ()),
    ]
    first = frame.limits[0]
    assert (first.rule, first.used, first.reserved) == ("desk/position", Decimal(10), Decimal(50))
    assert frame.priced_at == NOON


def test_what_somebody_has_to_look_at_comes_first(stage: Stage) -> None:
    plain, lost = stage.sent("BUY 1 AAPL LMT 190"), stage.sent("BUY 2 AAPL LMT 190")
    newest = stage.sent("BUY 3 AAPL LMT 190")
    stage.says(lost, Status.UNKNOWN)
    assert [one.order_id for one in Watcher(stage).look().orders] == [lost, newest, plain]


def test_a_frame_reads_only_what_is_new_and_is_as_a_new_view_has_it(stage: Stage) -> None:
    watcher = Watcher(stage)
    for quantity in range(1, 4):
        stage.sent(f"BUY {quantity} AAPL LMT 190")
        frame = watcher.look()
        assert frame == Watcher(stage).look()
    assert watcher.reads.count(0) == 2  # the first look, and the texts of the policies
    assert watcher.reads == sorted(watcher.reads)


def test_limits_are_measured_again_with_news_and_with_time(stage: Stage) -> None:
    watcher = Watcher(stage)
    stage.allowed("BUY 1 AAPL LMT 190")

    def rate() -> Decimal | None:
        return next(one.used for one in watcher.look().limits if one.rule == "desk/rate")

    assert rate() == 1
    stage.clock.advance(timedelta(seconds=10))
    assert timedelta(seconds=10) >= PATIENCE
    assert rate() == 0
    stage.allowed("BUY 1 AAPL LMT 190")
    assert rate() == 1


def test_only_the_latest_decisions_are_kept(stage: Stage) -> None:
    for _ in range(MOST_DECISIONS + 1):
        stage.gate.submit("BUY lots AAPL")
    decisions = Watcher(stage).look().decisions
    assert len(decisions) == MOST_DECISIONS
    assert decisions[0].order_id == MOST_DECISIONS + 1
