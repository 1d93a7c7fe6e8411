"""Show how much of each limit is used now."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import click
import msgspec

from riskgate.cli import options
from riskgate.cli.accepted import Whole
from riskgate.cli.output import Output, not_the_journal, output_options, progress, width


@click.command("limits")
@options.journal_option
@click.option("--policies", multiple=True, metavar="PATH", help="Files or folders.")
@click.option("--rule", default="", help="Only rules with this in their name.")
@click.option("--account", default="", help="Only limits that an order of this account meets.")
@click.option("--strategy", default="", help="The same of a strategy.")
@click.option("--symbol", default="", help="The same of a symbol.")
@click.option("--over", type=Whole(0), metavar="PERCENT", help="Only fuller ones.")
@output_options
def command(
    journal: str, policies: tuple[str, ...], over: int | None, output: Output, **named: str
) -> None:
    """Show each limit that is a number: used, reserved by working orders, and headroom.

    The journal and the policies on record in it are all that is asked, beside a gate that runs or
    without one; values are at the latest prices on record. A limit that each order is held against
    by itself has no use between orders, and is shown with `-`. --policies names the policies of a
    journal that does not hold them. Exit code 0, 2 if policies are missing, 7 if the journal cannot
    be read.
    """
    from riskgate.authoring import policy_files  # noqa: PLC0415  # it compiles rules
    from riskgate.calendars import ExchangeCalendars  # noqa: PLC0415  # same
    from riskgate.record.limits_now import Wanted, limits_now  # noqa: PLC0415  # it folds a book
    from riskgate.record.present import Present  # noqa: PLC0415  # same
    from riskgate.reporters.columns import Sheet  # noqa: PLC0415  # same
    from riskgate.reporters.limit_lines import FIELDS, limit_lines  # noqa: PLC0415  # same

    not_the_journal(output, journal)
    wanted = Wanted(over=None if over is None else Decimal(over), **named)
    given = policy_files.load(policies, ExchangeCalendars()) if policies else None
    with options.archive_of(journal) as archive, progress("events") as counted:
        present = Present(lambda after: counted(archive.read(after)), given)
        present.catch_up()
    found = limits_now(present, datetime.now(UTC), wanted)
    if not found:
        click.echo("no such limit is in force", err=True)
    elif output.for_people:
        output.deliver(f"{line}\n" for line in limit_lines(found, width()))
    if not output.for_people:
        output.send(map(msgspec.structs.asdict, found), Sheet((), FIELDS))
