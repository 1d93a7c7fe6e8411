"""One order in words: the formulas with their numbers, as somebody would write them by hand."""

from __future__ import annotations

import pytest

from riskgate.analytics.facts import OrderFacts
from riskgate.analytics.measures import measured
from riskgate.analytics.tape import Print, Tape
from riskgate.model.lifecycle import Status
from riskgate.reporters.tca_lines import tca_lines
from tests.unit.analytics.samples import D, after, fill, order

BOUGHT = order(
    "BUY",
    "10",
    fill("6", "102", "3"),
    bid="99",
    ask="101",
    decision_price="100",
    arrival_price="101",
    end_price="104",
    limit_price="103",
    symbol="AAPL",
    sent_at=after(0.25),
    acknowledged_at=after(0.3),
    first_filled_at=after(1),
    done_at=after(90),
)


def told(facts: OrderFacts, market: Tape | None = None, words: str = "BUY 10 AAPL") -> list[str]:
    lines = list(tca_lines(measured(facts, market), words))
    assert max(map(len, lines)) <= 80
    return lines


def test_every_formula_is_filled_in() -> None:
    assert told(BOUGHT) == [
        "order 1: BUY 10 AAPL",
        "decided         2026-03-02 17:00:00.000 UTC, market 99 x 101, mid 100",
        "sent            after 250ms, mid 101",
        "acknowledged    after 300ms",
        "first fill      after 1s",
        "over            after 1m 30s, mid 104",
        "status          Cancelled: 6 of 10 filled in 1 fill",
        "",
        "average         612 paid / 6 units = 102",
        "slippage        units x (average - benchmark); positive is a cost",
        "decision price  6 x (102 - 100) = 12.00 USD, 200.00 bps of 600.00",
        "arrival price   6 x (102 - 101) = 6.00 USD, 99.01 bps of 606.00",
        "limit price     6 x (102 - 103) = -6.00 USD, -97.09 bps of 618.00",
        "interval VWAP   needs the market's trades of that time, see --trades",
        "",
        "shortfall       against 10 at 100 = 1,000.00 on paper",
        "delay           6 x (101 - 100) = 6.00",
        "execution       612 - 6 x 101 = 6.00",
        "opportunity     4 x (104 - 100) = 16.00",
        "fees            3.00",
        "total           6.00 + 6.00 + 16.00 + 3.00 = 31.00 USD, 310.00 bps",
        "",
        "improvement     -6.00 USD, -99.01 bps on the ask of 101; units: 0 better, 0 at",
        "                it, 6 worse",
        "fees            3.00 USD, 0.5 a unit",
    ]


def test_a_sell_is_the_mirror_image_and_a_contract_is_multiplied() -> None:
    sold = order(
        "SELL",
        "2",
        fill("2", "4990", "4"),
        decision_price="5000",
        arrival_price="4995",
        multiplier="50",
    )
    lines = told(sold)
    assert "average         9,980 received / 2 units = 4990" in lines
    assert "decision price  2 x (5000 - 4990) x 50 = 1,000.00 USD, 20.00 bps of 500,000.00" in lines
    assert "delay           2 x (5000 - 4995) x 50 = 500.00" in lines
    assert "execution       (2 x 4995 - 9,980) x 50 = 500.00" in lines
    assert "total           500.00 + 500.00 + 0.00 + 4.00 = 1,004.00 USD, 20.08 bps" in lines


def test_the_interval_vwap_is_filled_in_where_trades_are_given() -> None:
    trades = Tape([Print(at=after(0.5), symbol="AAPL", price=D(101), size=D(100))])
    assert "interval VWAP   6 x (102 - 101) = 6.00 USD, 99.01 bps of 606.00" in told(BOUGHT, trades)


@pytest.mark.parametrize(
    ("got", "status", "paper", "missed"),
    [
        ("12", Status.FILLED, "against 12 at 100 = 1,200.00 on paper", "0.00"),  # more than asked
        ("8", Status.FILLED, "against 8 at 100 = 800.00 on paper", "0.00"),  # for cash: at most 10
        ("8", Status.CANCELLED, "against 10 at 100 = 1,000.00 on paper", "2 x (104 - 100) = 8.00"),
    ],
)
def test_the_units_on_paper_are_those_that_it_is_worth(
    got: str, status: Status, paper: str, missed: str
) -> None:
    lines = told(
        order(
            *("BUY", "10", fill(got, "102")),
            status=status,
            decision_price="100",
            arrival_price="101",
            end_price="104",
        )
    )
    assert f"shortfall       {paper}" in lines
    assert f"opportunity     {missed}" in lines


def test_one_fill_without_a_commission_is_one() -> None:
    assert "                1 fill has no commission yet" in told(
        order("BUY", "10", fill("6", "102", None))
    )


def test_what_is_not_known_says_why() -> None:
    blind = told(order("BUY", "10", fill("6", "102", None)))
    assert "decision price  no price was known at the decision" in blind
    assert "arrival price   no price is on record when it was sent" in blind
    assert "limit price     it has none" in blind
    assert "delay           not known: a price is not on record" in blind
    assert any(
        line.startswith("fees            not known: a fill has no commission") for line in blind
    )
    assert "total           not known, because a part is not" in blind
    working = told(order("BUY", "10", status=Status.SUBMITTED, decision_price="100"))
    assert "opportunity     not known while it works" in working


def test_an_order_that_never_left_costs_nothing() -> None:
    lines = told(order("BUY", "10", status=Status.DENIED))
    assert lines[-1] == "it never left for the broker (Denied), so it cost nothing"


def test_a_parent_leaves_its_figures_to_its_slices() -> None:
    assert "its slices are orders: the figures of what filled are theirs" in told(
        order("BUY", "10", status=Status.SUBMITTED, is_parent=True)
    )


def test_words_of_the_record_steer_no_terminal() -> None:
    lines = told(BOUGHT, words="BUY \x1b[31m 10\nAAPL")
    assert all(line.isprintable() for line in lines)
