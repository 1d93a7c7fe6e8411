"""Hints: the grammar of numbers, near misses of numbers and words, YAML that cannot be read."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
import yaml

from riskgate.policy import source
from riskgate.policy.suggest import closest, in_plain_words, number, shown, why_not_a_number

LIST = "1:4: the list that `[` opens here lacks a `,` or its `]`"
MAPPING = "1:4: the mapping that `{` opens here lacks a `,` or its `}`"
NO_KEY = "no key can stand here; line it up with its neighbours, and end the key above with `:`"
NO_ITEM = "this line does not continue the list above; its items start with `- `"
NO_ENTRY = "this line does not continue the mapping above; its keys start"
MORE = "more text follows a value that has ended; quote it all, or close a quote above"
BACKSLASH = "a backslash in double quotes starts an escape; write two, or use single quotes"
AS_TEXT = "if it is text, put it in quotes"

WORDS = ("id", "per", "kind", "window", "max_long", "max_short", "max_long_notional", "because")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("10", "10"),
        ("+10", "10"),
        ("-10", "-10"),
        ("1_0", "10"),
        ("10_000.50", "10000.50"),
        ("0.000", "0.000"),
        ("-" + "9" * 28, "-" + "9" * 28),
    ],
)
def test_plain_digits_with_sign_point_and_separators_are_a_number(text: str, value: str) -> None:
    assert str(number(text)) == value
    assert why_not_a_number(text) is None


def test_digits_of_other_scripts_and_line_breaks_are_no_number() -> None:
    assert number("\u0661") is None
    assert number("10\n") is None
    assert number("") is None


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("1e6", "`1e6` is no plain number; write 1_000_000"),
        ("-1.5E-3", "`-1.5E-3` is no plain number; write -0.0015"),
        ("0x10", "`0x10` is no plain number; write 16"),
        ("0o17", "`0o17` is no plain number; write 15"),
        ("0b11", "`0b11` is no plain number; write 3"),
        (".5", "`.5` is no plain number; write 0.5"),
        ("5.", "`5.` is no plain number; write 5"),
        ("1__0", "`1__0` is no plain number; write 10"),
        ("_1", "`_1` is no plain number; write 1"),
        ("1_", "`1_` is no plain number; write 1"),
        ("0.000_1", "`0.000_1` is no plain number; write 0.0001"),
        ("0700", "`0700` is no plain number; write 700"),
        ("1 000 000", "`1 000 000` is no plain number; write 1_000_000"),
        ("5%", "`5%` is no plain number; write 5"),
        ("2.5 %", "`2.5 %` is no plain number; write 2.5"),
        ("10,000", "`10,000` has a comma; write thousands as 10_000 and decimals as 0.5"),
        (
            "190:20",
            "`190:20` has a colon, as a time has; write plain digits such as 1_000 or 0.5",
        ),
        (
            ".nan",
            "`.nan` is no number to compare with; write plain digits such as 1_000 or 0.5",
        ),
        (
            "-.inf",
            "`-.inf` is no number to compare with; write plain digits such as 1_000 or 0.5",
        ),
        ("100USD", "`100USD` is no plain number; write plain digits such as 1_000 or 0.5"),
        ("1e99", "`1e99` is no plain number; write plain digits such as 1_000 or 0.5"),
        ("9" * 29, f"`{'9' * 29}` has more than 28 digits; round it"),
        ("9" * 99, f"`{'9' * 61}...` has more than 28 digits; round it"),
    ],
)
def test_a_near_miss_of_a_number_says_what_to_write(text: str, advice: str) -> None:
    assert number(text) is None
    assert why_not_a_number(text) == advice


@pytest.mark.parametrize("text", ["", "abc", "+-5", "-", "x1", "1a" * 40])
def test_no_advice_is_given_where_none_helps(text: str) -> None:
    assert why_not_a_number(text) is None


def test_a_number_in_quotes_is_text_and_says_so() -> None:
    assert why_not_a_number("10", quoted=True) == '`"10"` is quoted text; write 10 without quotes'
    assert why_not_a_number("1e6", quoted=True) == "`1e6` is no plain number; write 1_000_000"


@pytest.mark.parametrize("advised", ["1e6", "0x10", ".5", "1__0", "0700", "1 000 000", "5%", "-05"])
def test_the_advised_spelling_is_a_number(advised: str) -> None:
    advice = why_not_a_number(advised)
    assert advice is not None
    assert isinstance(number(advice.rsplit(" ", 1)[1]), Decimal)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("max_lnog", "max_long"),
        ("max_lon", "max_long"),
        ("maxlong", "max_long"),
        ("max-long", "max_long"),
        ("MAX_LONG", "max_long"),
        ("max long", "max_long"),
        ("max_shirt", "max_short"),
        ("max_long_notionel", "max_long_notional"),
        ("pre", "per"),
        ("knid", "kind"),
        ("windows", "window"),
        ("becuase", "because"),
    ],
)
def test_a_misspelt_word_finds_its_neighbour(word: str, meant: str) -> None:
    assert closest(word, WORDS) == meant
    assert closest(word, reversed(WORDS)) == meant


@pytest.mark.parametrize("word", ["", "x", "di", "symbol", "limit", "xyz", "max", "a" * 65])
def test_a_word_far_from_all_finds_nothing(word: str) -> None:
    assert closest(word, WORDS) is None


def test_a_word_never_finds_itself_and_ties_go_by_the_alphabet() -> None:
    assert closest("kind", ["kind"]) is None
    assert closest("bind", ["kind", "find"]) == closest("bind", ["find", "kind"]) == "find"


def test_nearer_beats_earlier() -> None:
    assert closest("max_longs", ["max_lon", "max_long"]) == "max_long"


def test_a_hostile_word_costs_nothing() -> None:
    before = time.process_time()
    assert closest("a" * 1_000_000, ["a" * 1_000_000]) is None
    assert closest("a", ["b" * 1_000_000]) is None
    assert why_not_a_number("1" + "_" * 1_000_000) is None
    assert time.process_time() - before < 5


def test_text_is_shown_cut_and_printable() -> None:
    assert shown("AAPL é") == "AAPL é"
    assert shown("a\nb\x1b") == "a\\nb\\x1b"
    assert shown("x" * 65) == "x" * 61 + "..."


@pytest.fixture(params=[yaml.CBaseLoader, yaml.BaseLoader], ids=["c", "pure"])
def _each_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_PARSER", request.param)


each_parser = pytest.mark.usefixtures("_each_parser")


def complaint(text: str) -> str:
    """The only problem of a text, without its path."""
    _, (problem,) = source.parse(text, "p.yaml")
    return str(problem).removeprefix("p.yaml:").replace(" error RG001", "")


@each_parser
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n\tb: 1\n", "2:1: a tab indents this line; indent with spaces"),
        ("a: 1\n\tb: 2\n", "2:1: a tab indents this line; indent with spaces"),
        ("a: |\n\tx\n", "2:1: a tab indents this line; indent with spaces"),
        ("a: 'x\nb: 1\n", "1:4: the quote `'` that opens here is never closed"),
        ('a: "x\n---\n', '1:4: the quote `"` that opens here is never closed'),
        ("a: [1, 2\nb: 3\n", f"{LIST} at line 2, column 2"),
        ("a: [1\n", f"{LIST} when the file ends"),
        ("a: {x: 1]\n", f"{MAPPING} at line 1, column 9"),
        ("a: {x: 1,\n", "2:1: the file ends inside a list or mapping; close it with `]` or `}`"),
        ("a: @x\n", "1:4: no text without quotes starts with `@`; write it in quotes"),
        ("a: @\tb\n", "1:4: no text without quotes starts with `@`; write it in quotes"),
        ("a: ? x\n", "1:4: no text without quotes starts with `? `; write it in quotes"),
        ("because: Desk: x\n", "1:14: a second `: ` in this line; put the text with it in quotes"),
        ("- id: a\n   max: 1\n", f"2:7: {NO_KEY}"),
        ("max 1\nper: 2\n", f"2:4: {NO_KEY}"),
        ("a: - b\n", "1:4: a list item cannot start here; give `-` a line of its own"),
        ("a: b\nword\n", "2:1: this line is no `key: value`; the `:` is missing"),
        (" a: 1\nb: 2\n", "2:1: this line fits nothing above it; line it up with the first line"),
        ("a: [1]]\n", "1:7: `]` closes nothing; remove it"),
        (": x\n", "1:1: the key before this `:` is missing"),
        ("r:\n  - id: a\n    kind: b\n   max: 1\n", f"4:4: {NO_ITEM} in column 3"),
        ("a:\n  - b\n c: 1\n", f"3:2: {NO_ENTRY} in column 1"),
        ("a: 1\n- b\n", f"2:1: {NO_ENTRY} in column 1"),
        ("a: 'x' y\n", f"1:8: {MORE}"),
        ('a: "x: 1\nb: "y"\n', f"2:5: {MORE}"),
        ("a: |1 x\n", "1:7: after `|` or `>` the text starts on the next line, indented"),
        ("a: ,\n", "1:4: a value was expected before `,`"),
        ('a: "\\xzz"\n', f"1:7: {BACKSLASH}"),
        ("a: *\n", f"1:4: error RG004 `*` reads as an alias; {AS_TEXT}"),
        ("a: &\n", f"1:4: error RG003 `&` reads as an anchor; {AS_TEXT}"),
        ("a: !<\n", f"1:4: error RG006 `!<` reads as a tag; {AS_TEXT}"),
        ("a: !b!c d\n", f"1:4: error RG006 `!b!c` reads as a tag; {AS_TEXT}"),
    ],
)
def test_text_that_is_no_yaml_is_explained(text: str, expected: str) -> None:
    assert complaint(text) == expected


def test_a_file_without_a_last_line_break_ends_on_its_last_line() -> None:
    assert complaint("a: [b,\n  [").startswith("2:4: the file ends inside")


def test_the_pure_parser_wants_blanks_where_the_c_one_takes_a_tab(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source, "_PARSER", yaml.BaseLoader)
    assert complaint("a:\tb\n") == "1:3: a tab cannot separate words here; use blanks"


def test_a_complaint_nobody_foresaw_is_passed_on() -> None:
    at = yaml.Mark("", 2, 0, 2, None, 0)
    assert in_plain_words("odd: {} things", at, at, "a: b") == (
        "RG001",
        1,
        3,
        "this cannot be read: odd: {} things",
    )
