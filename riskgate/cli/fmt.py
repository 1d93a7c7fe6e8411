"""Bring policy files into canonical layout; comments stay, and so does what they say."""

from __future__ import annotations

import difflib
import json
from pathlib import Path

import click

from riskgate.authoring import policy_files
from riskgate.authoring.layout import laid_out
from riskgate.calendars import ExchangeCalendars
from riskgate.cli.accepted import Word
from riskgate.errors import PolicyError

CHANGES = 1


@click.command("fmt")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if a file would change.")
@click.option("--diff", "shows", is_flag=True, help="Show what changes, line by line.")
@click.option(
    "--format", "format_", type=Word(["text", "json"]), default="text", help="How it is written."
)
def command(paths: tuple[str, ...], format_: str, *, check: bool, shows: bool) -> int:
    """Lay the policy files in or below each PATH out alike: key order, indentation, blank lines.

    Numbers, quotes and comments are not touched, and a file is written only if what it says stays
    the same. A file that `riskgate validate` refuses is refused here too: exit code 2.
    """
    checked = policy_files.check(paths, ExchangeCalendars())
    if not checked.valid:
        raise PolicyError("nothing was laid out: correct these first", checked.problems)
    old = {name: Path(name).read_bytes().decode("utf-8") for name in checked.files}
    new = {name: laid_out(text, name) for name, text in old.items()}
    changed = [name for name in old if new[name] != old[name]]
    if not check:
        for name in changed:
            _replace(Path(name), new[name])
    if format_ == "json":
        click.echo(json.dumps({"changed": changed, "files": list(old), "written": not check}))
    else:
        for name in changed:
            click.echo(_difference(name, old[name], new[name]) if shows else name, nl=not shows)
        verb = "would change" if check else "changed"
        click.echo(f"{len(changed)} of {len(old)} files {verb}", err=True)
    return CHANGES if check and changed else 0


def _difference(name: str, old: str, new: str) -> str:
    before, after = (text.splitlines(keepends=True) for text in (old, new))
    return "".join(difflib.unified_diff(before, after, name, name))


def _replace(path: Path, text: str) -> None:
    """Write the whole file or nothing of it; a link stays a link."""
    real = path.resolve()
    beside = real.with_name(f".{real.name}.riskgate")
    beside.write_bytes(text.encode("utf-8"))
    beside.chmod(real.stat().st_mode & 0o7777)
    beside.replace(real)
