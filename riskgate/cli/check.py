"""Ask what the gate would say of one order; nothing is sent."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
import msgspec

from riskgate import config
from riskgate.authoring import checking, policy_files
from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.cli.accepted import Word
from riskgate.errors import ConfigError
from riskgate.journal.memory import MemoryJournal
from riskgate.model.decision import Action
from riskgate.policy.cases import Given
from riskgate.reporters import formats, reporter

CODES = {Action.ALLOW: 0, Action.WARN: 0, Action.DENY: 3, Action.HOLD: 4}
FORMATS = Word(formats("answer"))


@click.command("check")
@click.argument("order")
@click.option("--policies", multiple=True, metavar="PATH", help="Files or folders.")
@click.option("--state", metavar="FILE", help="The world, as in policy tests.")
@click.option("--strategy", help="Whose order it is, unless it says so itself.")
@click.option("--account", help="The account, unless the order names one.")
@click.option("--all", "--verbose", "verbose", is_flag=True, help="Show every rule that applies.")
@click.option("--format", "format_", type=FORMATS, default="text", help="How it is written.")
def command(
    order: str, policies: tuple[str, ...], state: str | None, format_: str, **given: str | None
) -> int:
    """Ask what the gate would say of ORDER, an order line or a JSON object. Nothing is sent.

    The state file holds the keys of `given` in policy tests: prices, positions, time, account. The
    policies are those named, else those of the settings, else the folder `policies`.
    Exit code 0 if it would be allowed, 3 if denied, 4 if held, 2 if it or a file is unreadable.
    """
    calendars, source = ExchangeCalendars(), checking.read_order(order)
    loaded = policy_files.load(config.policy_paths(policies), calendars)
    if state is None:
        here = Path(checking.STATE).is_file()
        raise ConfigError(checking.STATE_HERE if here else checking.NO_STATE)

    def build(world: Given) -> Rehearsal:
        strategy = given["strategy"] or world.strategy
        world = msgspec.structs.replace(world, strategy=strategy)
        return Rehearsal(loaded, world, calendars, MemoryJournal())

    rehearsal = checking.rehearse(policy_files.state(state), build)
    said = checking.check(source, rehearsal, account=given["account"])
    said, unread = checking.as_written(said, order)
    for fault in unread:
        click.echo(f"error: {fault}", err=True)
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    text = reporter(format_).answer(said, verbose=bool(given["verbose"]), color=color)
    if not unread or format_ != "text":
        click.echo(text, nl=False, color=color)
    return 2 if unread else CODES[said.decision.action]
