"""Ask what the gate would say of one order; nothing is sent."""

from __future__ import annotations

import os
import sys

import click
import msgspec

from riskgate import checking, policy_files
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.model.decision import Action
from riskgate.policy.cases import Given, read_given
from riskgate.rehearsal import Rehearsal
from riskgate.reporters import formats, reporter

CODES = {Action.ALLOW: 0, Action.WARN: 0, Action.DENY: 3, Action.HOLD: 4}


@click.command("check")
@click.argument("order")
@click.option("--policies", multiple=True, required=True, metavar="PATH", help="Files or folders.")
@click.option("--state", required=True, metavar="FILE", help="The world, as in policy tests.")
@click.option("--strategy", help="Whose order it is, unless it says so itself.")
@click.option("--account", help="The account, unless the order names one.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(formats("answer")),
    default="text",
    show_default=True,
    help="How the result is written.",
)
def command(
    order: str, policies: tuple[str, ...], state: str, format_: str, **given: str | None
) -> int:
    """Ask what the gate would say of ORDER, an order line or a JSON object. Nothing is sent.

    The state file holds the keys of `given` in policy tests: prices, positions, time, account.
    Exit code 0 if the order would be allowed, 3 if denied, 4 if held, 2 for invalid input.
    """
    calendars = ExchangeCalendars()
    source = checking.read_order(order)
    world = _with_strategy(read_given(policy_files.state(state)), given["strategy"])
    loaded = policy_files.load(policies, calendars)
    rehearsal = Rehearsal(loaded, world, calendars, MemoryJournal())
    said = checking.check(source, rehearsal, account=given["account"])
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    click.echo(reporter(format_).answer(said, color=color), nl=False, color=color)
    return CODES[said.decision.action]


def _with_strategy(world: Given, strategy: str | None) -> Given:
    return world if strategy is None else msgspec.structs.replace(world, strategy=strategy)
