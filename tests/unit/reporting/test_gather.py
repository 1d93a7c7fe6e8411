"""The report of a day, gathered from a journal in memory: what counts, what does not, whose day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from riskgate.analytics.facts import OrderFacts
from riskgate.ledger.order_facts import facts_of
from riskgate.model.events import Recorded
from riskgate.model.spans import A_DAY
from riskgate.reporting.asked import Asked
from riskgate.reporting.content import DayReport, Section
from riskgate.reporting.gather import NOTHING, Source, day_report

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

    Staged = Callable[[str], Stage]

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 3, tzinfo=UTC)


def source(stage: Stage) -> Source:
    def read(after: int) -> Iterator[Recorded]:
        return iter(stage.journal.inner.another().read(after))

    def facts() -> Iterator[OrderFacts]:
        found = (facts_of(life) for life in stage.gate.ledger.orders.values())
        return (one for one in found if one is not None)

    return Source(
        journal="x.sqlite",
        read=read,
        facts=facts,
        head=lambda: "ab" * 32,
        made_at=NOW,
        made_by="1.2.3",
    )


def report(
    stage: Stage, day: date = TODAY, zone: str = "UTC", strategies: tuple[str, ...] = ()
) -> DayReport:
    asked = Asked(day=day, zone=ZoneInfo(zone), strategies=strategies)
    return day_report(source(stage), asked)


def figure(of: DayReport, label: str) -> object:
    (found,) = (one.value for one in of.figures if one.label == label)
    return found


def section(of: DayReport, name: str) -> Section:
    (found,) = (one for one in of.sections if one.id == name)
    return found


def test_a_day_counts_its_decisions_orders_and_denials(stage: Stage) -> None:
    stage.sent()
    stage.gate.submit("BUY 1000 AAPL LMT 190", strategy="meanrev")
    made = report(stage)
    assert figure(made, "Decisions") == 2
    assert figure(made, "Orders") == 2
    assert made.headline.startswith("2 decisions: 1 allowed, 1 denied. 2 orders, of which 1 left")
    denied = next(one for one in section(made, "denials").tables if one.id == "denied")
    assert [row[0] for row in denied.rows] == [2]
    assert 2 in {story.view.order_id for story in made.stories}


def test_only_orders_of_the_strategies_that_are_meant_count(stage: Stage) -> None:
    stage.gate.submit("BUY 10 AAPL LMT 190", strategy="alpha")
    stage.gate.submit("BUY 1000 AAPL LMT 190", strategy="beta")
    made = report(stage, strategies=("beta",))
    assert figure(made, "Decisions") == 1
    assert figure(made, "Orders") == 1
    assert made.only == ("beta",)


def test_another_day_is_empty_and_says_so_without_a_figure(stage: Stage) -> None:
    stage.sent()
    for day in (TODAY - A_DAY, TODAY + A_DAY):
        made = report(stage, day)
        assert made.headline == NOTHING
        assert (made.figures, made.sections, made.stories) == ((), (), ())


def test_a_day_on_which_only_a_halt_happened_shows_the_halt(stage: Stage) -> None:
    stage.gate.halt(reason="feed is wrong", by="m.ruiz")
    made = report(stage)
    assert made.headline == NOTHING
    (only,) = made.sections
    (table,) = only.tables
    assert any("HALTED for all" in str(row) and "feed is wrong" in row for row in table.rows)


def test_where_it_comes_from_is_the_last_event_that_was_read(stage: Stage) -> None:
    stage.sent()
    made = report(stage)
    assert made.origin.seq == made.origin.events > 0
    assert made.origin.head == "ab" * 32
    assert (made.origin.made_at, made.origin.made_by) == (NOW, "1.2.3")


def test_times_are_those_of_the_zone(stage: Stage) -> None:
    stage.gate.submit("BUY 1000 AAPL LMT 190", strategy="meanrev")
    made = report(stage, zone="America/New_York")
    denied = next(one for one in section(made, "denials").tables if one.id == "denied")
    at = denied.rows[0][1]
    assert isinstance(at, datetime)
    assert at.utcoffset() == timedelta(hours=-5)


def test_what_filled_is_what_was_traded(stage: Stage) -> None:
    number = stage.sent()
    stage.echoes(number, "10")
    stage.gate.take([stage.execution(number, "10", price="190")])
    made = report(stage)
    assert figure(made, "Fills") == 1
    assert figure(made, "Filled of what was sent") == Decimal(100)
    assert figure(made, "Traded") == Decimal(1900)
