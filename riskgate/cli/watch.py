"""Watch the state, limits, orders and decisions, live on a terminal."""

from __future__ import annotations

import sys
from contextlib import suppress

import click

from riskgate.cli import options
from riskgate.cli.accepted import Number
from riskgate.cli.output import width
from riskgate.config import Config
from riskgate.reporters import reporter

SECONDS = Number(0.1)


@click.command("watch")
@options.record_options
@click.option("--once", is_flag=True, help="Print one frame, plain, and end.")
@click.option("--for", "seconds", type=SECONDS, metavar="SECONDS", help="End after that.")
@click.option(
    "--interval", type=SECONDS, default=1.0, show_default=True, help="Seconds between two looks."
)
@options.format_option("watched")
def command(
    config: Config, seconds: float | None, interval: float, format_: str, *, once: bool
) -> int:
    """Show what `status` and `limits` show with the latest decisions, kept up to date.

    The journal is read and nothing else; it works beside a gate and without one. A limit is used
    plus reserved by working orders; NEAR is 90 % and more, FULL is 100 %. Ctrl-C ends it.

    Exit code 0; with --once that of `riskgate status`: 5 if anything is HALTED or KILLED, 6 if not
    reconciled. 7 if the journal cannot be read.
    """
    from riskgate.record.live_view import LiveView  # noqa: PLC0415  # it folds a book

    if not once and (format_ != "text" or not sys.stdout.isatty()):
        raise click.UsageError("a live view needs a terminal; `--once` prints one frame")
    with options.archive_of(config.journal) as archive, suppress(KeyboardInterrupt):
        view = LiveView(archive.read)
        if once:
            frame = view.frame(options.around_of(config))
            click.echo(reporter(format_).watched(frame, width=width()), nl=False)
            return frame.state.exit_code
        from riskgate.cli.drawing import draw  # noqa: PLC0415  # rich, only on a terminal

        draw(lambda: view.frame(options.around_of(config)), interval, seconds)
    return 0
