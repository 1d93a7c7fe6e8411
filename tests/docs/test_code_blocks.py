"""Every block of code in every page: what can be asked of it, whether or not it is typed by a test.

Pages that are typed as they stand have tests of their own (test_readme, test_guides and the like).
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

import click
import jsonschema
import pytest
import yaml

from riskgate.cli import app

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK: Final = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
TYPED: Final = re.compile(r"^(?:\w+=\S+ )*(?:\.venv/bin/)?riskgate +(.*)$", re.MULTILINE)
SETTINGS: Final = json.loads((ROOT / "schemas/settings.schema.json").read_text(encoding="utf-8"))


class Code(NamedTuple):
    """One block, in a language or none, and where it begins."""

    language: str
    text: str
    place: str


def found() -> Iterator[Code]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for one in BLOCK.finditer(text):
            line = text.count("\n", 0, one.start()) + 1
            place = f"{page.relative_to(ROOT)}:{line}"
            yield Code(one[1], textwrap.dedent(one[2]), place)


CODES: Final = list(found())


def of(*languages: str) -> list[Any]:
    """Blocks in these languages; excerpts of what lint finds have tests of their own."""
    kept = (one for one in CODES if not one.place.startswith("docs/lint/"))
    return [pytest.param(one, id=one.place) for one in kept if one.language in languages]


def names(text: str) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", one.name) for one in node.names)
        elif isinstance(node, ast.Import):
            yield from ((one.name, "") for one in node.names)


def unknown(text: str) -> list[str]:
    """What a shell would not be understood in: commands and options that riskgate does not have."""
    wrong = []
    typed = re.findall(r"^\$ (.*)$", text, re.MULTILINE) or [text.replace("\\\n", " ")]
    for line in TYPED.findall("\n".join(typed)):
        words = re.split(r"\s[|>#;&]|;", line)[0].split()
        command: click.Command = app.riskgate
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            with click.Context(command, **app.riskgate.context_settings) as context:
                deeper = command.get_command(context, words[0])
            if deeper is None:
                wrong.append(f"riskgate {line}: no command `{words[0]}`")
                break
            command, words = deeper, words[1:]
        has = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
        said = [word.split("=")[0] for word in words if re.match(r"--?[a-z]", word)]
        wrong += [f"riskgate {line}: no `{one}`" for one in said if one not in {*has, "--help"}]
    return wrong


@pytest.mark.parametrize("code", of("python"))
def test_python_is_python_and_what_it_imports_is_there(code: Code) -> None:
    for module, name in names(code.text):
        if module.split(".")[0] in {"riskgate", "ib_insync"}:
            assert (
                not name
                or hasattr(import_module(module), name)
                or import_module(f"{module}.{name}")
            )


@pytest.mark.parametrize("code", of("yaml"))
def test_yaml_is_a_policy_or_settings_or_at_least_yaml(code: Code, tmp_path: Path) -> None:
    document = yaml.safe_load(code.text)
    if not isinstance(document, dict):
        return
    if "policy" in document:
        (tmp_path / "page.yaml").write_text(code.text, encoding="utf-8")
        assert app.run(["validate", str(tmp_path)]) == 0
    elif set(document) & set(SETTINGS["properties"]):
        jsonschema.validate(json.loads(json.dumps(document)), SETTINGS)


@pytest.mark.parametrize("code", of("bash", "console", "sh"))
def test_commands_and_options_that_are_typed_are_those_that_there_are(code: Code) -> None:
    assert unknown(code.text) == []


def test_a_wrong_command_or_option_is_noticed() -> None:
    assert unknown("$ riskgate valdate policies/") == [
        "riskgate valdate policies/: no command `valdate`"
    ]
    assert unknown("riskgate audit verify --jurnal x | cat") == [
        "riskgate audit verify --jurnal x | cat: no `--jurnal`"
    ]
    assert unknown("riskgate diff HEAD --fail-on loosened && echo --not-ours") == []


def test_there_are_blocks_of_every_sort() -> None:
    assert all(len(of(one)) > 5 for one in ("python", "yaml", "bash", "console"))
