"""Cancel all our working and held orders of a scope; others may follow."""

from __future__ import annotations

import click

from riskgate import wiring
from riskgate.cli.options import format_option, scope_options, settings_option, timeout_option
from riskgate.config import Config
from riskgate.errors import PARTLY, ConfigError
from riskgate.model.trading import Scope
from riskgate.record.status import ended
from riskgate.reporters import reporter


@click.command("cancel-all")
@click.option("--by", required=True, help="Who you are; it goes on record.")
@scope_options("account", "strategy", "symbol")
@timeout_option(10)
@settings_option
@format_option("cancelled")
def command(config: Config, scope: Scope, by: str, timeout: float, format_: str) -> int:
    """Ask for the cancel of everything of ours, and wait for the broker's word.

    Nothing is halted: a strategy that runs may send the next order (see halt and kill). Exit code
    0 if all ended, 8 if some still work, 7 if nobody can be reached.
    """
    if not by.strip():
        raise ConfigError("a cancel needs `--by`, not blank")
    with wiring.reach(config) as gate:
        numbers = gate.cancel_all(scope, actor=by)
        gate.wait_for(lambda: not ended(gate.ledger, numbers).pending, timeout)
        found = ended(gate.ledger, numbers)
    click.echo(reporter(format_).cancelled(found), nl=False)
    return PARTLY if found.pending else 0
