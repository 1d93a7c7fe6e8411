"""The strict reader of YAML: values, places, and every message it can give."""

from __future__ import annotations

from decimal import Decimal

import pytest
import yaml

from riskgate.policy import source
from riskgate.policy.source import CODES, Document, Mark, Problem, parse

PARSERS = (yaml.CBaseLoader, yaml.BaseLoader)

GOOD = """\
# yaml-language-server: $schema=../schemas/policy.schema.json
riskgate: 1
policy: us-equities
description: Limits of the US equity desk, "as agreed".
applies_to: {account: [DU1234567, 'DU*'], sec_type: STK}
timezone: America/New_York
day_starts: "00:00"
groups:
  mega-caps: [AAPL, MSFT, NVDA]
rules:
  - id: single-name-position
    kind: position
    match: {symbol: "@mega-caps"}
    max_long: 10_000
    max_short: -0.5
    enabled: true
    because: >
      Desk mandate 2026-02,
      RISK-118.
  - id: double-click
    kind: duplicate
    window: 5s
    because: Größe zählt.
"""


@pytest.fixture(params=PARSERS, ids=["c", "pure"])
def _each_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with the C parser and with the pure one, where the C one is missing."""
    monkeypatch.setattr(source, "_PARSER", request.param)


each_parser = pytest.mark.usefixtures("_each_parser")


def good(text: str | bytes) -> Document:
    """The document of a text that must have no problems."""
    document, problems = parse(text, "p.yaml")
    assert problems == ()
    assert document is not None
    return document


def messages(text: str | bytes) -> list[str]:
    """The problems of a text, without the path."""
    _, problems = parse(text, "p.yaml")
    return [str(problem).removeprefix("p.yaml:") for problem in problems]


@each_parser
def test_a_policy_becomes_plain_values() -> None:
    assert good(GOOD).value == {
        "riskgate": Decimal(1),
        "policy": "us-equities",
        "description": 'Limits of the US equity desk, "as agreed".',
        "applies_to": {"account": ["DU1234567", "DU*"], "sec_type": "STK"},
        "timezone": "America/New_York",
        "day_starts": "00:00",
        "groups": {"mega-caps": ["AAPL", "MSFT", "NVDA"]},
        "rules": [
            {
                "id": "single-name-position",
                "kind": "position",
                "match": {"symbol": "@mega-caps"},
                "max_long": Decimal(10000),
                "max_short": Decimal("-0.5"),
                "enabled": True,
                "because": "Desk mandate 2026-02, RISK-118.\n",
            },
            {
                "id": "double-click",
                "kind": "duplicate",
                "window": "5s",
                "because": "Größe zählt.",
            },
        ],
    }


@each_parser
@pytest.mark.parametrize(
    ("location", "mark", "key_mark"),
    [
        ((), (2, 1), (2, 1)),
        (("policy",), (3, 9), (3, 1)),
        (("applies_to", "account"), (5, 23), (5, 14)),
        (("applies_to", "account", 1), (5, 35), (5, 35)),
        (("rules",), (11, 3), (10, 1)),
        (("rules", 1), (20, 5), (20, 5)),
        (("rules", 0, "max_long"), (14, 15), (14, 5)),
        (("rules", 1, "because"), (23, 14), (23, 5)),
    ],
)
def test_every_value_and_key_has_its_place(
    location: tuple[str | int, ...], mark: tuple[int, int], key_mark: tuple[int, int]
) -> None:
    document = good(GOOD)
    assert document.mark(location) == Mark(*mark)
    assert document.key_mark(location) == Mark(*key_mark)


def test_a_place_that_does_not_exist_is_that_of_the_nearest_one_around_it() -> None:
    document = good(GOOD)
    assert document.mark(("rules", 1, "owner")) == Mark(20, 5)
    assert document.key_mark(("rules", 7)) == Mark(10, 1)
    assert document.mark(("policy", "deeper", 3)) == Mark(3, 9)


@each_parser
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("true", True),
        ("false", False),
        ("", None),
        ("~", None),
        ("null", None),
        ("10", Decimal(10)),
        ("0", Decimal(0)),
        ("-5", Decimal(-5)),
        ("+5", Decimal(5)),
        ("10_000", Decimal(10000)),
        ("1_000_000.25", Decimal("1000000.25")),
        ("0.10", Decimal("0.10")),
        ('"10"', "10"),
        ("'true'", "true"),
        ('""', ""),
    ],
)
def test_a_scalar_means(written: str, meant: bool | Decimal | str | None) -> None:  # noqa: FBT001
    value = good(f"a: {written}\n").value
    assert isinstance(value, dict)
    assert value["a"] == meant
    assert type(value["a"]) is type(meant)


@each_parser
@pytest.mark.parametrize(
    "text",
    [
        *("NO", "ON", "yes", "no", "off", "True", "FALSE", "Null", "NULL", "y", "N"),
        *("09:30", "16:00", "190:20", "1_0:30", "2026-03-02", "2026-03-02T10:00:00-05:00"),
        *("0700", "023135106", "00", "-05", "1e6", "1.5E3", ".nan", ".inf", "-.inf", "0x10"),
        *("0o7", "0b1", ".5", "5.", "1__0", "_1", "1_", "0.000_1", "1.2.3", "5%", "10,000"),
        *("+", "-x", "١٢", "=", "1 2", "9" * 29),
    ],
)
def test_everything_else_stays_text(text: str) -> None:
    assert good(f"a: {text}\n").value == {"a": text}


def test_decimals_keep_the_digits_that_were_written() -> None:
    assert str(good("a: 1_000.50").value) == "{'a': Decimal('1000.50')}"


@each_parser
def test_a_document_tells_which_scalars_were_quoted() -> None:
    document = good("a: '1'\nb: [\"x\", y]\nc: |\n  1\nd: 1\n")
    quoted = [("a",), ("b", 0), ("c",)]
    plain: list[tuple[str | int, ...]] = [("b",), ("b", 1), ("d",), ()]
    assert [document.quoted(location) for location in quoted] == [True, True, True]
    assert [document.quoted(location) for location in plain] == [False] * 4


@each_parser
def test_a_key_may_be_quoted_repeated_elsewhere_and_look_like_a_word_of_older_yaml() -> None:
    text = 'ON: {x: 1}\nNO: {x: 2}\n"1": a\n"true": b\n"<<": c\n"": d\n09:30: e\n'
    assert good(text).value == {
        "ON": {"x": Decimal(1)},
        "NO": {"x": Decimal(2)},
        "1": "a",
        "true": "b",
        "<<": "c",
        "": "d",
        "09:30": "e",
    }


@each_parser
@pytest.mark.parametrize(
    "text", ["\ufeffa: b\n", "---\na: b\n", "a: b\n...\n", "a: b\r\n", "a: b\r"]
)
def test_a_byte_order_mark_document_marks_and_any_line_end_are_fine(text: str) -> None:
    assert good(text).value == {"a": "b"}
    assert good(text.encode()).value == {"a": "b"}


def test_a_problem_prints_as_one_line_and_sorts_by_place() -> None:
    late = Problem("b.yaml", 3, 1, "RG002", "duplicate key `x`")
    warning = Problem("b.yaml", 2, 9, "RG300", "rule is off", "warning")
    early = Problem("a.yaml", 9, 9, "RG104", "z")
    assert sorted([late, warning, early]) == [early, warning, late]
    assert str(late) == "b.yaml:3:1: error RG002 duplicate key `x`"
    assert str(warning) == "b.yaml:2:9: warning RG300 rule is off"


MARKED = "if it is text, put it in quotes, else"
HIDDEN = "cannot be seen; remove it or type a plain blank"
EMPTY = "the file has no content; start it with a `key: value` line"
NO_MAPPING = "the file must be a mapping of `key: value` lines; found"
NO_KEY = "cannot be a key; a key is one word, or quoted text"
NAME = "if it is a name, write it as"


@each_parser
@pytest.mark.parametrize(
    ("text", "place", "code", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", "3:1", "RG002", "duplicate key `a`, first on line 1; keep one"),
        ('a: 1\n"a": 3\n', "2:1", "RG002", "duplicate key `a`, first on line 1; keep one"),
        ("a: &x 1\n", "1:4", "RG003", f"`&x` reads as an anchor; {MARKED} remove it"),
        ("a: &x [1]\n", "1:4", "RG003", f"`&x` reads as an anchor; {MARKED} remove it"),
        ("a: [*PL, b]\n", "1:5", "RG004", f"`*PL` reads as an alias; {MARKED} write it out"),
        ("*x : 1\n", "1:1", "RG004", f"`*x` reads as an alias; {MARKED} write it out"),
        ("<<: {b: 1}\n", "1:1", "RG005", "a merge key (`<<`); write the keys out"),
        ("a: !!str 5\n", "1:4", "RG006", f"`!!str` reads as a tag; {MARKED} remove it"),
        ("a: !AAPL\n", "1:4", "RG006", f"`!AAPL` reads as a tag; {MARKED} remove it"),
        ("a: !x {b: 1}\n", "1:4", "RG006", f"`!x` reads as a tag; {MARKED} remove it"),
        (
            *("a: 1\n---\nb: 2\n", "2:1", "RG007"),
            "a second document starts here; keep one document in one file",
        ),
        ("a: " + "[" * 40, "1:35", "RG009", "nested more than 32 levels deep; flatten it"),
        (
            *(b"a: b\nc: \xffd\n", "2:4", "RG010"),
            "byte 0xff is not UTF-8; save the file as UTF-8 text",
        ),
        (
            *("a: \udcff\n", "1:4", "RG010"),
            "byte 0xed is not UTF-8; save the file as UTF-8 text",
        ),
        ("a: b\nc: \0d\n", "2:4", "RG011", f"U+0000 (control character) {HIDDEN}"),
        ("a:\u00a0b\n", "1:3", "RG011", f"U+00A0 (no-break space) {HIDDEN}"),
        (
            *('a: "AAPL\\u202e"\n', "1:4", "RG011"),
            "the text holds U+202E (right-to-left override); remove that escape",
        ),
        ("", "1:1", "RG012", EMPTY),
        ("# x\n", "1:1", "RG012", EMPTY),
        ("---\n", "1:1", "RG012", EMPTY),
        ("# x\n- 1\n", "2:1", "RG013", f"{NO_MAPPING} a list"),
        ("hello\n", "1:1", "RG013", f"{NO_MAPPING} `hello`"),
        ("? [a]\n: b\n", "1:3", "RG014", f"a list {NO_KEY}"),
        ("a: {{b}}\n", "1:5", "RG014", f"a mapping {NO_KEY}"),
        ("7203: x\n", "1:1", "RG015", f'key `7203` reads as a number; {NAME} "7203"'),
        ("true: x\n", "1:1", "RG015", f'key `true` reads as a boolean; {NAME} "true"'),
        ("null: x\n", "1:1", "RG015", f'key `null` reads as nothing; {NAME} "null"'),
        ("? \n: x\n", "1:2", "RG015", "the key before this `:` is missing"),
        ("%YAML 1.1\n---\na: 1\n", "1:1", "RG016", "a directive (`%`); remove the line"),
        ("%YAML 3.1\n---\na: 1\n", "1:1", "RG016", "a directive (`%`); remove the line"),
    ],
)
def test_what_no_policy_may_hold_is_named(
    text: str | bytes, place: str, code: str, words: str
) -> None:
    assert messages(text) == [f"{place}: error {code} {words}"]


@each_parser
def test_all_problems_are_reported_in_one_pass() -> None:
    text = """\
