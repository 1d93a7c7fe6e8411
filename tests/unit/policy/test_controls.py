"""The inventory: every limit once, what is armed, what it maps to, and what is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from fnmatch import fnmatchcase

import pytest

from riskgate.policy.cases import Case, Given
from riskgate.policy.catalog import kinds
from riskgate.policy.compiler import compile_policies
from riskgate.policy.controls import CONTROLS, Inventory, covering, inventory, naming
from riskgate.policy.source import parse

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
POLICY = """
riskgate: 1
policy: desk
owner: risk@firm.example
timezone: UTC
currency: USD
applies_to: {account: DU1}
rules:
  - id: size
    kind: fat_finger
    match: {symbol: AAPL}
    max_quantity: 1_000
    max_notional: 50000.5
    because: A clip.
    controls: [RTS6-15]
  - {id: twice, kind: duplicate, window: 90s, on_breach: warn, because: Clicks.}
  - {id: long, kind: position, max_long: 5, per: [account, symbol], mode: shadow, because: A try.}
  - {id: names, kind: restricted, symbols: [GME], mode: off, because: Paused.}
waivers:
  - rule: size
    match: {strategy: rebalance}
    set: {max_quantity: 2000}
    until: 2026-03-03T00:00:00+00:00
    approved_by: m.ruiz
    because: Rebalance.
"""


def found(*cases: Case, now: datetime = NOW) -> Inventory:
    document, problems = parse(POLICY, "desk.yaml")
    assert document is not None, problems
    policies, wrong = compile_policies([document], lambda _: None)
    assert policies is not None, wrong
    return inventory(policies, cases, now)


def case(name: str, **step: object) -> Case:
    return Case(name=name, given=Given(), steps=(step,), path="desk.test.yaml", line=7)


def test_every_limit_is_listed_with_who_what_how_much_and_why() -> None:
    row = found(case("too large", submit="x", by=["desk/size"])).armed[1]
    assert (row.rule, row.kind, row.limit) == ("desk/size", "fat_finger", "max_notional")
    assert (row.value, row.unit) == ("50000.5", "USD")
    assert row.scope == "account: DU1; symbol: AAPL"
    assert (row.on_breach, row.mode) == ("deny", "enforce")
    assert (row.because, row.references) == ("A clip.", ("RTS6-15",))
    assert row.maps_to == (
        "15c3-5(c)(1)(ii)",
        "RTS 6 Art. 15(1)(b)",
        "FIA: maximum order size",
    )
    assert (row.owner, row.where) == ("risk@firm.example", "desk.yaml:9")
    assert row.tested_by == ("desk.test.yaml:7 too large",)


def test_what_is_no_limit_stands_beside_the_limit_it_shapes() -> None:
    (row,) = (row for row in found().armed if row.kind == "duplicate")
    assert (row.limit, row.value, row.conditions) == ("max", "1", "window 90s")


def test_shadow_and_off_are_listed_as_not_armed() -> None:
    rows = {row.rule: row for row in found().not_armed}
    assert {name: row.mode for name, row in rows.items()} == {
        "desk/long": "shadow",
        "desk/names": "off",
    }
    assert rows["desk/long"].per == "account, symbol"
    assert rows["desk/names"].value == "GME"


def test_a_waiver_is_shown_while_it_is_in_force() -> None:
    first, second, *_ = found().armed
    assert first.waivers == ("2000 for strategy: rebalance until 2026-03-03T00:00:00+00:00",)
    assert second.waivers == ()
    assert found(now=datetime(2026, 3, 3, tzinfo=UTC)).armed[0].waivers == ()


def test_what_no_armed_limit_covers_is_told() -> None:
    missing = {control.name for control in found().not_covered}
    assert "maximum order size" not in missing
    assert "maximum position" in missing  # its only limit is in shadow mode
    assert "restricted list" in missing  # off
    assert "duplicative orders" in missing  # only warns
    assert "order validation" not in missing
    assert {c.name for c in found().always_on} >= {"order validation", "kill switch"}


def test_cases_are_found_by_the_rules_they_name() -> None:
    first = case("a", submit="x", by=["p/r", "q/s"])
    named = naming([first, case("b", submit="x", shadow=["p/r"])])
    assert named == {
        "p/r": ("desk.test.yaml:7 a", "desk.test.yaml:7 b"),
        "q/s": ("desk.test.yaml:7 a",),
    }


@pytest.mark.parametrize("kind", list(kinds()))
def test_every_limit_of_every_kind_maps_to_a_control(kind: str) -> None:
    unmapped = [name for name in kinds()[kind].limits() if not covering(kind, name)]
    assert not unmapped, f"{kind}: CONTROLS in riskgate/policy/controls.py names them nowhere"


@pytest.mark.parametrize("glob", [glob for control in CONTROLS for glob in control.met_by])
def test_the_table_names_only_limits_that_exist(glob: str) -> None:
    limits = (f"{name}.{limit}" for name, kind in kinds().items() for limit in kind.limits())
    assert any(fnmatchcase(limit, glob) for limit in limits)


def test_a_control_maps_to_something_and_says_complies_nowhere() -> None:
    for control in CONTROLS:
        assert control.references or control.met_by or control.always
        assert "compl" not in f"{control}".lower()
    assert len({control.name for control in CONTROLS}) == len(CONTROLS)
