"""docs/algos.md: every plan, strategy, parameter and command that there is, and no other."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import msgspec
import pytest

from riskgate.cli.parents import command
from riskgate.execution import plans
from riskgate.execution.guards import Guards

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "algos.md").read_text(encoding="utf-8")
KINDS = {**plans.algorithms(), **plans.strategies()}


def row(name: str) -> str:
    (found,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |")]
    return found


@pytest.mark.parametrize("name", KINDS)
def test_each_is_on_the_page_with_all_its_parameters(name: str) -> None:
    for field in msgspec.structs.fields(KINDS[name]):
        assert f"`{field.name}" in row(name)


def test_every_guard_is_on_the_page() -> None:
    assert all(f"`{field.name}=" in PAGE for field in msgspec.structs.fields(Guards))


def test_the_plans_on_the_page_are_plans() -> None:
    stated = re.findall(r'"((?:twap|vwap|pov|iceberg|chase|step_to_mid)[ ][^"]+)"', PAGE)
    assert len(stated) == 2
    for line in stated:
        plan = plans.plan_of(line)
        assert plans.planned(plan) if plan.name in plans.algorithms() else plans.strategy(plan)


@pytest.mark.parametrize("name", KINDS)
def test_the_example_in_each_files_docstring_is_a_plan(name: str) -> None:
    words = (import_module(KINDS[name].__module__).__doc__ or "").splitlines()
    example = words[words.index("Stated") + 1].strip()
    plan = plans.plan_of(example)
    assert plan.name == name
    assert plans.planned(plan) if name in plans.algorithms() else plans.strategy(plan)


def test_the_commands_on_the_page_are_the_commands() -> None:
    typed = set(re.findall(r"^\$ riskgate parents (\w+)", PAGE, re.MULTILINE))
    assert typed == set(command.commands)
