"""The checked-in schemas: current, valid, and of one mind with what `validate` says.

The files are judged here as an editor judges them: by the published schema, on the values that
YAML 1.2 gives. Nothing of riskgate's own reader or validators takes part.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from riskgate.policy import schema
from riskgate.policy.catalog import kinds
from riskgate.policy.source import parse

ROOT = Path(__file__).parents[2]
PUBLISHED = {
    "policy.schema.json": schema.policy_schema,
    "policy-test.schema.json": schema.test_schema,
}
POLICY = """
riskgate: 1
policy: us-equities
description: Limits of the US equity desk.
owner: risk@firm.example
applies_to: {account: [DU1234567], sec_type: STK}
timezone: America/New_York
day_starts: "00:00"
currency: USD
groups: {mega-caps: [AAPL, MSFT, NVDA], all: "@mega-caps"}
rules:
  - id: single-name-position
    kind: position
    match: {symbol: "@mega-caps"}
    per: [account, symbol]
    max_long: 10_000
    max_short: 0
    on_breach: deny
    mode: off
    because: Desk mandate 2026-02, RISK-118.
    controls: [RTS6-15, 15c3-5-c1i]
  - {id: double-click, kind: duplicate, window: 5s, because: Two clicks are one order.}
  - {id: open, kind: market_hours, calendar: XNYS, closed: ["23:44-23:47"], because: venue}
waivers:
  - rule: single-name-position
    match: {symbol: AAPL, strategy: index-rebalance}
    set: {max_long: 15000}
    until: 2026-12-18T16:00:00-05:00
    approved_by: m.ruiz
    because: Index rebalance, RISK-131.
"""
TESTS = """
policies: [us-equities.yaml]
given:
  now: 2026-03-02T10:00:00-05:00
  mode: paper
  account: {id: DU1, currency: USD, net_liquidation: 1_000_000, day_pnl: -5}
  instruments:
    ES: {sec_type: FUT, multiplier: 50, min_tick: 0.25, expiry: 2026-06-19, exchange: CME}
    "AAPL.OPT expiry=2026-06-19 strike=200 right=C": {right: C}
  unknown: [XYZ]
  prices:
    AAPL: 189.99 x 190.01
    ES: {bid: 5000.00, ask: 5000.25, last: 5000.25, close: 4990.00, age: 1s, type: live}
    XYZ: {}
  positions: {AAPL: 500, ES: -2}
  working: [SELL 100 AAPL LMT 195.00 DAY]
  today: {AAPL: {quantity: 1000, notional: 190_000, orders: 4}}
  state: ACTIVE
  connected: true
cases:
  - name: a slipped zero
    positions: {}
    order: {side: BUY, quantity: 10000, symbol: AAPL, order_type: LMT, limit_price: 190}
    expect: deny
    by: [us-equities/single-name-position]
  - name: one after the other
    given: {positions: {}}
    steps:
      - {submit: BUY 100 AAPL LMT 190.00 DAY, expect: allow}
      - advance: 200ms
      - {submit: BUY 1 AAPL MKT, repeat: 3, expect: {allow: 2, deny: 1, first: deny at 3}}
      - broker: {order: "#1", status: Submitted}
      - fill: {order: "#1", quantity: 60, price: 190.00}
      - cancel: "#1"
      - price: {AAPL: 150.00 x 150.02}
      - {modify: {order: "#1", quantity: 200}, expect: deny, by: [NOT_MODIFIABLE]}
      - halt: {by: ops, reason: drill}
      - {resume: all, by: ops, reason: drill}
      - assert: {position: {AAPL: 560}, working: 1, reserved_buy: {AAPL: 0}}
  - name: a bracket is judged as its entry
    bracket: {entry: BUY 100 AAPL LMT 190 DAY, take_profit: 195, stop_loss: 185}
    expect: allow
  - name: one bad line denies the basket
    basket: [BUY 100 AAPL LMT 190 DAY, BUY 100000 AAPL LMT 190.01 DAY]
    expect: deny
"""
GOLDEN = [  # those that are YAML as we read it; an editor has its own words for the others
    path
    for path in sorted((ROOT / "tests" / "golden").glob("bad_*.yaml"))
    if parse(path.read_bytes(), path.name)[1] == ()
]
SHIPPED = sorted((ROOT / "policies").rglob("*.yaml"))


def published(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((ROOT / "schemas" / name).read_text(encoding="utf-8"))
    return content


def as_editors_read(text: str) -> object:
    """The JSON values of a text under YAML 1.2's core schema."""
    return value_of(yaml.compose(text, Loader=yaml.BaseLoader))


def value_of(node: yaml.Node | None) -> object:
    if isinstance(node, yaml.MappingNode):
        return {key.value: value_of(item) for key, item in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [value_of(item) for item in node.value]
    if isinstance(node, yaml.ScalarNode):
        return str(node.value) if node.style else plain(str(node.value))
    return None


def plain(text: str) -> object:
    words = {"true": True, "false": False, "null": None, "~": None, "": None}
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    return words.get(text, text)


def schema_for(path: Path) -> str:
    return "policy-test.schema.json" if ".test." in path.name else "policy.schema.json"


def accepts(name: str, text: str) -> bool:
    return next(faults(name, text), None) is None


def faults(name: str, text: str) -> Iterator[str]:
    judge: Any = Draft202012Validator(published(name))
    return (error.message for error in judge.iter_errors(as_editors_read(text)))


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_checked_in_schema_is_current(name: str) -> None:
    assert published(name) == PUBLISHED[name](), f"run `riskgate schema` and write schemas/{name}"


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_schema_is_valid_draft_2020_12(name: str) -> None:
    Draft202012Validator.check_schema(published(name))
    assert published(name)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_state_schema_is_valid_draft_2020_12() -> None:
    Draft202012Validator.check_schema(schema.state_schema())


@pytest.mark.parametrize(
    ("name", "text"), [("policy.schema.json", POLICY), ("policy-test.schema.json", TESTS)]
)
def test_the_languages_own_examples_are_accepted_by_both(name: str, text: str) -> None:
    judge = schema.problems if text is POLICY else schema.test_problems
    document, found = parse(text, name)
    assert document is not None
    assert found + judge(document) == ()
    assert list(faults(name, text)) == []


def test_every_shipped_policy_is_accepted() -> None:
    wrong = [path.name for path in SHIPPED if not accepts(schema_for(path), path.read_text())]
    assert wrong == []


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_editors_and_validate_agree_on_what_is_wrong(path: Path) -> None:
    document, _ = parse(path.read_bytes(), path.name)
    assert document is not None
    judge = schema.test_problems if ".test." in path.name else schema.problems
    ours = judge(document) == ()
    assert accepts(schema_for(path), path.read_text(encoding="utf-8")) == ours


@pytest.mark.parametrize("name", list(kinds()))
def test_every_kind_has_its_branch_with_help_for_every_key(name: str) -> None:
    branch = published("policy.schema.json")["$defs"][name]
    assert branch["title"].startswith(("Deny", "Hold", "Stop", "Warn"))
    assert [key for key, item in branch["properties"].items() if not item.get("description")] == []
    assert branch["additionalProperties"] is False
    assert ("per" in branch["properties"]) is kinds()[name].has_budget
