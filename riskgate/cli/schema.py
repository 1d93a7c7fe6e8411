"""Print the JSON Schema of policy files, policy tests, state files or settings."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click

from riskgate.brokers.ib.settings import Settings
from riskgate.cli.accepted import Word
from riskgate.config.schema import settings_schema
from riskgate.policy import schema

SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "policy": schema.policy_schema,
    "test": schema.test_schema,
    "state": schema.state_schema,
    "settings": lambda: settings_schema({"broker": Settings}),
}


@click.command("schema")
@click.argument("what", type=Word(list(SCHEMAS)), default="policy")
def command(what: str) -> int:
    """Print a JSON Schema (draft 2020-12) for editors: of policy files, of policy tests, of what
    `riskgate check --state` reads, or of riskgate.yaml.
    """  # noqa: D205  # click shows the docstring: this is one sentence
    click.echo(json.dumps(SCHEMAS[what](), indent=2))
    return 0
