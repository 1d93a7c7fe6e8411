"""Get out of a position although trading is halted; the exit is on record as one."""

from __future__ import annotations

from typing import Any

import click

from riskgate import wiring
from riskgate.cli.options import (
    amount,
    format_option,
    said_options,
    say,
    scope_options,
    settings_option,
    timeout_option,
)
from riskgate.config import Config
from riskgate.model.events import Deed, Requested
from riskgate.model.trading import Scope
from riskgate.running.remote import carried_out


@click.command("exit")
@click.argument("symbol")
@said_options
@scope_options("account")
@click.option("--quantity", callback=amount, help="How much. [default: the whole position]")
@click.option("--limit", "limit_price", callback=amount, help="A limit. [default: at market]")
@timeout_option(15)
@settings_option
@format_option("answered")
def command(config: Config, scope: Scope, timeout: float, format_: str, **words: Any) -> int:  # noqa: ANN401  # click
    """Reduce the position in SYMBOL, or in an instrument such as `AAPL.OPT 20260619 200 C`.

    Only HALTED and KILLED are forgiven; sanity and the rules asked of reductions are not. Exit code
    0 if the order was let through, 2 if nothing is held or it would be more than a reduction, 3 if
    it was denied, 7 if nobody can be reached.
    """
    with wiring.reach(config, judging=True) as gate:
        asked = Requested(id="", deed=Deed.EXIT, at=gate.clock.now(), scope=scope, **words)
        answer = carried_out(gate, asked, timeout)
    return say(answer, format_)
