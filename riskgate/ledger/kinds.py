"""Orders alike: what an order's names stand for, and what applies to them, found once.

Rule 1: what is remembered holds for one policy set and one listing of instruments; when either is
another, all is forgotten.
Rule 2: only names that are listed are remembered: what a market assumes, it assumes anew.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Final, NamedTuple

from riskgate.ledger.market import Market
from riskgate.model.instrument import Instrument, Terms
from riskgate.model.order import Order
from riskgate.model.subject import Subject, subject_of
from riskgate.policy.policies import PolicySet
from riskgate.policy.selection import Selection

MOST_REMEMBERED: Final = 4_096
# All that `Order.terms` and `subject_of` read of an order.
NAMES: Final = (
    *Terms.__struct_fields__,
    *("exchange", "account", "strategy", "side", "order_type", "tif", "tag"),
)
_names_of: Final = attrgetter(*NAMES)


class Kind(NamedTuple):
    """What orders alike are: their instrument, their names, and the rules that apply."""

    instrument: Instrument | None
    subject: Subject
    selection: Selection


class Kinds:
    """The kinds of orders that were met in one market, under one policy set at a time."""

    def __init__(self, market: Market) -> None:
        self._market = market
        # Replaced as one, never changed in part: a slow reader writes to what is forgotten.
        self._memory: tuple[object, PolicySet | None, dict[object, Kind]] = (None, None, {})

    def of(self, order: Order, policies: PolicySet) -> Kind:
        """What the order is; from memory where orders alike were met before."""
        listing, (known_listing, known_policies, known) = self._market.listing, self._memory
        if listing is not known_listing or policies is not known_policies:
            known = {}
            self._memory = listing, policies, known
        names = _names_of(order)
        try:
            kind = known.get(names)
        except TypeError:  # a name that is none, as a signalling NaN is
            return self._found(order, policies)
        if kind is None:
            kind = self._found(order, policies)
            if self._is_listed(kind.instrument):
                if len(known) >= MOST_REMEMBERED:
                    known.clear()
                known[names] = kind
        return kind

    def _found(self, order: Order, policies: PolicySet) -> Kind:
        instrument = self._market.resolve(order.terms)
        return kind_of(order, instrument, policies)

    def _is_listed(self, instrument: Instrument | None) -> bool:
        return instrument is not None and self._market.instrument(instrument.key) is instrument


def kind_of(order: Order, instrument: Instrument | None, policies: PolicySet) -> Kind:
    """What an order in this instrument is."""
    subject = Subject() if instrument is None else subject_of(order, instrument)
    return Kind(instrument, subject, policies.for_(subject))
