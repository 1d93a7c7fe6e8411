"""Tutorials and guides run as they are written, in order, and show what they say they show.

`<!-- run: CODE -->` before a block says how it ends, `<!-- file: NAME -->` that it is
a file, and `<!-- shows -->` that each line of it begins a line of what the run before it printed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from riskgate.simulator import running

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*(DOCS / "tutorials").glob("*.md"), *(DOCS / "guides").glob("*.md")])
BLOCK = re.compile(
    r"<!-- (?P<kind>run|file|shows)(?:: (?P<mark>\S+))? -->\n```\w+\n(?P<text>.*?)```", re.DOTALL
)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)")
PORT = "7497"
WAIT = 90


class Block(NamedTuple):
    """A block that is marked, and how."""

    kind: str
    mark: str
    text: str


def blocks(page: Path) -> list[Block]:
    found = BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [Block(one["kind"], one["mark"] or "", one["text"]) for one in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_runs_as_it_is_written(page: Path, tmp_path: Path) -> None:
    here, said = tmp_path, ""
    with running() as tws:
        for block in blocks(page):
            text = block.text.replace(PORT, str(tws.port))
            if block.kind == "file":
                (here / block.mark).write_text(text, encoding="utf-8")
            elif block.kind == "run":
                done = run(text, here, tws.port)
                said = done.stdout + done.stderr
                assert done.returncode == int(block.mark), f"{text}\n{said}"
                assert "Traceback" not in said
                here = after(text, here)
            else:
                missing = [line for line in block.text.splitlines() if not is_shown(line, said)]
                assert missing == [], said


def run(script: str, folder: Path, port: int) -> subprocess.CompletedProcess[str]:
    """A block as a shell of the reader would run it, with this Python's own riskgate."""
    scripts = folder.parent / f"{folder.name}-bin"
    scripts.mkdir(exist_ok=True)
    for name, words in (("riskgate", "-m riskgate"), ("python", ""), ("pytest", "-m pytest")):
        program = scripts / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    surroundings = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "RISKGATE_BROKER__PORT": str(port),
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    return subprocess.run(
        ["bash", "-ec", script],
        cwd=folder,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=WAIT,
        check=False,
    )


def after(script: str, folder: Path) -> Path:
    """The folder that the reader is in when the block is done."""
    for moved in re.findall(r"^cd (\S+)$", script, re.MULTILINE):
        folder = (folder / moved).resolve()
    return folder


def is_shown(line: str, said: str) -> bool:
    return any(shown.rstrip().startswith(line.rstrip()) for shown in said.splitlines())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [link for link in LINK.findall(text) if not (page.parent / link).exists()] == []


def test_the_pages_that_people_begin_with_are_run_at_all() -> None:
    assert [page.stem for page in PAGES if not any(b.kind == "run" for b in blocks(page))] == []
