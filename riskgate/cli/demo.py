"""Play a morning of trading against the simulator and leave a journal to look at."""

from __future__ import annotations

from pathlib import Path

import click

from riskgate.cli.accepted import Word

FILE = "riskgate-demo.sqlite"


@click.command("demo")
@click.option(
    "--journal",
    metavar="PATH",
    default=FILE,
    show_default=True,
    help="Where the record goes; one that exists is continued on its next trading day.",
)
@click.option(
    "--format", "format_", type=Word(["text", "json"]), default="text", help="How it is written."
)
def command(journal: str, format_: str) -> None:
    """Trade through the gate, the IB client library and a simulated TWS. No network, no TWS.

    The policies are those of ./policies if there are any, else those that come with riskgate.
    """
    from riskgate.demo import json, text  # noqa: PLC0415  # after --help
    from riskgate.demo.morning import Demo  # noqa: PLC0415  # after --help

    write = json if format_ == "json" else text
    demo = Demo(Path(journal), Path())
    for number, scene in enumerate(demo.play(), 1):
        if number == 1:
            click.echo(write.begins(demo), nl=False)
        click.echo(write.scene(number, scene), nl=False)
    click.echo(write.ends(demo.outcome()), nl=False)
