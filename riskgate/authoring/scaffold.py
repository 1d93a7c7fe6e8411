"""What a new desk begins with: settings, a first policy with its tests, and what runs them.

Rule 1: nothing that exists is ever overwritten; what was left alone is told.
Rule 2: the templates are files of their own, so what is written can be read and tested as it is.
"""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

from riskgate.errors import ConfigError
from riskgate.policy.catalog import kinds
from riskgate.policy.schema import policy_schema, test_schema
from riskgate.policy.shape import KEBAB

NAME: Final = "@NAME@"
TEMPLATES: Final[Mapping[str, str]] = {
    "riskgate.yaml": "riskgate.yaml",
    "state.yaml": "state.yaml",
    f"policies/{NAME}.yaml": "policy.yaml",
    f"policies/{NAME}.test.yaml": "policy.test.yaml",
    ".pre-commit-config.yaml": "pre-commit-config.yaml",
    ".github/workflows/riskgate.yml": "workflow.yml",
}
"""Where each template goes."""
SETTINGS: Final = "settings.schema.json"
RULES: Final = Path("riskgate/rules")
RULE_TESTS: Final = Path("tests/unit/rules")
SNAKE: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class Scaffold(NamedTuple):
    """What was written, and what was there already."""

    written: tuple[Path, ...]
    existing: tuple[Path, ...]


def contents(name: str) -> Mapping[str, str]:
    """Every file of a scaffold by its path, for a policy of that name."""
    folder = files("riskgate") / "templates"
    texts = {
        place.replace(NAME, name): (folder / template)
        .read_text(encoding="utf-8")
        .replace(NAME, name)
        for place, template in TEMPLATES.items()
    }
    schemas = {"policy.schema.json": policy_schema(), "policy-test.schema.json": test_schema()}
    shipped = files("riskgate") / "shipped" / "schemas" / SETTINGS  # it is of adapters too
    return (
        texts
        | {f"schemas/{file}": json.dumps(made, indent=2) + "\n" for file, made in schemas.items()}
        | {f"schemas/{SETTINGS}": shipped.read_text(encoding="utf-8")}
    )


def scaffold(folder: Path, name: str) -> Scaffold:
    """Write what is missing into a folder. Raise ConfigError if the name or the folder is none."""
    if not re.fullmatch(KEBAB.strip("^$"), name):
        raise ConfigError(f"policy name `{name}` is not kebab-case; write one such as us-equities")
    done: dict[bool, list[Path]] = {True: [], False: []}
    for place, text in contents(name).items():
        path = folder / place
        try:
            done[_write_new(path, text)].append(path)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise ConfigError(f"cannot write `{path}`: {why}") from None
    return Scaffold(tuple(done[True]), tuple(done[False]))


def class_name(kind: str) -> str:
    """The class of a kind: `max_spread` is `MaxSpread`."""
    return kind.title().replace("_", "")


def rule_files(folder: Path, kind: str) -> Mapping[Path, str]:
    """The file of a new rule kind and that of its test, in a checkout of riskgate or anywhere else.

    Raise ConfigError if the name is no name of a kind, or there is such a kind.
    """
    if not SNAKE.fullmatch(kind) or keyword.iskeyword(kind):
        raise ConfigError(f"kind `{kind}` is not snake_case; write one such as max_spread")
    if kind in kinds():
        raise ConfigError(f"there is a kind `{kind}`; `riskgate rules {kind}` shows it")
    ours = (folder / RULES).is_dir()
    names = {"@KIND@": kind, "@CLASS@": class_name(kind)}
    return {
        folder / (RULES if ours else "") / f"{kind}.py": _filled("rule.py.txt", names),
        folder / (RULE_TESTS if ours else "") / f"test_{kind}.py": _filled(
            "rule_test.py.txt" if ours else "own_rule_test.py.txt", names
        ),
    }


def scaffold_rule(folder: Path, kind: str) -> tuple[Path, ...]:
    """Write a new rule kind and its test. Raise ConfigError if either is there, or cannot be."""
    made = rule_files(folder, kind)
    for path in made:
        if path.exists():
            raise ConfigError(f"`{path}` exists; it is left as it is")
    for path, text in made.items():
        try:
            _write_new(path, text)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise ConfigError(f"cannot write `{path}`: {why}") from None
    return tuple(made)


def _filled(template: str, names: Mapping[str, str]) -> str:
    text = (files("riskgate") / "templates" / template).read_text(encoding="utf-8")
    for mark, name in names.items():
        text = text.replace(mark, name)
    return text


def _write_new(path: Path, text: str) -> bool:
    """Write a file that does not exist. Return whether it was written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True
