"""The command line: finds the commands, runs one, and turns whatever happens into an exit code.

Rule 1: a command's module is imported when that command is called, never to list it.
Rule 2: nobody sees a traceback, unless RISKGATE_DEBUG asks for it.
Rule 3: this is the outermost shell: the only place that may catch everything.
"""

from __future__ import annotations

import errno
import os
import re
import sys
import traceback
import warnings
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Final, TextIO, cast

import click

from riskgate.errors import BROKEN, EXIT_CODES, INTERRUPTED, INVALID, RiskgateError
from riskgate.version import VERSION

HERE: Final = Path(__file__).parent
NO_COMMANDS: Final = frozenset(
    {
        "__init__",
        "accepted",
        "app",
        "drawing",
        "ending",
        "filters",
        "listing",
        "measuring",
        "options",
        "output",
        "replaying",
    }
)
PROGRAM: Final = "riskgate"
COMPLETION: Final = "_RISKGATE_COMPLETE"
PIPE_CLOSED: Final = 141  # 128 + SIGPIPE
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})  # no room for what is written
QUOTED: Final = re.compile(r"'([^']*)'")
SENTENCE: Final = re.compile(r"(?:\. |\()[A-Z]")
NO_WORDS: Final = getattr(click.exceptions, "NoArgsIsHelpError", ())  # click 8.2 on


class Commands(click.Group):
    """The files of this folder as commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """The names, sorted; no module is imported for it."""
        names = {path.stem for path in HERE.glob("*.py")} - NO_COMMANDS
        return sorted(name.replace("_", "-") for name in names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = import_module(f"riskgate.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant. Raise UsageError with the nearest name if there is none."""
        if not args[0].startswith("-") and args[0] not in self.list_commands(ctx):
            from riskgate.policy.suggest import closest, shown  # noqa: PLC0415  # only on a slip

            hint = closest(args[0], self.list_commands(ctx))
            meant = f"; did you mean `{hint}`?" if hint else ""
            ctx.fail(f"no such command `{shown(args[0])}`{meant}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `riskgate --help`."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary(name)) for name in self.list_commands(ctx)])

    def shell_complete(
        self, ctx: click.Context, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        """Names for the shell; as fast as the list."""
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        items = [click.shell_completion.CompletionItem(name, help=summary(name)) for name in names]
        return items + click.Command.shell_complete(self, ctx, incomplete)


def summary(name: str) -> str:
    """A command in one line: the first line of its file, read and not imported."""
    with (HERE / f"{name.replace('-', '_')}.py").open(encoding="utf-8") as file:
        return file.readline().strip().strip('"').rstrip(".")


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=f"Exit codes: {'; '.join(f'{code} {text}' for code, text in EXIT_CODES.items())}.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _, asked: _versions(context) if asked else None,
    help="Say the version, Python's and the client library's.",
)
def riskgate() -> None:
    """A declarative pre-trade risk gate for Interactive Brokers."""


def _versions(context: click.Context) -> None:
    """What a report of a fault has to say first."""
    from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415  # seldom asked

    beside = [f"Python {'.'.join(map(str, sys.version_info[:3]))}"]
    for library in ("ib_insync", "ib_async"):
        with suppress(PackageNotFoundError):
            beside.append(f"{library} {version(library)}")
    click.echo(f"{PROGRAM} {VERSION} ({', '.join(beside)})")
    context.exit()


def run(arguments: Sequence[str]) -> int:
    """Run one command line. Return its exit code; whatever goes wrong is one line on stderr."""
    _opened()
    try:
        code = _called(list(arguments) or ["--help"])
        sys.stdout.flush()
    except (click.exceptions.Exit, click.ClickException, click.Abort) as ended:
        return _ended(ended)
    except KeyboardInterrupt:
        # What was made and not begun when it came is told of by the interpreter; nobody asked.
        warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
        return _say("interrupted", INTERRUPTED)
    except OSError as error:
        return _unwritten(error)
    except RiskgateError as error:
        return _refused(error)
    except Exception as error:  # noqa: BLE001  # the outermost shell
        return _internal(error)
    return code if isinstance(code, int) else 0


def _called(words: list[str]) -> object:
    """What the command returns. click's own `main` would hide that a pipe was closed."""
    if COMPLETION in os.environ:
        riskgate.main(words, prog_name=PROGRAM, complete_var=COMPLETION)
    with riskgate.make_context(PROGRAM, words) as context:
        return riskgate.invoke(context)


def _ended(ended: click.exceptions.Exit | click.ClickException | click.Abort) -> int:
    """What click itself ends a command with: it is done, or the command line is wrong."""
    if isinstance(ended, click.exceptions.Exit):
        return ended.exit_code
    if isinstance(ended, click.Abort):
        return _say("interrupted", INTERRUPTED)
    context = getattr(ended, "ctx", None)
    path = context.command_path if context else PROGRAM
    what = _wrong(ended, context)
    return _say(f"error: {what[:1].lower()}{what[1:]}; `{path} --help` says more", INVALID)


def _wrong(ended: click.ClickException, context: click.Context | None) -> str:
    """What is wrong with a command line, as `where: what`, with what was typed in backticks."""
    if context and isinstance(ended, NO_WORDS):  # click's own words are the whole help
        return f"say which of {', '.join(cast('click.Group', context.command).commands)}"
    if type(ended) is click.BadParameter and ended.param and context:
        where = QUOTED.sub(r"`\1`", ended.param.get_error_hint(context))
        return f"{where}: {ended.message}"
    said = " ".join(ended.format_message().rstrip(".").split())
    return said if "`" in said else SENTENCE.sub(_clause, QUOTED.sub(r"`\1`", said))


def _clause(begun: re.Match[str]) -> str:
    """A sentence of click's as a part of ours: `. Did` is `; did`."""
    return begun[0].replace(".", ";").lower()


def _refused(error: RiskgateError) -> int:
    """What is broken, with every problem that the error knows of."""
    for problem in getattr(error, "problems", ()):
        _note(str(problem))
    if os.environ.get("RISKGATE_DEBUG"):
        traceback.print_exception(error)
    return _say(f"error: {error}", error.exit_code)


def _internal(error: Exception) -> int:
    """Something nobody foresaw."""
    if os.environ.get("RISKGATE_DEBUG"):
        traceback.print_exception(error)
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    hint = "set RISKGATE_DEBUG=1 to see where, and please report it"
    return _say(f"internal error: {what}; nothing was sent; {hint}", BROKEN)


def _say(message: str, code: int) -> int:
    """One line on standard error, whatever the message holds."""
    _note(" ".join(message.split()))
    return code


def _note(line: str) -> None:
    """A line on standard error, if anybody still reads it."""
    try:
        click.echo(line, err=True)
    except BrokenPipeError:
        _discard(sys.stderr)


def _unwritten(error: OSError) -> int:
    """The reader of our output has gone, or there is no room for it; or nobody foresaw it."""
    if error.errno not in FULL and not isinstance(error, BrokenPipeError):
        return _internal(error)
    _discard(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return PIPE_CLOSED
    what = str(error.strerror).lower()
    return _say(f"error: the output cannot be written: {what}; choose another place", INVALID)


def _opened() -> None:
    """Have a standard output and error, also where somebody closed them (`>&-`)."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # to the end
            setattr(sys, name, nowhere)


def _discard(stream: TextIO) -> None:
    """Let what is left in a stream vanish, so that Python does not complain of it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
