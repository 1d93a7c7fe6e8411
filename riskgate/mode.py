"""Paper or live: what the settings say, what the account says, and what the port says.

Rule 1: they must agree; where one has no opinion the others decide.
Rule 2: live needs two settings, so that one slip of a hand never trades real money.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

PAPER: Final = "paper"
LIVE: Final = "live"
PAPER_PREFIXES: Final = ("DU", "DF")
PORT_MODES: Final = {7497: PAPER, 4002: PAPER, 7496: LIVE, 4001: LIVE}


def mode_fault(
    mode: str, accounts: Iterable[str], port: int | None = None, *, allow_live: bool = True
) -> str | None:
    """Why paper and live disagree, or None. `port` None or unknown has no opinion."""
    if mode == LIVE and not allow_live:
        return "mode is live, but `allow_live: true` is not set"
    for account in accounts:
        theirs = PAPER if account.startswith(PAPER_PREFIXES) else LIVE
        if theirs != mode:
            return f"mode is {mode}, but account {account} is a {theirs} account"
    theirs = PORT_MODES.get(port or 0, mode)
    if theirs != mode:
        return f"mode is {mode}, but port {port} is the {theirs} port"
    return None
