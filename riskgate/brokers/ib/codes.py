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
TOO_FAST: Final = 100
NO_DEFINITION: Final = 200
CANCEL_REFUSED: Final = frozenset({10148, 10149})
VALIDATION: Final = 321

LISTENED: Final[dict[frozenset[int], str]] = {
    LINK_LOST: "TWS lost IB, or a server is broken: orders are denied until the link is back.",
    LINK_BACK: "The link is back: orders pass once the book was compared with the broker's.",
    frozenset({SUBSCRIPTIONS_LOST}): "All prices are subscribed again.",
    BROKEN_FARM: "A price that does not change counts as old until the farm works again.",
    WORKING_FARM: "The farm works: prices that do not change count as current.",
    frozenset({CLIENT_ID_IN_USE}): "Connecting ends; choose another `client_id`.",
    ACCOUNT_TAKEN: "Account values are not kept up to date any more, and are forgotten.",
    frozenset({TOO_FAST}): "Messages came too fast; the pacer waits.",
    frozenset({NO_DEFINITION}): "The contract of a request is not known to IB.",
    CANCEL_REFUSED: "A cancel came too late, or the order is not known.",
    frozenset(
        {VALIDATION}
    ): "A request was refused; if it names read-only, the API takes no orders.",
}


def is_read_only(code: int, text: str) -> bool:
    """Whether TWS says that its API takes no orders."""
    return code == VALIDATION and "read-only" in text.lower()
