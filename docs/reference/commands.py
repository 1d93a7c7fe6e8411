"""The page of all commands, made from the commands themselves: see `docs.reference.write`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from docs.reference.text import escaped, table
from riskgate.cli.app import riskgate

OPENING = (
    "For whoever types `riskgate`: every command with its arguments and options. This page is made"
    " from the commands by `python -m docs.reference.write`; `riskgate NAME --help` says the same."
)
HEADS = ("name", "takes", "default", "meaning")
DEFAULT = re.compile(r"\s*\[default: (.*)\]$")


def page() -> str:
    """The page as Markdown."""
    found = list(commands())
    rows = ((_link(context), escaped(_summary(context))) for context in found)
    contents = table(("command", "what it does"), rows)
    parts = ["# Commands", OPENING, "\n".join(contents), *map(_section, found)]
    return "\n\n".join(parts) + "\n"


def commands() -> Iterator[click.Context]:
    """Every command and subcommand, `riskgate` itself first, as a context."""
    # With its own settings, `-h` among them: click keeps the help option that is asked for first.
    return _below(click.Context(riskgate, info_name="riskgate", **riskgate.context_settings))


def code(text: str) -> str:
    """A text as code in a cell of a table."""
    return f"`{text}`" if text else ""


def _below(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command is not None:
                yield from _below(click.Context(command, parent=context, info_name=name))


def _section(context: click.Context) -> str:
    command, path = context.command, context.command_path
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    parts = [f"## {path}", escaped(_help(command)), f"```text\n{usage}\n```"]
    if command.params:
        parameters = sorted(command.params, key=lambda one: isinstance(one, click.Option))
        parts.append("\n".join(table(HEADS, map(_parameter, parameters))))
    if command.epilog:
        parts.append(escaped(command.epilog))
    return "\n\n".join(parts)


def _parameter(one: click.Parameter) -> tuple[str, ...]:
    """A row of the table: an option, or an argument, which the text above tells of."""
    if not isinstance(one, click.Option):
        name = one.metavar or (one.name or "").upper()
        return code(name), _takes(one), "required" if one.required else "", "see above"
    said = one.help or ""
    names = ", ".join(code(name) for name in [*one.opts, *one.secondary_opts])
    shown = f"{names} {code(one.metavar or '')}".strip()
    return shown, _takes(one), _default(one, said), escaped(DEFAULT.sub("", said))


def _default(option: click.Option, said: str) -> str:
    """What holds where it is not given, as its text says or as it is set."""
    written = DEFAULT.search(said)
    if option.required or written:
        return written[1] if written else "required"
    plain = isinstance(option.default, str | int | float) and not isinstance(option.default, bool)
    return code(str(option.default)) if plain and not option.is_flag else ""


def _takes(one: click.Parameter) -> str:
    """What may be given, in words."""
    if isinstance(one, click.Option) and one.is_flag:
        return "nothing"
    many = ", several" if one.multiple or one.nargs == -1 else ""
    return _kind(one.type) + many


def _kind(kind: object) -> str:
    if isinstance(kind, click.Choice):
        return ", ".join(code(str(word)) for word in kind.choices)
    if isinstance(kind, click.IntRange | click.FloatRange):
        what = "whole number" if isinstance(kind, click.IntRange) else "number"
        least = "" if kind.min is None else f" from {kind.min}"
        return what + least + ("" if kind.max is None else f" to {kind.max}")
    if isinstance(kind, click.Path):
        return str(getattr(kind, "what", "path"))
    return "words" if isinstance(kind, click.Tuple) else "text"


def _help(command: click.Command) -> str:
    """The help as it is written, without click's marks for the layout."""
    return inspect.cleandoc((command.help or "").split("\f")[0].replace("\b\n", ""))


def _summary(context: click.Context) -> str:
    """The first sentence of the help."""
    opening = " ".join(_help(context.command).split("\n\n")[0].split())
    return re.split(r"(?<=\.)\s", opening)[0]


def _link(context: click.Context) -> str:
    path = context.command_path
    return f"[{path}](#{path.replace(' ', '-')})"
