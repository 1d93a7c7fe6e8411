"""Callbacks: in order, off the gate's threads, once each, and never stopped by one that raises."""

from __future__ import annotations

import logging
import queue
import threading
from typing import TYPE_CHECKING, Any

import pytest

from riskgate.model.events import Note
from riskgate.model.lifecycle import Status
from riskgate.model.report import ExecutionReport
from riskgate.orders import Fill, Order, OrderManager

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.conftest import Stage

PATIENCE = 30.0


@pytest.fixture
def orders(stage: Stage) -> Iterator[OrderManager]:
    with OrderManager(stage.gate) as manager:
        yield manager


def told(heard: list[Any]) -> list[tuple[int, str]]:
    return [(one.order_id, str(one.status)) for one in heard]


def test_fills_and_statuses_are_told_in_the_order_of_the_record(
    orders: OrderManager, stage: Stage
) -> None:
    heard: list[Order | Fill] = []
    orders.register_status_callback(heard.append)
    orders.register_fill_callback(heard.append)
    number = stage.sent()
    stage.says(number, Status.SUBMITTED)
    stage.gate.take([stage.execution(number, "4", "0001.01")])
    stage.gate.take([stage.execution(number, "6", "0002.01")])
    orders.close()
    shown = [str(one.quantity) if isinstance(one, Fill) else one.status.value for one in heard]
    assert shown == ["PendingSubmit", "Submitted", "4", "PartiallyFilled", "6", "Filled"]


def test_callbacks_run_in_a_thread_of_their_own_without_the_gates_lock(
    orders: OrderManager, stage: Stage
) -> None:
    seen: queue.SimpleQueue[tuple[str, bool]] = queue.SimpleQueue()

    def callback(_: Order) -> None:
        free = queue.SimpleQueue[bool]()

        def ask() -> None:
            free.put(stage.gate.turnstile.acquire(timeout=PATIENCE))
            stage.gate.turnstile.release()

        other = threading.Thread(target=ask)
        other.start()
        other.join()
        seen.put((threading.current_thread().name, free.get()))

    orders.register_status_callback(callback)
    stage.sent()
    name, was_free = seen.get(timeout=PATIENCE)
    assert name != threading.current_thread().name
    assert was_free


def test_a_callback_may_place_orders(orders: OrderManager, stage: Stage) -> None:
    placed: queue.SimpleQueue[Order] = queue.SimpleQueue()

    def hedge(fill: Fill) -> None:
        placed.put(orders.place_market_order("MSFT", fill.quantity, "SELL"))

    orders.register_fill_callback(hedge)
    stage.gate.take([stage.execution(stage.sent(), "4")])
    assert placed.get(timeout=PATIENCE).quantity == 4


def test_a_correction_is_told_and_a_repetition_is_not(orders: OrderManager, stage: Stage) -> None:
    number = stage.sent()
    stage.gate.take([stage.execution(number, "3", "0009.01")])
    heard: list[Fill] = []
    orders.register_fill_callback(heard.append)
    stage.gate.fold_again()  # everything is news again
    stage.gate.take([stage.execution(number, "3", "0009.01")])
    for revision in ("0001.01", "0001.01", "0001.02", "0001.01"):
        stage.gate.take([stage.execution(number, "4", revision)])
    orders.close()
    assert [fill.execution_id for fill in heard] == ["0001.01", "0001.02"]


def test_one_that_raises_is_reported_and_the_others_go_on(
    orders: OrderManager, stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Order] = []
    errors: list[BaseException] = []
    with OrderManager(stage.gate, on_error=errors.append) as manager:
        manager.register_status_callback(_broken)
        manager.register_status_callback(heard.append)
        with caplog.at_level(logging.WARNING, logger="riskgate.orders"):
            number = stage.sent()
            stage.says(number, Status.SUBMITTED)
            manager.close()
    assert told(heard) == [(number, "PendingSubmit"), (number, "Submitted")]
    assert [str(error) for error in errors] == ["out of luck", "out of luck"]
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    notes = [one.text for one in stage.journal.payloads() if isinstance(one, Note)]
    expected = f"callback _broken for the status of order {number} raised ValueError: out of luck"
    assert notes == [expected, expected]
    del orders


