"""Print the JSON Schema of policy files, policy tests or state files."""

from __future__ import annotations

import json

import click

from riskgate.policy import schema

SCHEMAS = {
    "policy": schema.policy_schema,
    "test": schema.test_schema,
    "state": schema.state_schema,
}


@click.command("schema")
@click.argument("what", type=click.Choice(list(SCHEMAS)), default="policy")
def command(what: str) -> int:
    """Print a JSON Schema (draft 2020-12) for editors: of policy files, of policy tests, or of
    what `riskgate check --state` reads.
    """  # noqa: D205  # click shows the docstring: this is one sentence
    click.echo(json.dumps(SCHEMAS[what](), indent=2))
    return 0
