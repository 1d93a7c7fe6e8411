"""Show why an order on record was decided as it was, and what happened next."""

from __future__ import annotations

from functools import cache

import click

from riskgate import config
from riskgate.authoring import policy_files
from riskgate.calendars import ExchangeCalendars
from riskgate.cli.accepted import Word
from riskgate.cli.options import archive_of, journal_option
from riskgate.errors import ConfigError, PolicyError
from riskgate.policy.policies import PolicySet
from riskgate.record.chronicle import chronicle
from riskgate.record.recorded_policies import RecordedPolicies
from riskgate.reporters import formats, reporter

FORMATS = Word(formats("chronicle"))


@click.command("why")
@click.argument("order", metavar="ID")
@journal_option
@click.option("--policies", multiple=True, metavar="PATH", help="Files or folders.")
@click.option(
    "--verbose", is_flag=True, help="Say why each limit exists, of rules that passed too."
)
@click.option("--format", "format_", type=FORMATS, default="text", help="How it is written.")
def command(
    order: str, journal: str, policies: tuple[str, ...], format_: str, *, verbose: bool
) -> None:
    """Explain the decisions on order ID: its number, its reference, or the key it was given.

    Every rule that applied is shown with what was observed, this order's share, limit, headroom and
    place, breaches first; then what happened until now. Rules that passed are computed again under
    the policies on record, or those at hand if they are the same. What --policies say is apart.
    """
    named = policy_files.load(policies, ExchangeCalendars()) if policies else None
    with archive_of(journal) as archive:
        own, at_hand = RecordedPolicies(archive.read), cache(_at_hand)
        told = chronicle(
            *(own.noting, order, named),
            under_others=bool(policies),
            recorded=lambda digest: own.readable(digest) or at_hand(),
        )
    if told is None:
        hint = "`riskgate check` asks about an order that is not on record"
        more = hint if " " in order.strip() else "`riskgate orders` lists what is there"
        raise ConfigError(f"journal `{journal}`: no order `{order}` on record; {more}")
    click.echo(reporter(format_).chronicle(told, verbose=verbose), nl=False)


def _at_hand() -> PolicySet | None:
    """The policies that nobody named: they need not be there, and may be broken."""
    try:
        return policy_files.load(config.policy_paths(()), ExchangeCalendars())
    except (ConfigError, PolicyError) as error:
        click.echo(f"only what was breached is on record, for want of policies: {error}", err=True)
        return None
