"""The grammar of a rule kind's docstring: docs/rule-docstrings.md, line by line."""

from __future__ import annotations

import pytest

from riskgate.errors import PolicyError
from riskgate.policy import schema
from riskgate.policy.docstring import Block, cases_of, policy_of, read_docstring
from riskgate.policy.source import parse

WHOLE = """Deny what is too large.

Why
    Because.

    And because
    of that.
Measures
    The size.
Passes with `max_long: 600, per: [account, symbol]`
    given positions: {AAPL: 500},
      strategy: meanrev
    given adv: {AAPL: 5}
    after BUY 50 AAPL LMT 190 DAY
    after fill: {order: "#1", quantity: 50, price: 190}
    BUY 50 AAPL LMT 190 DAY
    modify: {order: "#1", quantity: 60}
Breaches
    BUY 601 AAPL LMT 190 DAY
Source
    Nowhere."""


def wrong(old: str, new: str) -> str:
    """What is said of the docstring with one thing changed."""
    assert old in WHOLE
    with pytest.raises(PolicyError) as raised:
        read_docstring(WHOLE.replace(old, new, 1), "rules.size")
    return str(raised.value)


def test_an_empty_line_in_an_example_says_nothing() -> None:
    spaced = WHOLE.replace("    BUY 601", "\n    BUY 601").replace("    modify", "\n    modify")
    assert read_docstring(spaced, "rules.size") == read_docstring(WHOLE, "rules.size")


def test_the_parts_of_a_docstring_are_found() -> None:
    found = read_docstring(WHOLE, "rules.size")
    assert found.title == "Deny what is too large."
    assert found.why == ("Because.", "And because of that.")
    assert (found.measures, found.source) == (("The size.",), ("Nowhere.",))
    assert found.blocks == (
        Block(
            passes=True,
            config="max_long: 600, per: [account, symbol]",
            given=("positions: {AAPL: 500}, strategy: meanrev", "adv: {AAPL: 5}"),
            after=("BUY 50 AAPL LMT 190 DAY", 'fill: {order: "#1", quantity: 50, price: 190}'),
            asked=("BUY 50 AAPL LMT 190 DAY", 'modify: {order: "#1", quantity: 60}'),
        ),
        Block(
            passes=False,
            config="max_long: 600, per: [account, symbol]",
            given=(),
            after=(),
            asked=("BUY 601 AAPL LMT 190 DAY",),
        ),
    )


def test_an_example_becomes_a_policy_and_a_test_that_the_schemas_accept() -> None:
    for block in read_docstring(WHOLE, "rules.size").blocks:
        policy, problems = parse(policy_of("position", block), "example.yaml")
        assert policy is not None, problems
        assert schema.problems(policy) == ()
        tests, problems = parse(cases_of("position", block), "example.test.yaml")
        assert tests is not None, problems
        assert schema.test_problems(tests) == ()
        value = tests.value
        assert isinstance(value, dict)
        assert isinstance(value["cases"], list)
        assert len(value["cases"]) == len(block.asked)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Deny what", "Denies what", "line 1: begin with Deny, Hold, Stop, Warn"),
        ("large.\n", "large\n", "line 1: begin with"),
        ("large.\n\n", "large.\nmore\n\n", "line 2: leave a blank line below the first"),
        ("Why\n", "Reason\n", "line 3: `Reason` is no section"),
        ("    Because.\n", "  Because.\n", "line 4: indent what stands in a section by"),
        ("Measures\n    The size.\n", "", "the sections are Why, Measures"),
        ("Source\n", "Measures\n", "the sections are Why, Measures"),
        ("    The size.\n", "", "line 8: nothing stands below `Measures`"),
        ("\n    Nowhere.", "", "nothing stands below `Source`"),
        ("Passes with `max_long: 600, per: [account, symbol]`", "Passes", "write `Passes with`"),
        ("Passes with `max_long: 600,", "Passes with `max_long 600,", "lacks an order, or a value"),
        ("Passes with", "Breaches with", "an example under `Passes with` is missing"),
        ("Breaches\n", "Passes\n", "an example under `Breaches with` is missing"),
        ("given adv", "given advs", "line 13: unknown key `advs`; did you mean `adv`?"),
        ("given adv", "given positions", "`positions` is given twice"),
        ("after fill", "after fil", "unknown key `fil`; did you mean `fill`?"),
        ("given adv: {AAPL: 5}", "given adv: {AAPL: 5", "cannot be read as `key: value"),
        ("    given adv: {AAPL: 5}\n", "    given\n", "`` lacks an order, or a value"),
        ("modify: {", "given adv: {", "first what is `given`, then `after`"),
        ("    BUY 601 AAPL", "    after BUY 601 AAPL", "no order stands below `Breaches`"),
        ("BUY 601", "601", "`601 AAPL LMT 190 DAY` lacks an order"),
    ],
)
def test_what_is_not_in_the_grammar_is_refused_with_its_line(old: str, new: str, said: str) -> None:
    message = wrong(old, new)
    assert message.startswith("docstring of rules.size, line ")
    assert said in message


def test_a_file_without_a_docstring_is_refused() -> None:
    with pytest.raises(PolicyError, match="line 1: begin with Deny"):
        read_docstring("", "rules.size")
