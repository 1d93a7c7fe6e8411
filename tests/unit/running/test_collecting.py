"""Orders offered by strategies apart, and sent together."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from riskgate.errors import InvariantError
from riskgate.execution.aggregate import Aggregation
from riskgate.running.collecting import Collector

if TYPE_CHECKING:
    from tests.unit.conftest import Stage

LINE = "BUY 10 AAPL LMT 190"


@pytest.fixture
def collector(stage: Stage) -> Collector:
    stage.gate._aggregation = Aggregation(allow=True, net=True)
    return Collector(stage.gate)


def test_what_goes_together_leaves_as_one_and_the_rest_by_itself(
    stage: Stage, collector: Collector
) -> None:
    lines = (LINE, "BUY 5 MSFT LMT 400", "BUY 20 AAPL LMT 190", "SELL 5 AAPL LMT 195")
    offers = [collector.offer(line, strategy=f"s{n}") for n, line in enumerate(lines)]
    assert stage.gate.orders() == ()
    tickets = collector.send(actor="desk")
    assert [str(one.order.quantity) for one in stage.broker.placed] == ["30", "5", "5"]
    made = [offer.ticket() for offer in offers]
    assert set(made) == set(tickets)
    strategies = [ticket.view.strategy for ticket in made if ticket and ticket.view]
    assert strategies == ["s0", "s1", "s2", "s3"]
    assert collector.send() == ()


def test_an_order_that_cannot_be_read_is_denied_by_itself(
    stage: Stage, collector: Collector
) -> None:
    bad, good = collector.offer("BUY many AAPL"), collector.offer(LINE)
    collector.send()
    refused, sent = bad.ticket(), good.ticket()
    assert refused is not None
    assert sent is not None
    assert (refused.allowed, sent.allowed) == (False, True)
    assert len(stage.broker.placed) == 1


def test_numbers_in_binary_are_those_on_the_tick(stage: Stage, collector: Collector) -> None:
    price = 190 + 3e-14
    terms = {"side": "BUY", "quantity": 10, "symbol": "AAPL", "order_type": "LMT"}
    for strategy in ("alpha", "beta"):
        collector.offer({**terms, "limit_price": price}, strategy=strategy)
    assert all(ticket.allowed for ticket in collector.send())
    assert stage.broker.placed[0].order.limit_price == Decimal(190)


def test_opposite_orders_are_netted_where_the_collector_is_to(stage: Stage) -> None:
    stage.gate._aggregation = Aggregation(allow=True, net=True)
    collector = Collector(stage.gate, net=True)
    collector.offer("BUY 50 AAPL MKT", strategy="alpha")
    collector.offer("SELL 20 AAPL MKT", strategy="beta")
    collector.send()
    assert [one.order.quantity for one in stage.broker.placed] == [30]


def test_strategies_in_threads_of_their_own_wait_for_the_one_who_sends(
    stage: Stage, collector: Collector
) -> None:
    offered = threading.Barrier(9)
    allowed: list[bool] = []

    def strategy(number: int) -> None:
        offer = collector.offer(LINE, strategy=f"s{number}")
        offered.wait(10)
        ticket = offer.ticket(10)
        allowed.append(ticket is not None and ticket.allowed)

    threads = [threading.Thread(target=strategy, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    offered.wait(10)
    collector.send()
    for thread in threads:
        thread.join(10)
    assert allowed == [True] * 8
    assert [one.order.quantity for one in stage.broker.placed] == [80]


def test_an_offer_that_nobody_sends_has_no_ticket(collector: Collector) -> None:
    assert collector.offer(LINE).ticket(timeout=0) is None


def test_what_breaks_is_told_to_those_whom_it_is_about(
    stage: Stage, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = stage.gate.submit

    def breaks(source: object, **given: object) -> object:
        if "MSFT" in str(source):
            raise InvariantError("broken")
        return whole(source, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(stage.gate, "submit", breaks)
    lost, kept = collector.offer("BUY 5 MSFT LMT 400"), collector.offer(LINE)
    with pytest.raises(InvariantError, match="broken"):
        collector.send()
    with pytest.raises(InvariantError, match="broken"):
        lost.ticket()
    ticket = kept.ticket()
    assert ticket is not None
    assert ticket.allowed
