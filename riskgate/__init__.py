"""A declarative pre-trade risk gate for people who trade through Interactive Brokers.

    gate = riskgate.connect("riskgate.yaml")
    ticket = gate.submit("BUY 100 AAPL LMT 190.25 DAY", strategy="meanrev")

The names are imported when they are first used, so that `import riskgate` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from riskgate import version

__version__ = version.VERSION

if TYPE_CHECKING:
    from riskgate.authoring.policy_files import load as load_policies
    from riskgate.config import Config
    from riskgate.errors import (
        BrokerError,
        ConfigError,
        JournalError,
        NotConnected,
        OrderError,
        OutcomeUnknown,
        PolicyError,
        RiskgateError,
    )
    from riskgate.gate import Gate
    from riskgate.guarding import guard
    from riskgate.line.grouping import Exits
    from riskgate.model.decision import Action, Decision, Finding
    from riskgate.model.lifecycle import Status
    from riskgate.model.order import Order
    from riskgate.model.report import Fill
    from riskgate.model.snapshot import Snapshot
    from riskgate.policy.evaluate import evaluate
    from riskgate.policy.policies import PolicySet
    from riskgate.ticket import Ticket
    from riskgate.wiring import connect

_HOMES: Final = {
    "Action": "riskgate.model.decision",
    "BrokerError": "riskgate.errors",
    "Config": "riskgate.config",
    "ConfigError": "riskgate.errors",
    "Decision": "riskgate.model.decision",
    "Exits": "riskgate.line.grouping",
    "Fill": "riskgate.model.report",
    "Finding": "riskgate.model.decision",
    "Gate": "riskgate.gate",
    "JournalError": "riskgate.errors",
    "NotConnected": "riskgate.errors",
    "Order": "riskgate.model.order",
    "OrderError": "riskgate.errors",
    "OutcomeUnknown": "riskgate.errors",
    "PolicyError": "riskgate.errors",
    "PolicySet": "riskgate.policy.policies",
    "RiskgateError": "riskgate.errors",
    "Snapshot": "riskgate.model.snapshot",
    "Status": "riskgate.model.lifecycle",
    "Ticket": "riskgate.ticket",
    "connect": "riskgate.wiring",
    "evaluate": "riskgate.policy.evaluate",
    "guard": "riskgate.guarding",
}

__all__ = [
    "Action",
    "BrokerError",
    "Config",
    "ConfigError",
    "Decision",
    "Exits",
    "Fill",
    "Finding",
    "Gate",
    "JournalError",
    "NotConnected",
    "Order",
    "OrderError",
    "OutcomeUnknown",
    "PolicyError",
    "PolicySet",
    "RiskgateError",
    "Snapshot",
    "Status",
    "Ticket",
    "__version__",
    "connect",
    "evaluate",
    "guard",
    "load_policies",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401  # whatever the name stands for
    if name == "load_policies":
        return import_module("riskgate.authoring.policy_files").load
    if name not in _HOMES:
        raise AttributeError(f"module `riskgate` has no attribute `{name}`")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
