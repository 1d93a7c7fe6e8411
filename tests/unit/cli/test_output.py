"""Where rows go: whole files or none, bytes never on a terminal, plain text in a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from riskgate.cli import output
from riskgate.cli.output import Output, not_the_journal, output_options, progress
from riskgate.errors import ConfigError
from riskgate.journal.exporting import write


@click.command()
@output_options
def command(output: Output) -> None:
    click.echo(f"{output.format} {output.file}")


def chosen(*words: str) -> str:
    return CliRunner().invoke(command, words).output.strip()


@pytest.mark.parametrize(
    ("words", "format_"),
    [
        ((), "text None"),
        (("-o", "-"), "text None"),
        (("-o", "a.csv"), "csv a.csv"),
        (("-o", "a.JSON"), "json a.JSON"),
        (("-o", "a.ndjson"), "jsonl a.ndjson"),
        (("-o", "a.parquet"), "parquet a.parquet"),
        (("-o", "a.txt"), "text a.txt"),
        (("-o", "a"), "text a"),
        (("-o", "a.xlsx", "--format", "csv"), "csv a.xlsx"),
        (("-o", "a.csv", "--format", "json"), "json a.csv"),
    ],
)
def test_the_format_is_as_the_file_ends_unless_it_is_stated(
    words: tuple[str, ...], format_: str
) -> None:
    assert chosen(*words) == format_


def test_an_ending_that_names_no_format_is_not_guessed() -> None:
    said = chosen("-o", "orders.xlsx")
    assert "`.xlsx` names no format; say --format, or end it in .csv, .json" in said


def test_bytes_are_not_written_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen("--format", "parquet") == "parquet None"  # a pipe
    monkeypatch.setattr(output, "on_terminal", lambda: True)
    assert "Parquet is no text; name a file with -o FILE" in chosen("--format", "parquet")
    assert chosen("--format", "parquet", "-o", "a") == "parquet a"


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("before")

    def broken() -> Iterator[str]:
        yield "half"
        raise ConfigError("the journal is damaged")

    with pytest.raises(ConfigError, match="damaged"):
        write(broken(), file)
    assert file.read_text() == "before"
    write(["a", b"b"], file)
    assert file.read_text() == "ab"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_link_is_followed_and_what_is_no_file_is_left_as_it_is(tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("before")
    link.symlink_to(real)
    write(["after"], link)
    assert link.is_symlink()
    assert real.read_text() == "after"
    write(["gone"], Path(os.devnull))
    assert not Path(os.devnull).is_file()


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_has_more_names_than_one(name: str) -> None:
    assert chosen("-o", name, "--format", "csv") == "csv None"


def test_a_pipe_that_is_named_as_a_file_is_written_to() -> None:
    read, to = os.pipe()
    write(["a", "b"], Path(f"/dev/fd/{to}"))
    os.close(to)
    with open(read, "rb") as pipe:  # noqa: PTH123  # a descriptor
        assert pipe.read() == b"ab"


def test_a_folder_cannot_be_written_over(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written: is a directory"):
        write(["a"], tmp_path)


@pytest.mark.parametrize("end", ["", "-wal", "-shm"])
def test_the_journal_is_never_written_over(tmp_path: Path, end: str) -> None:
    journal = tmp_path / "j.sqlite"
    link = tmp_path / "link"
    link.symlink_to(f"{journal}{end}")
    for file in (Path(f"{journal}{end}"), link):
        with pytest.raises(ConfigError, match="is the journal itself"):
            not_the_journal(Output("csv", file), f"sqlite:///{journal}")
    not_the_journal(Output("csv", tmp_path / "other"), str(journal))
    not_the_journal(Output("csv", None), str(journal))


def test_in_a_pipe_there_is_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("orders") as counted:
        assert list(counted(range(3))) == [0, 1, 2]
    assert capsys.readouterr() == ("", "")


def test_on_a_terminal_progress_is_shown_beside_the_rows_and_taken_away_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with progress("orders", total=1200) as counted:
        assert sum(counted(range(1200))) == sum(range(1200))
    written = capsys.readouterr()
    assert written.out == ""
    assert "orders" in written.err
    assert written.err.endswith("\x1b[2K")  # the line is erased
