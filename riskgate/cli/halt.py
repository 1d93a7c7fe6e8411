"""Stop new orders and modifies, or all but reductions; cancels still pass."""

from __future__ import annotations

import click

from riskgate import wiring
from riskgate.cli.options import said_options, scope_options, settings_option
from riskgate.config import Config
from riskgate.model.trading import Scope, TradingState


@click.command("halt")
@said_options
@scope_options("account", "strategy", "symbol")
@click.option("--reduce-only", is_flag=True, help="Let reductions of positions pass.")
@settings_option
def command(config: Config, scope: Scope, by: str, reason: str, *, reduce_only: bool) -> int:
    """Halt a scope; without --account, --strategy and --symbol that is everything.

    It is on record when this returns, and holds for the next order of any gate on the journal;
    working orders stay (see cancel-all and kill). Exit code 0, 2 if the scope or the words are
    wrong, 7 if the journal cannot be written.
    """
    state = TradingState.REDUCE_ONLY if reduce_only else TradingState.HALTED
    with wiring.remote(config) as record:
        record.halt(reason=reason, by=by, scope=scope, state=state)
        standing = record.ledger.facts.standings[scope, ""]
    click.echo(str(standing))
    return 0
