"""Where rows go: to a terminal, a pipe or a file, in whichever format was asked for.

Rule 1: a file is there whole or not at all, and the journal is never written over.
Rule 2: colour, rules and progress are for terminals; what is piped is plain.
Rule 3: rows stream, unless they are a table for people.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from riskgate.cli.accepted import AnyPath, Word
from riskgate.errors import ConfigError
from riskgate.reporters import formats, reporter
from riskgate.reporters.columns import Sheet
from riskgate.reporters.lines import WIDTH

FORMATS: Final = formats("records")
SUFFIXES: Final = {
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".txt": "text",
}
STANDARD: Final = frozenset({"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"})
STEP: Final = 500  # rows between two looks at the clock of a progress bar
Rows = Iterable[Mapping[str, Any]]


class Output(NamedTuple):
    """How rows are written, and where to; None is standard output."""

    format: str
    file: Path | None

    @property
    def for_people(self) -> bool:
        """Whether it is a table to be looked at, and not for a program."""
        return self.format == "text"

    def send(self, found: Rows, sheet: Sheet) -> None:
        """Write the rows. Raise ConfigError if the file cannot be written."""
        if self.for_people:
            self.deliver(reporter("text").records(found, sheet, width=width(), color=self.color))
        else:
            self.deliver(reporter(self.format).records(found, sheet))

    def deliver(self, parts: Iterable[str | bytes]) -> None:
        """Write the parts of one text, or of one file for programs."""
        if self.file is not None:
            from riskgate.journal.exporting import write  # noqa: PLC0415  # only for files

            write(parts, self.file)
            return
        for part in parts:
            click.echo(part, nl=False)

    @property
    def color(self) -> bool:
        """Whether a table may be coloured."""
        return self.file is None and on_terminal()


def on_terminal() -> bool:
    """Whether somebody looks at standard output."""
    return sys.stdout.isatty()


def width() -> int:
    """How many columns there are: $COLUMNS, else those of the terminal, else 80."""
    return shutil.get_terminal_size((WIDTH, 24)).columns


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--format` and `-o FILE`, together as `output`."""

    def with_output(*, format_: str | None, output: Path | None, **given: Any) -> Any:  # noqa: ANN401  # click
        return command(output=_chosen(format_, output), **given)

    with_output.__doc__ = command.__doc__
    with_output.__dict__.update(command.__dict__)
    chosen = click.option(
        "--format",
        "format_",
        type=Word(FORMATS),
        help="How it is written. [default: as FILE ends, else text]",
    )(with_output)
    return click.option(
        "-o",
        "--output",
        type=AnyPath(),
        metavar="FILE",
        help="A file, written whole or not at all; `-` is standard output.",
    )(chosen)


def _chosen(format_: str | None, file: Path | None) -> Output:
    """What was meant.

    Raise UsageError for bytes on a terminal, and for an ending that names no format.
    """
    file = placed(file)
    if format_ is None:
        format_ = "text" if file is None else by_ending(file, {**SUFFIXES, "": "text"})
    if format_ == "parquet" and file is None and on_terminal():
        raise click.UsageError("Parquet is no text; name a file with -o FILE")
    return Output(format_, file)


def placed(file: Path | None) -> Path | None:
    """Where output goes; None is standard output, by whichever name."""
    return None if file is None or str(file) in STANDARD else file


def by_ending(file: Path, known: Mapping[str, str]) -> str:
    """The format that a file's name ends in. Raise UsageError for one that nobody knows."""
    ending = file.suffix.lower()
    if ending not in known:
        named = ", ".join(filter(None, known))
        raise click.UsageError(f"`{ending}` names no format; say --format, or end it in {named}")
    return known[ending]


def not_the_journal(output: Output, journal: str) -> None:
    """Raise ConfigError if the journal would be written over."""
    from riskgate.journal.address import path_of  # noqa: PLC0415  # only where a journal is read

    file = output.file
    if file is None:
        return
    path = path_of(journal).resolve()
    if file.resolve() in {path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))}:
        raise ConfigError(f"`{file}` is the journal itself; choose another path")


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[Iterable[Any]], Any]]:
    """Count on a terminal what goes by; anywhere else it only goes by."""
    if not sys.stderr.isatty():
        yield iter
        return
    from rich.console import Console  # noqa: PLC0415  # only on a terminal
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    shown = (TextColumn(what), BarColumn(), MofNCompleteColumn())
    with Progress(*shown, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)

        def counted(found: Iterable[Any]) -> Iterator[Any]:
            for done, one in enumerate(found, 1):
                yield one
                if done % STEP == 0:
                    bar.update(task, completed=done)

        yield counted
