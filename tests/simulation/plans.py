"""What a seed decides before anything happens: limits, the broker's habits, and what goes wrong.

Rule 1: a world has some of the troubles, seldom all: with all of them nothing else would happen,
and what one trouble makes permissible would hide what another one breaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Final

from riskgate.brokers.ib.settings import Settings
from riskgate.policy.compiler import compile_policies
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import parse
from riskgate.simulator import Fills, Options
from riskgate.simulator.options import Reports
from tests.simulation.house import OURS

PORT: Final = 7497
STEPS: Final = 40
LIMITS: Final = """\
riskgate: 1
policy: house
timezone: America/New_York
currency: USD
rules:
  - id: book
    kind: position
    per: [account, symbol]
    max_long: {position}
    max_short: {position}
    because: Small, so that it binds.
  - id: size
    kind: fat_finger
    max_quantity: {size}
    because: Small, so that it binds.
  - id: value
    kind: fat_finger
    max_notional: {value}
    because: Small, so that it binds.
  - id: resting
    kind: working_orders
    per: [account, symbol, side]
    max_count: {resting}
    because: Small, so that it binds.
  - id: rate
    kind: message_rate
    per: [account]
    max: {rate}
    window: {window}s
    because: Small, so that it binds.
  - id: large
    kind: fat_finger
    max_quantity: {held}
    on_breach: hold
    because: Some orders have to wait for a person.
"""
TROUBLES: Final = (
    "foreign",  # orders by hand and of another client
    "corrections",  # of an execution's quantity
    "late_fills",  # after the order was reported cancelled
    "second_ids",  # a modify becomes a second order
    "misreports",  # repeated, stale, reordered, unbilled
    "refusals",  # codes for orders and for cancels
    "silence",  # requests lost or answered late
    "link",  # 1100, 1101, 1102, farms, mute
    "sockets",  # drops after some octets, half-open, restarts
    "latency",
    "crashes",
    "journal",  # fails for a while
    "clock",  # steps
    "halts",
    "races",  # what strategies do while somebody waits for the broker
)
TRACELESS: Final = frozenset({"foreign", "corrections", "late_fills", "second_ids"})
"""What may take a position beyond its limit without anybody being wrong."""


@dataclass(frozen=True)
class Limits:
    """The numbers of the policy, as whoever checks them knows them."""

    position: int
    size: int
    value: int
    resting: int
    rate: int
    window: int
    held: int

    @property
    def policies(self) -> PolicySet:
        """The policy as the gate reads it."""
        return _compiled(self)


@lru_cache(maxsize=4096)
def _compiled(limits: Limits) -> PolicySet:
    text = LIMITS.format(**vars(limits))
    document, problems = parse(text.encode(), "house.yaml")
    found = None
    if document is not None:
        found, problems = compile_policies([document], lambda _: None)
    if found is None:
        raise ValueError(problems)
    return found


@dataclass(frozen=True)
class Plan:
    """One world before it begins."""

    limits: Limits
    options: Options
    settings: Settings
    troubles: frozenset[str]
    steps: int


def plan_of(lot: Random) -> Plan:
    """A world by lot."""
    often = lot.choice((0.1, 0.3, 0.3, 0.6))
    return Plan(
        limits=_limits(lot),
        options=_options(lot),
        settings=Settings(
            port=PORT,
            client_id=OURS,
            heartbeat=5.0,
            messages_per_second=lot.choice((5, 45)),
        ),
        troubles=frozenset(one for one in TROUBLES if lot.random() < often),
        steps=STEPS,
    )


def _limits(lot: Random) -> Limits:
    return Limits(
        position=lot.choice((3, 6, 20)),
        size=lot.choice((4, 8)),
        value=lot.choice((1000, 2000, 5000)),
        resting=lot.choice((2, 5)),
        rate=lot.choice((3, 20)),
        window=lot.choice((1, 5)),
        held=lot.choice((3, 8)),
    )


def _options(lot: Random) -> Options:
    return Options(
        port=PORT,
        fills=Fills(sizes=(Decimal(lot.choice((1, 2, 8))),)),
        reports=Reports(
            repeats=lot.choice((1, 1, 2)),
            execution_first=lot.random() < 0.2,
            silent_market=lot.random() < 0.2,
            pending_cancel=lot.random() < 0.7,
            code_first=lot.random() < 0.3,
            rejected_as=lot.choice(("Inactive", "Inactive", "Cancelled", "")),
        ),
    )
