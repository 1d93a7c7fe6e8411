"""The setting `routing`: read whole, or refused with every place that is wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from riskgate import config
from riskgate.config import Config
from riskgate.config.routing_settings import routing_of
from riskgate.errors import ConfigError
from riskgate.execution.route import RouteRule, Routing, When
from riskgate.model.order import OrderType

GOOD = """
routing:
  exclude: [EDGX]
  preferences:
    patient: [IEX, SMART]
  rules:
    - name: early
      when: {sessions: [pre, post], sec_types: STK}
      venues: ARCA
    - when: {symbols: [AAPL, BRK B], min_quantity: 1_000, max_quantity: 2500.5, order_types: [LMT]}
      venues: [SMART]
      exclude: [IEX]
"""
READ = Routing(
    exclude=("EDGX",),
    preferences={"patient": ("IEX", "SMART")},
    rules=(
        RouteRule(
            name="early",
            when=When(sessions=("pre", "post"), sec_types=("STK",)),
            venues=("ARCA",),
        ),
        RouteRule(
            when=When(
                symbols=("AAPL", "BRK B"),
                min_quantity=Decimal(1000),
                max_quantity=Decimal("2500.5"),
                order_types=(OrderType.LMT,),
            ),
            venues=("SMART",),
            exclude=("IEX",),
        ),
    ),
)


def loaded(folder: Path, text: str) -> Config:
    path = folder / "riskgate.yaml"
    path.write_text(text, encoding="utf-8")
    return config.load(path)


def test_rules_preferences_and_exclusions_are_read(tmp_path: Path) -> None:
    assert loaded(tmp_path, GOOD).routing == READ


def test_without_the_setting_nothing_is_routed(tmp_path: Path) -> None:
    assert loaded(tmp_path, "mode: paper").routing == Routing()


def test_what_was_read_already_is_taken_as_it_is() -> None:
    assert routing_of(READ) == (READ, [])


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ([], ["`routing` must be a mapping with rules, preferences, exclude"]),
        ({"rule": []}, ["unknown key `rule` (did you mean `rules`?)"]),
        ({"zzz": []}, ["unknown key `zzz`; known are rules, preferences, exclude"]),
        ({"rules": "SMART"}, ["`rules` must be a list of rules"]),
        ({"preferences": ["IEX"]}, ["`preferences` must be a mapping of names to venues"]),
        ({"preferences": {"p": []}}, ["preference `p` names no venue"]),
        ({"rules": [{"name": "x"}]}, ["a rule needs `venues`, `exclude` or both"]),
        ({"rules": [{"name": 5, "venues": ["A"]}]}, ["`name` must be a word"]),
        ({"rules": [{"venues": ["A"], "wen": {}}]}, ["unknown key `wen` (did you mean `when`?)"]),
        ({"exclude": ["arca"]}, ["venue `arca` is written `ARCA`"]),
        (
            {"exclude": ["A B"]},
            ["venue `A B` must be an exchange as the broker names it, such as SMART or ARCA"],
        ),
        (
            {"exclude": [True]},
            ["`exclude` must be a list of names; quote what reads as a number"],
        ),
        (
            {"rules": [{"venues": ["A"], "when": {"sessions": ["regluar"]}}]},
            ["unknown `regluar` (did you mean `regular`?)"],
        ),
        (
            {"rules": [{"venues": ["A"], "when": {"order_types": ["LMTT"]}}]},
            ["unknown `LMTT` (did you mean `LMT`?)"],
        ),
        (
            {"rules": [{"venues": ["A"], "when": {"min_quantity": "many"}}]},
            ["`min_quantity` must be a quantity such as 1000"],
        ),
        (
            {"rules": [{"venues": ["A"], "when": {"min_quantity": True}}]},
            ["`min_quantity` must be a quantity such as 1000"],
        ),
        (
            {"rules": [{"venues": ["A"], "when": {"min_quantity": 2, "max_quantity": 1}}]},
            ["`min_quantity` is above `max_quantity`"],
        ),
        (
            {"preferences": {"a": ["A"]}, "rules": [{"name": "a", "venues": ["A"]}]},
            ["`a` names two routes"],
        ),
        (
            {"exclude": ["B"], "rules": [{"venues": ["A", "B"]}]},
            ["venue `B` is also excluded"],
        ),
        ({"rules": ["SMART"]}, ["`rule` must be a mapping with name, when, venues, exclude"]),
    ],
)
def test_what_is_wrong_is_said(value: object, says: list[str]) -> None:
    _, faults = routing_of(value)
    assert [fault.text for fault in faults] == says


def test_every_fault_is_said_with_its_place(tmp_path: Path) -> None:
    text = GOOD.replace("[pre, post]", "[pre, pots]").replace("venues: ARCA", "venus: ARCA")
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    told = str(caught.value)
    assert "riskgate.yaml:8:24: unknown `pots` (did you mean `post`?)" in told
    assert "a rule needs" not in told
    assert "riskgate.yaml:9:7: unknown key `venus` (did you mean `venues`?)" in told


def test_settings_can_be_made_in_python_too() -> None:
    assert Config(routing=READ).routing.names == ("patient", "early")
