"""Run a simulated TWS that unmodified IB clients can connect to."""

from __future__ import annotations

from typing import Any

import click

from riskgate.cli.accepted import File, Number, Whole, Word

PORTS = Whole(0, 65535)
SPEEDS = Number(0.001, 100_000)
FILE = File()


@click.command("simulate")
@click.option("--port", type=PORTS, default=7497, show_default=True, help="0 takes a free one.")
@click.option(
    "--control", type=PORTS, default=0, help="The control channel's. [default: a free one]"
)
@click.option(
    "--scenario", metavar="NAME|FILE", help="Misbehave as a scenario says: 49, 42-locate."
)
@click.option("--prices", type=FILE, help="Markets from a .csv or .yaml file.")
@click.option("--bars", type=FILE, help="Play recorded bars from a .csv or .jsonl file.")
@click.option("--walk", is_flag=True, help="Let prices walk at random, the same way each time.")
@click.option(
    "--speed", type=SPEEDS, default=1.0, show_default=True, help="How many times as fast."
)
@click.option("--sessions", is_flag=True, help="Keep trading hours; without it all trade always.")
@click.option(
    "--pace",
    type=Whole(1, 1_000_000),
    help="Error 100 and a dropped client above so many messages in a second. TWS takes 50.",
)
@click.option(
    "--master-client",
    type=Whole(0, 2_147_483_647),
    metavar="ID",
    help="This client hears of the orders of all.",
)
@click.option("--record", type=FILE, help="Write down what passes to and from --upstream.")
@click.option("--upstream", metavar="HOST:PORT", help="The TWS to record, such as localhost:4002.")
@click.option("--replay", type=FILE, help="Play a recording instead of simulating.")
@click.option("--strict", is_flag=True, help="A replay takes only the recorded requests.")
@click.option("--verbose", is_flag=True, help="Say on stderr who connects and what is ordered.")
@click.option(
    "--format", "format_", type=Word(["text", "json"]), default="text", help="How it is written."
)
def command(format_: str, *, verbose: bool, **asked: Any) -> None:  # noqa: ANN401  # see launch
    """Listen on 127.0.0.1 as TWS would until Ctrl-C. Paper account DU1234567.

    Point your own ib_insync or ib_async code at it: ib.connect("127.0.0.1", 7497, clientId=1).
    """
    from riskgate.errors import BrokerError, ConfigError  # noqa: PLC0415  # after --help
    from riskgate.simulator.launch import CannotRun, PortTaken, launch, tell_more  # noqa: PLC0415

    if verbose:
        tell_more()
    try:
        launch(as_json=format_ == "json", **asked)
    except CannotRun as error:
        raise ConfigError(str(error)) from None
    except PortTaken as error:
        raise BrokerError(error.strerror) from None
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
