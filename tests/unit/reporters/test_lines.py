"""Text in lines: where each begins and ends."""

from __future__ import annotations

from riskgate.reporters.lines import WIDTH, wrapped

TEXT = "one two three four five"


def test_the_first_line_is_indented_and_the_rest_hang() -> None:
    assert wrapped(TEXT, 1, width=12) == [" one two", "   three", "   four five"]
    assert wrapped(TEXT, hang=0, width=12) == ["one two", "three four", "five"]


def test_a_word_that_is_too_long_is_left_whole() -> None:
    path = "desk-of-the-firm/" * 6
    assert wrapped(f"at {path}", 2) == ["  at", f"    {path}"]
    assert len(path) > WIDTH


def test_no_text_is_no_line() -> None:
    assert wrapped("") == []
