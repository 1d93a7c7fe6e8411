"""One world from its seed to its end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

import msgspec

from riskgate.errors import BrokerError, JournalError
from tests.simulation.deeds import Deeds
from tests.simulation.house import Crash, House
from tests.simulation.plans import Plan, plan_of
from tests.simulation.record import Broken
from tests.simulation.virtual_time import Endless, Stalled
from tests.simulation.witness import Witness

SETTLED = 20.0  # seconds until what was under way has arrived
QUIET = 45.0  # seconds until all that was in doubt is not any more


@dataclass
class Outcome:
    """What came of a seed."""

    seed: int
    plan: Plan
    step: int = 0
    broken: Broken | None = None
    trace: list[str] = field(default_factory=list)
    record: bytes = b""
    orders: int = 0
    overtaken: int = 0
    fills: int = 0
    boots: int = 0
    seconds: float = 0.0

    @property
    def digest(self) -> str:
        """The same for two runs that were the same."""
        return hashlib.sha256("\n".join(self.trace).encode() + self.record).hexdigest()

    @property
    def said(self) -> str:
        """What broke, and how to see it again."""
        return (
            f"seed {self.seed}, step {self.step}: {self.broken}\n"
            f"  troubles: {' '.join(sorted(self.plan.troubles)) or 'none'}\n"
            f"  RISKGATE_SEED={self.seed} pytest tests/simulation/test_seeds.py -s -k one_seed"
        )


class Run:
    """One world as it runs."""

    def __init__(
        self, seed: int, tell: Callable[[str], None] = lambda _: None, *, also: str = ""
    ) -> None:
        lot = Random(seed)
        plan = plan_of(lot)
        self.plan = replace(plan, troubles=plan.troubles | frozenset(also.split()))
        self.outcome = Outcome(seed, self.plan)
        self.house = House(lot, self.plan.limits.policies, self.plan.options, self.plan.settings)
        self.witness = Witness(self.house, self.plan)
        self.deeds = Deeds(self.house, self.plan, self.witness)
        self._tell = tell

    def play(self) -> Outcome:
        """All steps, then quiet; what broke is in the outcome."""
        try:
            self._boot()
            for step in range(1, self.plan.steps + 1):
                self.outcome.step = step
                self._step()
            self.outcome.step += 1
            self._quiet()
        except Broken as broken:
            self._is_broken(broken)
        except (Endless, Stalled) as error:
            self._is_broken(Broken("ends", repr(error)))
        finally:
            self._close()
        return self.outcome

    def _step(self) -> None:
        house, lot = self.house, self.house.lot
        try:
            self._say(self.deeds.next())
            house.turn(lot.choice((0.0, 0.0, 0.01, 0.2, 1.0)), attend=lot.random() < 0.8)
        except Crash:
            self._reborn()
        self.witness.check()

    def _is_broken(self, broken: Broken) -> None:
        self.outcome.broken = broken
        self._say(f"BROKEN {broken}")

    def _say(self, text: str) -> None:
        line = f"{self.outcome.step:3} {self.house.loop.time():8.3f} {text}"
        self.outcome.trace.append(line)
        self._tell(line)

    # -- a process ends and another one begins ----------------------------------------------------

    def _boot(self) -> None:
        while True:
            try:
                self.house.boot()
                self.house.connect()
            except Crash:
                self._gone()
            except JournalError as error:
                self._say(f"does not start: {error}")
                self.house.crash()
                self.house.journal.fails_at = ""
            else:
                return

    def _gone(self) -> None:
        self._say("CRASH")
        self.house.crash()
        self.witness.crashed()

    def _reborn(self) -> None:
        self._gone()
        self.house.turn(self.house.lot.choice((0.0, 1.0, 40.0)))
        self.witness.check()
        self._boot()
        self._say(f"boot {self.house.boots}")

    # -- the end ----------------------------------------------------------------------------------

    def _heal(self) -> None:
        """Nothing goes wrong any more."""
        house = self.house
        house.gateway.faults.plan.clear()
        house.loop.network.latency = 0.0
        house.journal.fails_at = ""
        house.clock.ahead = max(house.clock.ahead, timedelta(0))
        house.journal.crash_in, house.journal.crash_at = 0, "before"
        for wire in house.gateway_wires():
            wire.cut_after = None
            if wire.frozen:
                wire.drop()
        self.deeds.speak()

    def _quiet(self) -> None:
        self._say("all is well from here on")
        self._heal()
        self._pass(SETTLED)
        self._compare()
        self._pass(QUIET)
        self._compare()
        self.witness.quiet()

    def _pass(self, seconds: float) -> None:
        """Let time pass as it does where nothing happens; a session that is gone begins again."""
        house = self.house
        end = house.loop.time() + seconds
        while house.loop.time() < end:
            house.turn(5.0)
            if not house.broker.connected:
                house.connect()
            self.witness.check()

    def _compare(self) -> None:
        try:
            self._say(f"compared: {self.house.gate.reconcile()}")
        except (BrokerError, JournalError) as error:
            raise Broken("heals", str(error)) from error
        self.house.turn(0.1)

    def _close(self) -> None:
        house, outcome = self.house, self.outcome
        outcome.record = msgspec.json.encode([(one.at, one.payload) for one in house.events])
        outcome.orders, outcome.boots = self.witness.placed, house.boots
        outcome.overtaken = self.witness.overtaken
        outcome.fills = len(house.gateway.exchange.book.executions)
        outcome.seconds = house.loop.time()
        house.close()


def run(seed: int, tell: Callable[[str], None] = lambda _: None, *, also: str = "") -> Outcome:
    """Play one seed; the world has the troubles `also` names in any case."""
    return Run(seed, tell, also=also).play()
