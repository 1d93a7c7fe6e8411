"""List the held orders, let one go, or refuse it."""

from __future__ import annotations

from typing import Any, Final

import click

from riskgate import wiring
from riskgate.cli import options
from riskgate.cli.accepted import Whole
from riskgate.config import Config
from riskgate.model.events import Deed, Requested
from riskgate.record.status import Fold, held
from riskgate.reporters import reporter
from riskgate.running.remote import carried_out

NUMBER: Final = Whole(1)


@click.group("approvals")
def command() -> None:
    """Decide on orders that a rule has held for a person."""


@command.command("list")
@options.settings_option
@options.format_option("held")
def listed(config: Config, format_: str) -> None:
    """Show each held order: why it is held, who submitted it, and when it expires."""
    with options.archive_of(config.journal) as archive:
        found = held(Fold(archive.read()).ledger, config.hold_for)
    click.echo(reporter(format_).held(found), nl=False)


@command.command("approve")
@click.argument("order_id", metavar="ID", type=NUMBER)
@options.said_options
@options.timeout_option(15)
@options.settings_option
@options.format_option("answered")
def approve(config: Config, timeout: float, format_: str, **said: Any) -> int:  # noqa: ANN401  # click
    """Let order ID, with its group, be decided again; whoever submitted it cannot approve it.

    Exit code 0 if it was sent, 3 if it was denied after all, 2 if it is not held or your own, 7 if
    nobody can be reached.
    """
    with wiring.reach(config, judging=True) as gate:
        asked = Requested(id="", deed=Deed.APPROVE, at=gate.clock.now(), **said)
        return options.say(carried_out(gate, asked, timeout), format_)


@command.command("deny")
@click.argument("order_id", metavar="ID", type=NUMBER)
@options.said_options
@options.settings_option
def deny(config: Config, order_id: int, by: str, reason: str) -> None:
    """Refuse order ID, with its group. Exit code 0, 2 if it is not held."""
    with wiring.remote(config) as record:
        record.refuse(order_id, by=by, reason=reason)
    click.echo(f"order {order_id} was refused by {by}")
