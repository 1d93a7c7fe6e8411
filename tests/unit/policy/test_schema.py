"""What the schema says of files, beyond the messages in tests/golden."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from decimal import Decimal

import pytest

from riskgate.policy import schema, shape
from riskgate.policy.source import Document, Location, parse
from riskgate.policy.wording import Complaint, Fault, complaints
from riskgate.rulekit.base import Parameter, Rule
from riskgate.rulekit.parameters import Duration, Flag, Words, percent

HEAD = "riskgate: 1\npolicy: desk\ncurrency: USD\ntimezone: UTC\n"


def document(text: str) -> Document:
    found, problems = parse(text, "desk.yaml")
    assert problems == ()
    assert found is not None
    return found


def said(text: str) -> list[str]:
    return [f"{item.line}:{item.column} {item.text}" for item in schema.problems(document(text))]


def test_a_good_policy_has_no_problems() -> None:
    text = HEAD + "rules:\n  - {id: a, kind: position, max_long: 10_000, because: mandate}\n"
    assert said(text) == []


def test_all_problems_are_reported_at_once_sorted_by_place() -> None:
    text = "riskgate: 3\nrules:\n  - {id: A, kind: position, max_lng: 1, because: ''}\n"
    lines = said(text)
    assert [line.partition(" ")[0] for line in lines] == ["1:1"] * 3 + ["1:11", "3:10", "3:29"] + [
        "3:50"
    ]


def test_a_misspelt_key_is_not_also_reported_as_missing() -> None:
    text = HEAD + "rules:\n  - {id: a, kind: position, max_long: 1, becuase: mandate}\n"
    assert said(text) == ["6:42 unknown key `becuase` (did you mean `because`?)"]


def test_a_misspelt_limit_is_not_also_reported_as_no_limit() -> None:
    text = HEAD + "rules:\n  - {id: a, kind: position, max_lng: 1, because: mandate}\n"
    assert said(text) == ["6:29 unknown key `max_lng` (did you mean `max_long`?)"]


def test_a_key_that_is_there_is_never_suggested() -> None:
    text = HEAD + "rules:\n  - {id: a, kind: position, max_long: 1, max_lng: 1, because: mandate}\n"
    (line,) = said(text)
    assert "`max_long`?" not in line


def test_the_values_of_a_waiver_are_judged_by_the_kind_of_its_rule() -> None:
    rules = HEAD + "rules:\n  - {id: a, kind: market_hours, calendar: IB, because: mandate}\n"
    waiver = (
        "waivers:\n  - {rule: a, match: {symbol: A}, set: {not_within: {after_opn: 1m}},\n"
        "     until: 2026-01-01T00:00Z, approved_by: me, because: test}\n"
    )
    assert said(rules + waiver) == ["8:54 unknown key `after_opn` (did you mean `after_open`?)"]


def test_a_waiver_without_a_rule_or_limits_is_judged_as_far_as_it_goes() -> None:
    rules = HEAD + "rules:\n  - {id: a, kind: nothing, because: mandate}\n"
    waivers = "waivers:\n  - {rule: a, set: {x: 1}}\n  - {rule: b, set: 5}\n  - text\n"
    lines = said(rules + waivers)
    assert "9:20 `set` must be a mapping of `key: value` lines; found `5`" in lines
    assert any("each item of `waivers`" in line for line in lines)


def test_a_number_of_our_reader_is_a_number_and_a_boolean_is_none() -> None:
    text = HEAD + "rules:\n  - {id: a, kind: position, max_long: true, because: mandate}\n"
    assert said(text) == ["6:39 `max_long` must be a number; found `true`"]


def test_a_file_that_is_no_mapping_says_so_even_where_the_reader_let_it_pass() -> None:
    top, _ = parse("[1]", "x.yaml", mapping=False)
    assert top is not None
    (problem,) = schema.state_problems(top)
    assert problem.text == "the file must be a mapping of `key: value` lines; found a list"


def test_a_state_file_is_judged_like_given() -> None:
    assert schema.state_problems(document("state: ACTIVE\nprices: {AAPL: 1 x 2}\n")) == ()
    (problem,) = schema.state_problems(document("stat: ACTIVE\n"))
    assert problem.text == "unknown key `stat` (did you mean `state`?)"


def test_importing_the_schema_does_not_import_jsonschema() -> None:
    code = "import sys, riskgate.policy.schema; print('jsonschema' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout == "False\n"


def test_a_pattern_that_a_third_party_brings_is_shown_as_it_is() -> None:
    fault = Fault("pattern", "^x+$", "y", {"type": "string", "pattern": "^x+$"}, ("word",))
    (complaint,) = complaints([fault], (), document("word: y\n"))
    assert complaint.text == "`word` must be text that matches ^x+$; found `y`"


class Odd(Rule):
    """A kind that nobody ships."""

    kind = "odd"
    pause = Parameter(Duration(), "A pause.", default=timedelta(seconds=1))
    share = Parameter(percent(), "A share.", default=Decimal("2.5"))
    sure = Parameter(Flag(), "Whether.", default=True)
    symbols = Parameter(Words(), "Some names.")


def test_a_kind_without_limits_needs_none_and_shows_the_defaults_that_json_can_hold() -> None:
    branch = shape.rule_shape(Odd)
    assert "anyOf" not in branch
    assert "default" not in branch["properties"]["pause"]
    assert branch["properties"]["share"]["default"] == pytest.approx(2.5)
    assert branch["properties"]["sure"]["default"] is True
    assert "default" not in branch["properties"]["symbols"]
    assert branch["required"] == ["id", "kind", "because"]


def test_a_kind_whose_limit_stands_by_default_needs_none() -> None:
    branch = schema.policy_schema()["$defs"]["duplicate"]
    assert "anyOf" not in branch
    assert branch["required"] == ["id", "kind", "because", "window"]
    assert branch["properties"]["max"]["default"] == 1
    assert branch["properties"]["same"]["default"][:3] == ["account", "strategy", "symbol"]


def test_the_cost_grows_with_the_number_of_rules_and_not_faster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged: list[object] = []
    real = schema._judged

    def counted(judge: schema.Judge, value: object, at: Location, of: Document) -> list[Complaint]:
        judged.append(value)
        return real(judge, value, at, of)

    monkeypatch.setattr(schema, "_judged", counted)
    rule = "  - {{id: r{0}, kind: position, max_long: 1, because: mandate}}\n"
    assert said(HEAD + "rules:\n" + "".join(rule.format(place) for place in range(50))) == []
    assert len(judged) == 51
