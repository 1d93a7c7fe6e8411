"""What happens by the clock alone: a new day at midnight, account values every three minutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from riskgate.simulator.world import World

BETWEEN_VALUES = timedelta(minutes=3)  # the pace at which TWS tells what prices have changed


def keep_values(world: World, refresh: Callable[[], None]) -> None:
    """Call `refresh` every three minutes."""

    def due() -> None:
        refresh()
        keep_values(world, refresh)

    world.agenda.at(world.clock.now() + BETWEEN_VALUES, due)


def keep_days(world: World) -> None:
    """See to it that a new day begins at each midnight of the broker's zone."""
    world.agenda.at(_midnight_after(world), lambda: _begin(world))


def _midnight_after(world: World) -> datetime:
    zone = ZoneInfo(world.options.time_zone)
    tomorrow = world.clock.now().astimezone(zone).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone)


def _begin(world: World) -> None:
    for account in world.accounts.values():
        account.new_day(world.prices)
    keep_days(world)
