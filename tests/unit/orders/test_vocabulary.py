"""The data models and the words of the brief."""

from __future__ import annotations

import pytest

from riskgate import orders as vocabulary
from riskgate.orders import ExecutionStats, Fill, Order, OrderStatus

FIELDS: dict[type, str] = {
    Order: "order_id symbol order_type side quantity limit_price stop_price time_in_force status"
    " filled_quantity remaining_quantity avg_fill_price created_at updated_at",
    Fill: "execution_id order_id symbol side quantity price commission timestamp",
    ExecutionStats: "total_orders filled_orders cancelled_orders rejected_orders avg_fill_time"
    " avg_slippage total_commission",
}


@pytest.mark.parametrize("made", FIELDS, ids=lambda made: made.__name__)
def test_the_data_models_have_the_fields_of_the_brief(made: type) -> None:
    for name in FIELDS[made].split():
        assert hasattr(made, name), name


def test_the_statuses_are_those_of_the_brief() -> None:
    named = "PendingSubmit PendingCancel PreSubmitted Submitted Filled Cancelled Inactive Rejected"
    assert [status.value for status in OrderStatus] == named.split()


def test_every_name_is_exported() -> None:
    for name in vocabulary.__all__:
        assert getattr(vocabulary, name) is not None
