"""What options take: what is wrong is said in our words, whichever command it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import click
import pytest

from riskgate.cli import app
from riskgate.cli.accepted import AnyPath, File, Folder, Number, Whole, Word
from riskgate.policy.suggest import shown

OURS: Final = (AnyPath, Number, Whole, Word)
PLAIN: Final = tuple(map(type, (click.STRING, click.BOOL, click.UNPROCESSED)))


def commands(of: click.Command, name: str = "riskgate") -> Iterator[tuple[str, click.Command]]:
    """Every command, also those inside others."""
    yield name, of
    if isinstance(of, click.Group):
        for one in of.list_commands(click.Context(of)):
            found = of.get_command(click.Context(of), one)
            assert found is not None
            yield from commands(found, f"{name} {one}")


def test_no_option_of_any_command_speaks_in_the_words_of_the_command_library() -> None:
    seen = 0
    for name, command in commands(app.riskgate):
        for param in command.params:
            each = param.type.types if isinstance(param.type, click.Tuple) else (param.type,)
            for type_ in each:
                seen += 1
                ours = isinstance(type_, OURS) or type(type_) in PLAIN
                assert ours, f"{name} {param.opts}: {type_!r}; take one of riskgate.cli.accepted"
    assert seen > 100


@pytest.mark.parametrize(
    ("type_", "given", "told"),
    [
        (Whole(0), "abc", "`abc` is no whole number from 0 on; write one such as 10"),
        (Whole(1, 9), "10", "`10` is no whole number from 1 to 9; write one such as 1"),
        (Whole(max=9), "10", "`10` is no whole number up to 9; write one such as 9"),
        (Whole(), "1.5", "`1.5` is no whole number; write one such as 10"),
        (Number(0.1), "nan", "`nan` is no number from 0.1 on; write one such as 0.1"),
        (Number(), "inf", "`inf` is no number; write one such as 10"),
        (Number(0.1), "x\ny", "`x\\ny` is no number from 0.1 on; write one such as 0.1"),
        (Word(["text", "json"]), "jsno", "`jsno` is none of text, json; did you mean `json`?"),
        (Word(["text", "json"]), "pdf", "`pdf` is none of text, json"),
        (File(), "/", "`/` is no file; name another"),
        (Folder(), __file__, f"`{shown(__file__)}` is no folder; name another"),
    ],
)
def test_what_is_wrong_names_what_was_given_and_what_is_taken(
    type_: Whole | Number | Word | AnyPath, given: str, told: str
) -> None:
    with pytest.raises(click.BadParameter) as refused:
        type_.convert(given, None, None)
    assert refused.value.message == told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["limits", "--over", "abc"], "`--over`: `abc` is no whole number from 0 on"),
        (["orders", "--format", "cvs"], "`--format`: `cvs` is none of text, csv, json"),
        (["watch", "--once", "--interval", "nan"], "`--interval`: `nan` is no number from 0.1 on"),
        (["audit", "verify", "--expect", "x", "y"], "`--expect`: `x` is no whole number"),
        (["resolve", "first"], "`ID`: `first` is no whole number from 1 on"),
    ],
)
def test_a_command_says_where_what_and_what_next_in_one_line(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(words) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: {told}")
    assert said.count("\n") == 1
    assert "--help` says more" in said
