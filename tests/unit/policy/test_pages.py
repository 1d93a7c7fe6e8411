"""Pages: what they say of a kind comes from its class and its docstring alone."""

from __future__ import annotations

import pytest

from riskgate.policy.catalog import kinds
from riskgate.policy.pages import ParameterLine, entries, in_words, page_of, title_of
from riskgate.rulekit import parameters
from riskgate.rulekit.parameters import Schema


def parameter(kind: str, name: str) -> ParameterLine:
    return next(line for line in page_of(kinds()[kind]).parameters if line.name == name)


def facts(kind: str) -> str:
    return " ".join(page_of(kinds()[kind]).facts)


def test_the_list_has_every_kind_with_the_first_line_of_its_file() -> None:
    assert [entry.kind for entry in entries()] == list(kinds())
    assert all(entry.title == title_of(kinds()[entry.kind]) for entry in entries())
    assert dict(entries())["restricted"] == "Deny what is on the restricted list."


def test_a_limit_says_its_type_unit_and_which_way_is_tighter() -> None:
    assert parameter("position", "max_long") == ParameterLine(
        name="max_long",
        type="number, 0 or more",
        unit="units",
        default=None,
        required=False,
        is_limit=True,
        tighter="lower",
        help="The largest worst-case long position, in units.",
    )
    assert parameter("position", "max_long_notional").unit == "the policy's currency"


def test_a_parameter_that_is_no_limit_says_so_and_what_it_is_by_default() -> None:
    window = parameter("duplicate", "window")
    assert (window.required, window.is_limit, window.tighter) == (True, False, "higher")
    assert parameter("duplicate", "max").default == "1"
    assert parameter("message_rate", "counts").default == "[new, modify]"
    assert parameter("restricted", "derivatives").default == "true"
    assert parameter("daily_volume", "counts").default == "submitted"


def test_the_facts_say_whether_a_kind_has_a_budget_and_whether_reductions_are_exempt() -> None:
    assert "`per` may name account" in facts("position")
    assert "only reduces exposure is never stopped" in facts("position")
    assert "narrow what is summed by account, symbol" in facts("position")
    assert "At least one of max_long, max_short" in facts("position")
    assert "It has no budget, so `per` is an error." in facts("fat_finger")
    assert "is asked like any other" in facts("fat_finger")
    assert "counts the orders and messages" in facts("duplicate")
    assert "At least one of" not in facts("duplicate")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (parameters.quantity().schema(), "number, 0 or more"),
        (parameters.count().schema(), "whole number, 0 or more"),
        (parameters.Duration().schema(), "a duration such as 500ms, 5s, 10m, 1h or 2d"),
        (parameters.Flag().schema(), "true or false"),
        (parameters.Flag(only=False).schema(), "only `false`"),
        (parameters.Choice(("a", "b")).schema(), "one of a, b"),
        (parameters.Words().schema(), "text, or a list of them"),
        (parameters.Words(("x", "y")).schema(), "one of x, y, or a list of them"),
        (parameters.Windows().schema(), 'list, each a window such as "23:44-23:47"'),
        ({"oneOf": [{"type": "boolean"}, {"type": "number"}]}, "true or false, or number"),
        ({"type": "object"}, "mapping"),
        ({"type": "string"}, "text"),
        ({}, "anything"),
    ],
)
def test_a_schema_is_told_in_words(schema: Schema, words: str) -> None:
    assert in_words(schema) == words


def test_a_mapping_is_told_with_its_keys() -> None:
    assert in_words(parameters.Edges().schema()).startswith("mapping of `after_open`: a duration")
