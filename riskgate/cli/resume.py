"""Lift a halt, or what a rule has latched."""

from __future__ import annotations

import os
from typing import Any

import click

from riskgate import wiring
from riskgate.cli.options import (
    format_option,
    said_options,
    say,
    scope_options,
    settings_option,
    timeout_option,
)
from riskgate.config import Config
from riskgate.errors import ConfigError
from riskgate.model.events import Deed, Requested
from riskgate.model.trading import Scope
from riskgate.record.status import check_lift
from riskgate.running.errands import answered
from riskgate.running.remote import carried_out


@click.command("resume")
@said_options
@scope_options("account", "strategy", "symbol")
@click.option("--override", is_flag=True, help="Resume without a clean reconcile.")
@click.option("--latch", is_flag=True, help="Lift what a rule has latched, not a person's halt.")
@timeout_option(15)
@settings_option
@format_option("answered")
def command(config: Config, scope: Scope, timeout: float, format_: str, **said: Any) -> int:  # noqa: ANN401  # click
    """Lift the halt of exactly this scope, after a clean reconcile.

    A gate that runs reconciles; if none does, this command connects. Exit code 0, 2 if there is a
    kill file or nothing of that scope to lift, 6 if the reconcile was not clean, 7 if nobody
    answers.
    """
    if config.kill_file and os.path.lexists(config.kill_file):
        raise ConfigError(f"the kill file `{config.kill_file}` is there; remove it, then resume")
    with wiring.remote(config) if said["override"] else wiring.reach(config) as gate:
        check_lift(gate.ledger, scope, latch=said["latch"])
        asked = Requested(id="", deed=Deed.RESUME, at=gate.clock.now(), scope=scope, **said)
        by_us = said["override"]  # then the record is enough
        answer = answered(gate, asked) if by_us else carried_out(gate, asked, timeout)
    return say(answer, format_)
