"""Deny what is on the restricted list.

Why
    Inside information, a mandate, a sanction: some names must not be traded at all, and an option
    on a name is the name.
Measures
    Whether the order's symbol is on the list or, with `derivatives` (the default), its underlying.
Passes with `symbols: [GME]`
    BUY 100 AAPL LMT 190 DAY
Breaches with `symbols: [AAPL]`
    BUY 100 AAPL LMT 190 DAY
Source
    17 CFR 240.15c3-5(c)(2)(ii); RTS 6 Art. 15(5).
"""

from __future__ import annotations

from riskgate.model.order import Order
from riskgate.model.snapshot import Snapshot
from riskgate.rulekit.base import Parameter, Rule, holds
from riskgate.rulekit.bounds import HIGHER, MORE, Measured, Seen
from riskgate.rulekit.parameters import Flag, Words

DERIVATIVES = frozenset({"OPT", "FUT", "FOP"})


class Restricted(Rule):
    """What must not be traded."""

    kind = "restricted"
    answers_alike = True

    derivatives = Parameter(
        Flag(),
        "Whether options and futures on a listed name are barred too.",
        default=True,
        tighter=HIGHER,
    )

    @holds(Words(), tighter=MORE)
    def symbols(self, order: Order, seen: Snapshot) -> Measured:  # noqa: ARG002  # one shape
        """The names that must not be traded."""
        contract = seen.contract
        named, follows = contract.symbol in self.symbols, contract.root in self.symbols
        if not self.derivatives:
            barred = named and contract.sec_type not in DERIVATIVES
        else:
            barred = named or follows
        return Seen(contract.symbol if named else contract.root, passes=not barred)
