"""Compare the book with the broker's, and show every difference."""

from __future__ import annotations

import click

from riskgate import wiring
from riskgate.cli.options import format_option, settings_option, timeout_option
from riskgate.config import Config
from riskgate.errors import NOT_RECONCILED, BrokerError
from riskgate.model.events import Deed, Requested
from riskgate.reporters import reporter
from riskgate.running.remote import carried_out


@click.command("reconcile")
@timeout_option(20)
@settings_option
@format_option("reconciled")
def command(config: Config, timeout: float, format_: str) -> int:
    """Ask the broker for everything and take over what it knows; nothing is ever sent again.

    A gate that runs does it; if none does, this command connects. Exit code 0 if it was clean, 6 if
    not, 7 if nobody answers.
    """
    with wiring.reach(config) as gate:
        now = gate.clock.now()
        asked = Requested(id="", deed=Deed.RECONCILE, at=now, by=gate.actor or "riskgate reconcile")
        answer = carried_out(gate, asked, timeout)
        at, outcome = gate.ledger.last_reconcile or (now, None)
    if outcome is None or at < now:
        raise BrokerError(answer.text)
    click.echo(reporter(format_).reconciled(outcome), nl=False)
    return 0 if outcome.clean else NOT_RECONCILED
