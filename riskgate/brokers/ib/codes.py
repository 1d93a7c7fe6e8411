"""The codes that the session itself listens for. What codes say of orders: `execution.codes`."""

from __future__ import annotations

from typing import Final

BROKEN_FARM: Final = frozenset({2103, 2105})
WORKING_FARM: Final = frozenset({2104, 2106, 2107, 2108, 2119})
LINK_LOST: Final = frozenset({1100, 2110})
LINK_BACK: Final = frozenset({1101, 1102})
SUBSCRIPTIONS_LOST: Final = 1101
CLIENT_ID_IN_USE: Final = 326
ACCOUNT_TAKEN: Final = frozenset({2100, 2101})
PORT_RESET: Final = 1300
TOO_FAST: Final = 100
NO_DEFINITION: Final = 200
CANCEL_REFUSED: Final = frozenset({10148, 10149})
VALIDATION: Final = 321


def is_read_only(code: int, text: str) -> bool:
    """Whether TWS says that its API takes no orders."""
    return code == VALIDATION and "read-only" in text.lower()
