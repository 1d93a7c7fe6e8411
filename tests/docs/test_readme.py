"""The README is typed as it stands: its two commands, its picture, its five journeys."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

import pytest

from tests.docs.typed import ROOT, Reader

README = (ROOT / "README.md").read_text(encoding="utf-8")
JOURNEYS = dict(re.findall(r"^### (.+?)\n(.*?)(?=^##)", README, re.DOTALL | re.MULTILINE))
LONGEST = 170
SMALL = 60_000
BROKEN = 11


def command(name: str) -> str:
    """The block after `<!-- command: NAME -->`."""
    (found,) = re.findall(rf"<!-- command: {name} -->\n```bash\n(.*?)```", README, re.DOTALL)
    return str(found).strip()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the demo prints to somebody who has cloned the project."""
    folder = tmp_path_factory.mktemp("clone")
    for name in ("policies", "schemas"):
        shutil.copytree(ROOT / name, folder / name)
    return Reader(folder).types("riskgate demo", 0)


@pytest.mark.parametrize("title", JOURNEYS)
def test_a_journey_is_typed_as_it_is_written(title: str, tmp_path: Path) -> None:
    Reader(tmp_path).reads(JOURNEYS[title])


def test_there_are_five_journeys() -> None:
    assert [re.sub(r"\[|\].*", "", title) for title in JOURNEYS] == [
        "You write strategies",
        "You own the limits",
        "You run the CI",
        "You are on call",
        "You audit",
    ]


def test_the_first_command_ends_in_the_demo() -> None:
    assert command("demo").endswith("&& .venv/bin/riskgate demo")


def test_the_second_command_is_the_one_that_ci_runs() -> None:
    assert command("test").endswith("&& .venv/bin/pytest")
    assert "command: test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_refusal_that_is_shown_is_what_the_demo_prints(demo: str) -> None:
    shown = README.split("```text\n")[1].split("```")[0].splitlines()
    assert [line for line in shown if line not in demo.splitlines()] == []
    _, third, _ = re.split(r"\n3\. |\n4\. ", demo)
    assert len(re.findall(r"^  \S+/\S+  policies/", third, re.MULTILINE)) == BROKEN


def test_the_picture_is_of_what_the_demo_prints(demo: str) -> None:
    picture = (ROOT / "docs" / "img" / "demo.svg").read_text(encoding="utf-8")
    spec = importlib.util.spec_from_file_location("draw", ROOT / "docs" / "img" / "draw.py")
    assert spec is not None
    assert spec.loader is not None
    drawing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(drawing)
    assert drawing.drawn(demo) == picture, "python docs/img/draw.py"
    assert len(picture) < SMALL
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")


def test_every_link_of_the_readme_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)[)#]", README)
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_the_readme_is_read_in_three_minutes() -> None:
    assert len(README.splitlines()) <= LONGEST
