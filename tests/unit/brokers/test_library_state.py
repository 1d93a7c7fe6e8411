"""Nothing that the client library believes of an order, a fill or a position is read."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import riskgate.brokers.ib

# Where a script's own library is kept as its script knows it; nothing is decided by what is there.
SHOWING = frozenset({"guarded_tap", "guarded_trades"})
FILES = sorted(
    path
    for path in Path(riskgate.brokers.ib.__file__).parent.glob("*.py")
    if path.stem not in SHOWING
)
# What the library keeps of its own: its Trade and Fill objects and whatever it concludes of them.
BELIEFS = frozenset(
    {
        *("trades", "openTrades", "openOrders", "orders", "fills", "executions", "positions"),
        *("portfolio", "isDone", "isActive", "isWaiting", "orderStatus", "fillEvent"),
        *("permId2Trade", "waitOnUpdate", "accountValues", "pnl", "ticker"),
    }
)
LIBRARY = frozenset({"_session", "session", "ib", "library", "wrapper", "trade"})


def beliefs(source: str) -> list[str]:
    """Where a belief of the library is asked for: `self._session.trades()`, `trade.isDone()`."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in BELIEFS:
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if name in LIBRARY or node.attr in {"openTrades", "isDone", "isActive"}:
                found.append(f"{node.lineno}: {name}.{node.attr}")
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_adapter_reads_no_belief_of_the_library(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert beliefs(text) == []
    for call in (".trades(", ".openTrades(", ".fills(", ".positions(", "orderStatus.status"):
        assert call not in text


@pytest.mark.parametrize(
    "line",
    [
        "self._session.trades()",
        "session.openTrades()",
        "trade.isDone()",
        "done = trade.orderStatus.status",
        "self._session.wrapper.fills",
    ],
)
def test_a_belief_is_found(line: str) -> None:
    assert len(beliefs(line)) == 1
