"""What a notebook shows of a decision, a ticket and figures: all of it, and no script runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Protocol
from xml.etree import ElementTree as ET

import pytest

from riskgate.analytics.totals import quality
from riskgate.model import html
from riskgate.model.decision import Action, Decision, Finding
from riskgate.orders.values import ExecutionStats
from tests.unit.analytics.samples import fill, order
from tests.unit.conftest import Stage

HOSTILE = '<script>alert("x")</script>'
AT = datetime(2026, 3, 2, 15, tzinfo=UTC)


class Shown(Protocol):
    def _repr_html_(self) -> str: ...


def read(of: Shown) -> str:
    """The words of what is shown, which must be well-formed and inert."""
    shown = of._repr_html_()
    assert "<script" not in shown
    return " ".join(" ".join(ET.fromstring(shown).itertext()).split())


def denied(text: str = "") -> Decision:
    finding = Finding(
        rule="desk/size",
        kind="fat_finger",
        limit_name="max_quantity",
        observed=Decimal(900),
        limit=Decimal(500),
        unit="units",
        text=text,
        where="desk.yaml:7",
    )
    return Decision(None, Action.DENY, AT, "digest", (finding,))


def test_a_decision_shows_its_answer_and_every_finding() -> None:
    words = read(denied())
    assert words.startswith("DENY as of 2026-03-02 15:00:00 UTC")
    for part in ("desk/size", "BREACH", "max_quantity", "900", "500", "units", "desk.yaml:7"):
        assert part in words


def test_a_decision_without_findings_has_no_empty_table() -> None:
    allowed = Decision(None, Action.ALLOW, AT, "digest")
    assert read(allowed) == "ALLOW as of 2026-03-02 15:00:00 UTC"


def test_whatever_is_on_record_is_escaped() -> None:
    shown = denied(HOSTILE)._repr_html_()
    assert HOSTILE not in shown
    assert "&lt;script&gt;" in shown


def test_a_ticket_shows_the_order_as_it_is_now_and_its_decision(stage: Stage) -> None:
    ticket = stage.gate.submit("BUY 10 AAPL LMT 190", strategy="s")
    stage.gate.take([stage.execution(ticket.order_id, "10", price="189.5")])
    words = read(ticket)
    assert words.startswith(f"order {ticket.order_id} status")
    assert "189.5" in words
    assert "ALLOW" in words


def test_what_a_strategy_sent_is_shown_as_it_was_and_does_nothing(stage: Stage) -> None:
    assert HOSTILE in read(stage.gate.submit("BUY 10 AAPL LMT 190", strategy=HOSTILE))


def test_a_ticket_of_an_order_that_was_not_recorded_shows_its_decision(stage: Stage) -> None:
    stage.journal.fails_at = "begin"
    ticket = stage.gate.submit("BUY 10 AAPL LMT 190")
    assert "DENY" in read(ticket)


def test_stats_show_every_figure_that_there_is() -> None:
    stats = ExecutionStats(
        total_orders=3,
        filled_orders=2,
        avg_fill_time=timedelta(seconds=1.5),
        avg_slippage=Decimal("1.25"),
        commissions={"USD": Decimal(3)},
    )
    words = read(stats)
    for part in ("total orders 3", "avg slippage 1.25", "avg fill time 1s 500ms", "USD 3"):
        assert part in words


def test_quality_shows_what_is_known_and_leaves_out_the_rest() -> None:
    bought = order("BUY", "10", fill("10", "102", "3"), decision_price="100")
    words = read(quality([bought]))
    assert "decision slippage bps 200" in words
    assert "vwap" not in words


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("-0.0"), None, ("a", HOSTILE), AT])
def test_a_cell_is_always_well_formed(value: object) -> None:
    ET.fromstring(f"<td>{html.cell(value)}</td>")


def test_a_quotient_is_shown_without_the_digits_that_nobody_reads() -> None:
    shown = html.figures(
        "t", {"slippage": Decimal(2) / 3, "tiny": Decimal("1E-9"), "one": Decimal(1)}
    )
    assert "0.666667<" in shown
    assert "0.000000001<" in shown
    assert ">1<" in shown
