"""docs/explanation/brief.md: what it names is there, and what it says to type is understood."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from riskgate.cli.app import riskgate

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "explanation" / "brief.md").read_text(encoding="utf-8")
PATHS = sorted(set(re.findall(r"`((?:riskgate|tests)/[\w/.]*)`", PAGE)))
TYPED = sorted(set(re.findall(r"`riskgate ([a-z][^`]*)`", PAGE)))
CALLED = sorted(set(re.findall(r"`gate\.([\w.]+)\(", PAGE)))


@pytest.mark.parametrize("path", PATHS)
def test_a_file_that_is_named_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("line", TYPED)
def test_what_is_to_be_typed_is_understood(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "riskgate.yaml").write_text("mode: paper\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    words = ["1" if word == "ORDER" else word for word in shlex.split(line)]
    with click.Context(riskgate) as context:
        found: click.Command | None = riskgate
        while isinstance(found, click.Group):
            found = found.get_command(context, words.pop(0))
        assert found is not None
        found.make_context(line, words, parent=context)


@pytest.mark.parametrize("name", CALLED)
def test_what_is_to_be_called_can_be(name: str) -> None:
    source = "".join(
        (ROOT / "riskgate" / f"{module}.py").read_text(encoding="utf-8")
        for module in (
            "gate",
            "line/oversight",
            "line/bookkeeping",
            "line/tending",
            "line/following",
        )
    )
    *owner, method = name.split(".")
    assert f"def {method}(" in source
    assert all(f"self.{one} = " in source for one in owner)
