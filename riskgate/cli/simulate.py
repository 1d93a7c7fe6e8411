"""Run a simulated TWS that unmodified IB clients can connect to."""

from __future__ import annotations

import asyncio
import json
import logging

import click


@click.command("simulate")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=7497,
    show_default=True,
    help="The port on 127.0.0.1; 0 takes a free one.",
)
@click.option(
    "--sessions",
    is_flag=True,
    help="Keep trading hours: orders wait for the opening, DAY orders expire at the close."
    " Without it everything trades around the clock.",
)
@click.option("--verbose", is_flag=True, help="Say on stderr who connects and what is ordered.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text")
def command(*, port: int, sessions: bool, verbose: bool, format_: str) -> None:
    """Listen as TWS would, with default prices, until Ctrl-C. Paper account DU1234567.

    Point your own ib_insync or ib_async code at it: ib.connect("127.0.0.1", 7497, clientId=1).
    """
    from riskgate.errors import BrokerError  # noqa: PLC0415  # after --help
    from riskgate.simulator import Options, serve  # noqa: PLC0415  # after --help

    def ready(taken: int) -> None:
        text = f"TWS simulator listening on 127.0.0.1:{taken} (Ctrl-C stops it)"
        click.echo(json.dumps({"host": "127.0.0.1", "port": taken}) if format_ == "json" else text)

    if verbose:
        logging.basicConfig(format="%(asctime)s %(message)s")
        logging.getLogger("riskgate.simulator").setLevel(logging.INFO)
    try:
        asyncio.run(serve(port, ready, Options(sessions=sessions)))
    except OSError as error:
        why = error.strerror or str(error)
        raise BrokerError(
            f"cannot listen on 127.0.0.1:{port} ({why}); is a TWS running? try another --port"
        ) from None
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
