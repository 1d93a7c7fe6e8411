"""A TWS that speaks the real wire: an unmodified IB client connects, trades and is filled.

Rule 1: this package imports nothing else of riskgate; it knows only the wire.
Rule 2: it listens on this computer only, and reads no clock but the one it is given; only
how fast a client sends is measured in real time.
Rule 3: orders, executions and positions outlive the clients, as they do at a broker.
"""

from riskgate.simulator.allocation import Group
from riskgate.simulator.clock import Clock, RealClock, VirtualClock
from riskgate.simulator.faults import (
    Advance,
    Bill,
    ByHand,
    CloseDay,
    Correct,
    Delay,
    Disconnect,
    Drop,
    Fault,
    Faults,
    FillAfterCancel,
    Halt,
    Locate,
    Mute,
    NoStatus,
    Outage,
    Price,
    Reject,
    Release,
    Reorder,
    Repeat,
    Restart,
    Resume,
    Say,
    SecondPermId,
    Silent,
    Stale,
    Warn,
)
from riskgate.simulator.hosted import Running, running
from riskgate.simulator.options import Commission, Fills, Options, Reports
from riskgate.simulator.prices import Quote, quote
from riskgate.simulator.scenarios import Happening, Scenario, ScenarioError
from riskgate.simulator.scenarios.bar_file import read_bars
from riskgate.simulator.server import Simulator, serve
from riskgate.simulator.tape import Bar, Walk

__all__ = [
    "Advance",
    "Bar",
    "Bill",
    "ByHand",
    "Clock",
    "CloseDay",
    "Commission",
    "Correct",
    "Delay",
    "Disconnect",
    "Drop",
    "Fault",
    "Faults",
    "FillAfterCancel",
    "Fills",
    "Group",
    "Halt",
    "Happening",
    "Locate",
    "Mute",
    "NoStatus",
    "Options",
    "Outage",
    "Price",
    "Quote",
    "RealClock",
    "Reject",
    "Release",
    "Reorder",
    "Repeat",
    "Reports",
    "Restart",
    "Resume",
    "Running",
    "Say",
    "Scenario",
    "ScenarioError",
    "SecondPermId",
    "Silent",
    "Simulator",
    "Stale",
    "VirtualClock",
    "Walk",
    "Warn",
    "quote",
    "read_bars",
    "running",
    "serve",
]
