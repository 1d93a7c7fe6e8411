"""Show what is held and what working orders may add, by account and instrument."""

from __future__ import annotations

import click
import msgspec

from riskgate.cli import options
from riskgate.cli.output import Output, not_the_journal, output_options, progress
from riskgate.policy.suggest import closest
from riskgate.reporters.columns import Sheet
from riskgate.reporters.sheets import POSITION_FIELDS, POSITIONS


@click.command("positions")
@options.journal_option
@click.option("--account", help="Only this account.")
@click.option("--symbol", help="Only instruments of this symbol.")
@output_options
def command(journal: str, output: Output, account: str | None, symbol: str | None) -> None:
    """Show each position by the record, with what working orders can still buy and sell.

    `at most` and `at least` are where it would be if only the buys, or only the sells, filled. The
    price is the last on record, of a decision or a fill; `riskgate reconcile` compares the position
    with the broker's. Exit code 0, 2 for a wrong option, 7 if the journal cannot be read.
    """
    from riskgate.record.positions import positions  # noqa: PLC0415  # it folds a book

    not_the_journal(output, journal)
    with options.archive_of(journal) as archive, progress("events") as counted:
        every = positions(counted(archive.read()))
    found = [one for one in every if account in (None, one.account) if symbol in (None, one.symbol)]
    if not found:
        accounts, symbols = (
            {getattr(one, name) for one in every} for name in ("account", "symbol")
        )
        hint = _hint(account, accounts) or _hint(symbol, symbols)
        click.echo(f"nothing{' such' * bool(every)} is held or worked{hint}", err=True)
    output.send(map(msgspec.structs.asdict, found), Sheet(POSITIONS, POSITION_FIELDS))


def _hint(name: str | None, known: set[str]) -> str:
    """What was probably meant."""
    near = None if name is None or name in known else closest(name, sorted(known))
    return f"; did you mean `{near}`?" if near else ""