def _broken(_: Order) -> None:
    raise ValueError("out of luck")


def test_a_hook_that_raises_stops_nothing(stage: Stage) -> None:
    heard: list[Order] = []

    def worse(error: BaseException) -> None:
        raise RuntimeError("worse") from error

    with OrderManager(stage.gate, on_error=worse) as manager:
        manager.register_status_callback(_broken)
        manager.register_status_callback(heard.append)
        stage.sent()
    assert len(heard) == 1


def test_a_slow_callback_loses_nothing_and_closing_tells_the_rest(stage: Stage) -> None:
    heard: list[Fill] = []
    go_on = threading.Event()

    def slow(fill: Fill) -> None:
        go_on.wait(PATIENCE)
        heard.append(fill)

    manager = OrderManager(stage.gate)
    manager.register_fill_callback(slow)
    number = stage.sent("BUY 100 AAPL LMT 190")
    ids = [f"{one:04}.01" for one in range(100)]
    for execution_id in ids:
        stage.gate.take([stage.execution(number, "1", execution_id)])
    assert heard == []
    go_on.set()
    manager.close()
    assert [fill.execution_id for fill in heard] == ids


def test_a_turn_that_fails_is_told_when_it_is_on_record(orders: OrderManager, stage: Stage) -> None:
    number = stage.sent()
    heard: list[Fill] = []
    orders.register_fill_callback(heard.append)
    for where in ("commit", "answer"):
        stage.journal.fails_at = where
        stage.gate.take([stage.execution(number, "4", f"{where}.01")])
    stage.journal.fails_at = ""
    stage.says(number, Status.SUBMITTED)
    orders.close()
    assert [fill.execution_id for fill in heard] == ["commit.01", "answer.01"]


def test_what_another_gate_records_is_told_too(orders: OrderManager, stage: Stage) -> None:
    heard: list[Order] = []
    orders.register_status_callback(heard.append)
    other = stage.restarted()
    other.reconciled = True
    number = other.submit("BUY 5 AAPL LMT 190").order_id
    stage.gate.follow()
    orders.close()
    assert told(heard) == [(number, "PendingSubmit")]


def test_only_the_managers_strategy_is_told_and_never_foreign_fills(stage: Stage) -> None:
    heard: list[Any] = []
    with OrderManager(stage.gate, strategy="alpha") as manager:
        manager.register_status_callback(heard.append)
        manager.register_fill_callback(heard.append)
        stage.allowed(strategy="beta")
        stage.gate.take([stage.execution(0, "5")])
        mine = stage.allowed(strategy="alpha")
    assert told(heard) == [(mine, "PendingSubmit")]


def test_a_manager_may_be_closed_by_its_own_callback_and_used_again(stage: Stage) -> None:
    heard: list[Order] = []
    closed = threading.Event()
    manager = OrderManager(stage.gate)

    def once(order: Order) -> None:
        heard.append(order)
        manager.close()
        closed.set()

    manager.register_status_callback(once)
    stage.sent()
    assert closed.wait(PATIENCE)
    stage.sent()
    assert len(heard) == 1
    manager.register_status_callback(heard.append)
    stage.sent()
    manager.close()
    manager.close()
    assert len(heard) == 2


def test_what_many_threads_report_is_told_once_each_in_the_order_of_the_record(
    stage: Stage,
) -> None:
    heard: list[Fill] = []
    number = stage.sent("BUY 100 AAPL LMT 190")
    with OrderManager(stage.gate) as manager:
        manager.register_fill_callback(heard.append)

        def report(thread: int) -> None:
            for one in range(25):
                stage.gate.take([stage.execution(number, "1", f"{thread}-{one}.01")])

        threads = [threading.Thread(target=report, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
    on_record = [
        one.execution_id for one in stage.journal.payloads() if isinstance(one, ExecutionReport)
    ]
    assert [fill.execution_id for fill in heard] == on_record
    assert len(set(on_record)) == 100
