"""Archives built from a clean copy of the checkout, for the tests of what a stranger installs.

Rule 1: the package index is asked once, before anything else. Where it cannot be reached the tests
are skipped, and fail with `CI` set; what fails later is our fault everywhere.
Rule 2: nothing of the checkout is on a path: not as the folder, not in a variable.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
UNTRACKED = shutil.ignore_patterns(
    ".git", ".venv", "venv", "__pycache__", "*.pyc", "*.egg-info", "build", "dist", "*.sqlite*",
    "*.gate-*.lock", ".coverage*", ".*_cache", ".hypothesis", "riskgate.kill", "report-*.html",
)  # fmt: skip
BACKEND = "setuptools>=77"
MINUTES = 5 * 60


class Built(NamedTuple):
    """What was built, and from what."""

    files: frozenset[str]
    """Every file of the clean copy by its path, those behind links too."""
    wheel: Path
    """Built from the copy."""
    sdist: Path
    again: Path
    """The wheel built from the source archive."""


def surroundings(**more: str) -> dict[str, str]:
    """The variables of a shell in which nobody has set anything of ours or of Python's."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RISKGATE_", "PYTHON", "VIRTUAL_ENV", "COVERAGE", "COV_"))
    }
    return {**kept, **more}


def run(words: list[str], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, to its end."""
    return subprocess.run(
        words,
        cwd=folder,
        env=surroundings(**more),
        capture_output=True,
        text=True,
        timeout=MINUTES,
        check=False,
    )


def done(words: list[str], folder: Path, **more: str) -> str:
    """What a program prints that has to end well."""
    ended = run(words, folder, **more)
    assert ended.returncode == 0, f"{words}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


@pytest.fixture(scope="session")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what builds, from the package index, so that each build need not fetch it."""
    folder = tmp_path_factory.mktemp("backend")
    words = ["install", "-q", "--no-compile", "--target", str(folder), BACKEND]
    fetched = run([sys.executable, "-m", "pip", *words], folder)
    if fetched.returncode:
        *_, why = fetched.stderr.strip().splitlines() or ["pip says nothing"]
        text = f"the package index is not to be reached, so nothing can be installed: {why}"
        if os.environ.get("CI"):
            pytest.fail(text, pytrace=False)
        pytest.skip(text)
    return folder


def under(folder: Path, top: Path) -> set[str]:
    """The files below a folder, links followed, by their path from `top`."""
    found: set[str] = set()
    for place, _, files in os.walk(folder, followlinks=True):
        found |= {(Path(place) / file).relative_to(top).as_posix() for file in files}
    return found


def build(kind: str, source: Path, backend: Path, to: Path) -> Path:
    """Build one archive of a source tree."""
    words = ["-m", "build", f"--{kind}", "--no-isolation", "-o", str(to), str(source)]
    done([sys.executable, *words], source, PYTHONPATH=str(backend), PYTHONDONTWRITEBYTECODE="1")
    (made,) = to.iterdir()
    return made


@pytest.fixture(scope="session")
def built(backend: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Both archives, and the wheel that the source archive makes."""
    folder = tmp_path_factory.mktemp("built")
    tree = shutil.copytree(ROOT, folder / "clean", symlinks=True, ignore=UNTRACKED)
    files = frozenset(under(tree, tree))
    sdist = build("sdist", tree, backend, folder / "sdist")
    wheel = build("wheel", tree, backend, folder / "wheel")
    shutil.unpack_archive(sdist, folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    return Built(files, wheel, sdist, build("wheel", unpacked, backend, folder / "again"))