a: 1
a: 2
b: {c: 1, c: 2, <<: {d: 1}, 1: 2}
e: &x [*x, !t y]
? {f: 1, f: 2}
: {g: 1, g: 2}
a: [
"""
    found = [message.split(" ")[0] + message.split(" ")[2] for message in messages(text)]
    assert found == [
        "2:1:RG002",
        "3:11:RG002",
        "3:17:RG005",
        "3:29:RG015",
        "4:4:RG003",
        "4:8:RG004",
        "4:12:RG006",
        "5:3:RG014",
        "5:10:RG002",
        "6:10:RG002",
        "7:1:RG002",
        "8:1:RG001",
    ]


@each_parser
def test_a_document_with_refused_parts_still_serves_to_find_more_problems() -> None:
    document, problems = parse("a: 1\na: 2\n<<: 3\n[b]: 4\n*c : 5\n5: x\nd: *e\n", "p")
    assert document is not None
    assert document.value == {"a": Decimal(1), "5": "x", "d": None}
    assert document.mark(("a",)) == Mark(1, 4)
    assert len(problems) == 6


@each_parser
def test_a_key_that_was_fine_in_quotes_is_still_refused_without() -> None:
    text = '- {"1": a, "<<": b}\n- {1: a}\n- {<<: b}\n'
    _, problems = parse(text, "p", mapping=False)
    assert [(problem.line, problem.code) for problem in problems] == [(2, "RG015"), (3, "RG005")]


@pytest.mark.parametrize(
    ("text", "value"), [("[1]\n", [Decimal(1)]), ("word", "word"), ("false", False)]
)
def test_the_top_level_may_be_anything_where_no_mapping_is_asked(text: str, value: object) -> None:
    document, problems = parse(text, "p", mapping=False)
    assert problems == ()
    assert document is not None
    assert document.value == value


def test_thirty_two_levels_are_fine_and_one_more_is_not() -> None:
    assert messages("a: " + "[" * 31 + "]" * 31) == []
    assert parse("a: " + "[" * 32 + "]" * 32, "p")[0] is None


def test_a_file_of_one_mebibyte_is_fine_and_one_byte_more_is_not() -> None:
    text = "a: " + "ä" * ((1_048_576 - 4) // 2) + "\n"
    assert len(text.encode()) == 1_048_576
    assert messages(text) == []
    expected = (
        "1:1: error RG008 the file has 1,048,577 bytes, the most is 1,048,576 (1 MiB); split it"
    )
    assert messages(text + "\n") == [expected]
    assert messages(text.encode() + b"\n") == [expected]


def test_a_binary_file_does_not_fill_the_screen() -> None:
    assert len(messages(b"\0\n" * 1000)) == 20


def test_long_and_unprintable_words_of_the_user_are_cut_and_escaped_in_messages() -> None:
    word = "x" * 500
    (message,) = messages(f"{word}: 1\n{word}: 2\n")
    assert len(message) < 150
    (message,) = messages('"a\\nb": 1\n"a\\nb": 2\n')
    assert message == "2:1: error RG002 duplicate key `a\\nb`, first on line 1; keep one"


def test_a_text_may_have_several_lines_but_no_hidden_character_on_any() -> None:
    assert good('a: "b\\tc\\nd"\n').value == {"a": "b\tc\nd"}
    assert [m.split(" ")[2] for m in messages('a: "b\\e\\nd\\0"\n')] == ["RG011", "RG011"]


@each_parser
def test_an_escape_out_of_range_is_told_on_its_line() -> None:
    (message,) = messages('a: 1\nb: "\\UFFFFFFFF"\n')
    assert message.startswith("2:")
    assert "error RG001" in message
    assert "escape" in message


def test_every_code_that_is_used_is_in_the_table_and_numbered_without_gaps() -> None:
    assert list(CODES) == [f"RG{number:03}" for number in range(1, len(CODES) + 1)]
