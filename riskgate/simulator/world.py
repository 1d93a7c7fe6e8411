"""What the parts of the broker share: time, instruments, settings, prices and accounts."""

from __future__ import annotations

import msgspec

from riskgate.simulator.accounts import Account
from riskgate.simulator.agenda import Agenda
from riskgate.simulator.clock import Clock
from riskgate.simulator.contracts import Catalogue
from riskgate.simulator.faults import Faults
from riskgate.simulator.options import Options
from riskgate.simulator.prices import Prices


class World(msgspec.Struct):
    """Everything but the orders."""

    clock: Clock
    agenda: Agenda
    catalogue: Catalogue
    options: Options
    faults: Faults
    prices: Prices
    accounts: dict[str, Account]
