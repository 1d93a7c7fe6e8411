"""Run a simulated TWS that unmodified IB clients can connect to."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from functools import partial
from pathlib import Path

import click

PORTS = click.IntRange(0, 65535)
FILE = click.Path(path_type=Path, dir_okay=False)


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
@click.option("--speed", type=click.FloatRange(0.001, 100_000), default=1.0, show_default=True)
@click.option("--sessions", is_flag=True, help="Keep trading hours; without it all trade always.")
@click.option("--record", type=FILE, help="Write down what passes to and from --upstream.")
@click.option("--upstream", metavar="HOST:PORT", help="The TWS to record, such as localhost:4002.")
@click.option("--replay", type=FILE, help="Play a recording instead of simulating.")
@click.option("--strict", is_flag=True, help="A replay takes only the recorded requests.")
@click.option("--verbose", is_flag=True, help="Say on stderr who connects and what is ordered.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text")
def command(format_: str, *, verbose: bool, **asked: object) -> None:
    """Listen on 127.0.0.1 as TWS would until Ctrl-C. Paper account DU1234567.

    Point your own ib_insync or ib_async code at it: ib.connect("127.0.0.1", 7497, clientId=1).
    """
    from riskgate.errors import BrokerError, ConfigError  # noqa: PLC0415  # after --help
    from riskgate.simulator.board import Lines, Screen  # noqa: PLC0415  # after --help
    from riskgate.simulator.recording import Taping, taping  # noqa: PLC0415  # after --help
    from riskgate.simulator.scenarios import ScenarioError  # noqa: PLC0415  # after --help
    from riskgate.simulator.service import planned, stand  # noqa: PLC0415  # after --help

    if verbose:
        logging.basicConfig(format="%(asctime)s %(message)s")
        logging.getLogger("riskgate.simulator").setLevel(logging.INFO)
    tape = {name: asked.pop(name) for name in ("record", "upstream", "replay", "strict")}
    try:
        taped = taping(Taping(**tape))  # type: ignore[arg-type]  # click has checked them
        plan = planned(**asked)  # type: ignore[arg-type]  # click has checked them
    except (ScenarioError, ValueError) as error:
        raise ConfigError(str(error)) from None
    except OSError as error:
        raise ConfigError(f"cannot read {error.filename} ({error.strerror})") from None
    drawn = format_ == "text" and sys.stdout.isatty()
    board = Screen() if drawn else Lines(as_json=format_ == "json")
    told = partial(_listening, as_json=format_ == "json")
    try:
        asyncio.run(stand(plan, board) if taped is None else taped(plan.port, told))
    except LookupError as error:
        raise ConfigError(str(error.args[0])) from None
    except OSError as error:
        why = error.strerror or str(error)
        raise BrokerError(
            f"cannot listen on 127.0.0.1:{plan.port} ({why}); is a TWS running? try another --port"
        ) from None
    except KeyboardInterrupt:
        click.echo("stopped", err=True)


def _listening(port: int, *, as_json: bool) -> None:
    text = f"listening on 127.0.0.1:{port} (Ctrl-C stops it)"
    click.echo(json.dumps({"host": "127.0.0.1", "port": port}) if as_json else text)
