"""The pages under docs/reference are those that the code would make today, and nothing is mute."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType

import click
import pytest

import riskgate
from docs.reference import api, commands, write
from riskgate import orders

PAGES = sorted(path.stem for path in write.pages())
NAMES = [(module, name) for module in (riskgate, orders) for name in module.__all__]
COMMANDS = {context.command_path: context.command for context in commands.commands()}


def behind(folder: Path, stem: str) -> bool:
    """Whether the file in a folder is not what its module makes."""
    made = import_module(f"docs.reference.{stem}").page()
    return bool((folder / f"{stem}.md").read_text(encoding="utf-8") != made)


def test_there_is_a_page_of_everything_that_has_a_name() -> None:
    assert {"api", "codes", "commands", "errors", "settings", "tables"} <= set(PAGES)


@pytest.mark.parametrize("stem", PAGES)
def test_the_page_is_current(stem: str) -> None:
    assert not behind(write.HERE, stem), "run `python -m docs.reference.write`"


@pytest.mark.parametrize("stem", PAGES)
def test_a_page_with_a_changed_line_would_be_noticed(stem: str, tmp_path: Path) -> None:
    lines = import_module(f"docs.reference.{stem}").page().splitlines(keepends=True)
    page = tmp_path / f"{stem}.md"
    page.write_text("".join(lines), encoding="utf-8")
    assert not behind(tmp_path, stem)
    lines[len(lines) // 2] = "something else\n"
    page.write_text("".join(lines), encoding="utf-8")
    assert behind(tmp_path, stem)


@pytest.mark.parametrize("stem", PAGES)
def test_a_page_tells_nothing_of_the_machine_that_made_it(stem: str) -> None:
    text = import_module(f"docs.reference.{stem}").page()
    assert " at 0x" not in text
    assert str(write.HERE.parents[1]) not in text


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_and_every_option_has_help_and_stands_on_the_page(path: str) -> None:
    command, page = COMMANDS[path], commands.page()
    assert (command.help or "").strip()
    section = page.partition(f"\n## {path}\n")[2].partition("\n## ")[0]
    assert section
    for option in command.params:
        if isinstance(option, click.Option):
            meaning = commands.DEFAULT.sub("", option.help or "")
            assert meaning, f"{path} {option.opts[0]} says only its default, or nothing"
            assert all(f"`{name}`" in section for name in option.opts)


@pytest.mark.parametrize(("module", "name"), NAMES, ids=lambda one: getattr(one, "__name__", one))
def test_every_public_name_is_documented_and_stands_on_the_page(
    module: ModuleType, name: str
) -> None:
    assert f"\n### {module.__name__}.{name}\n" in api.page()
    if name != "__version__":
        assert api.documented(getattr(module, name))


def test_every_method_on_the_page_says_what_it_does() -> None:
    methods = [line for line in api.page().splitlines() if line.startswith("- `")]
    assert len(methods) > len(NAMES)
    assert [line for line in methods if not line.partition("`: ")[2].strip()] == []


def test_a_docstring_that_is_only_inherited_is_none() -> None:
    class Mute(riskgate.Gate):
        pass

    assert api.documented(riskgate.Gate)
    assert not api.documented(Mute)
