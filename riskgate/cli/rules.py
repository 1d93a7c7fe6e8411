"""List the rule kinds, or print everything about one."""

from __future__ import annotations

from pathlib import Path

import click

from riskgate.cli.accepted import Folder, Word
from riskgate.errors import PolicyError
from riskgate.policy.catalog import kinds
from riskgate.policy.pages import Page, entries, page_of
from riskgate.policy.wording import unknown_word
from riskgate.reporters import formats, reporter


@click.command("rules")
@click.argument("kind", required=False)
@click.option(
    "--format",
    "format_",
    type=Word(formats("page")),
    default="text",
    show_default=True,
    help="How the result is written.",
)
@click.option(
    "--write",
    metavar="FOLDER",
    type=Folder(),
    help="Write a Markdown page for every kind, and index.md, into this folder.",
)
def command(kind: str | None, format_: str, write: Path | None) -> None:
    """List every rule kind in a line, or print the full page of KIND: why it exists, what it
    measures, its parameters, and orders that pass and breach.
    """  # noqa: D205  # click shows the docstring: this is one sentence
    if write is not None:
        _write(write)
    elif kind is None:
        click.echo(reporter(format_).kinds(entries()), nl=False)
    else:
        click.echo(reporter(format_).page(_page(kind)), nl=False)


def _page(name: str) -> Page:
    if name not in kinds():
        meant = unknown_word(name, kinds()) or "; `riskgate rules` lists them"
        raise PolicyError(f"unknown rule kind `{name}`{meant}")
    return page_of(kinds()[name])


def _write(folder: Path) -> None:
    """Every page is made before the first is written."""
    markdown = reporter("markdown")
    files = {name: markdown.page(_page(name)) for name in kinds()}
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**files, "index": markdown.kinds(entries())}.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    click.echo(f"{len(files)} pages and index.md in {folder}")
