"""The vocabulary of the brief over one gate: OrderManager, OrderValidator, ExecutionTracker.

    with OrderManager(gate, strategy="meanrev") as orders:
        order = orders.place_limit_order("AAPL", 100, 190.25, "BUY")

Rule 1: nothing here decides or sends: every order goes through `Gate.submit` and its siblings, and
every question is answered by the evaluator or from the gate's book.
Rule 2: a refusal is a value. What the gate denied comes back as an order that says so.
"""

from __future__ import annotations

from riskgate.analytics.quality import ExecutionQuality
from riskgate.analytics.slippage import Slippage
from riskgate.model.report import Fill
from riskgate.model.view import OrderView as Order
from riskgate.orders.placing import OrderManager
from riskgate.orders.tracking import ExecutionTracker
from riskgate.orders.validating import OrderValidator
from riskgate.orders.values import BracketOrder, ExecutionStats, OrderStatus, ValidationResult

IBKROrderManager = OrderManager

__all__ = [
    "BracketOrder",
    "ExecutionQuality",
    "ExecutionStats",
    "ExecutionTracker",
    "Fill",
    "IBKROrderManager",
    "Order",
    "OrderManager",
    "OrderStatus",
    "OrderValidator",
    "Slippage",
    "ValidationResult",
]
