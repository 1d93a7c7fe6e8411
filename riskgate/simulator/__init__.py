"""A TWS that speaks the real wire: an unmodified IB client connects, trades and is filled.

Rule 1: this package imports nothing else of riskgate; it knows only the wire.
Rule 2: it listens on this computer only, and reads no clock but the one it is given.
Rule 3: orders, executions and positions outlive the clients, as they do at a broker.
"""

from riskgate.simulator.clock import Clock, RealClock, VirtualClock
from riskgate.simulator.faults import (
    Bill,
    Correct,
    Delay,
    Drop,
    Fault,
    Faults,
    FillAfterCancel,
    NoStatus,
    Reject,
    Repeat,
    Silent,
    Stale,
    Warn,
)
from riskgate.simulator.hosted import Running, running
from riskgate.simulator.options import Commission, Fills, Options
from riskgate.simulator.prices import Quote, quote
from riskgate.simulator.server import Simulator, serve

__all__ = [
    "Bill",
    "Clock",
    "Commission",
    "Correct",
    "Delay",
    "Drop",
    "Fault",
    "Faults",
    "FillAfterCancel",
    "Fills",
    "NoStatus",
    "Options",
    "Quote",
    "RealClock",
    "Reject",
    "Repeat",
    "Running",
    "Silent",
    "Simulator",
    "Stale",
    "VirtualClock",
    "Warn",
    "quote",
    "running",
    "serve",
]
