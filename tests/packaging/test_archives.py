"""The wheel holds what runs and nothing else; the source archive holds all and makes that wheel."""

from __future__ import annotations

import csv
import io
import re
import shutil
import sys
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from riskgate.version import VERSION
from tests.packaging.conftest import ROOT, Built, done

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
INFO = f"riskgate_ib-{VERSION}.dist-info"
NOT_OURS = re.compile(r"(__pycache__|\.pyc$|\.sqlite|\.lock$|^tests/|^docs/|^benchmarks/|egg-info)")
MADE = {"PKG-INFO", "setup.cfg"}
"""What the build adds to the source archive."""


def text(wheel: Path, name: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(name).decode()


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def hashes(wheel: Path) -> dict[str, str]:
    """The hash of every file but of those that tell of the build."""
    rows = csv.reader(io.StringIO(text(wheel, f"{INFO}/RECORD")))
    return {name: digest for name, digest, _ in rows if not name.endswith("RECORD")}


def test_every_file_of_the_package_is_in_the_wheel_and_nothing_else(built: Built) -> None:
    inside = {name for name in names(built.wheel) if not name.startswith(f"{INFO}/")}
    assert inside == {name for name in built.files if name.startswith("riskgate/")}
    assert [name for name in names(built.wheel) if NOT_OURS.search(name)] == []


def test_shipped_policies_come_with_their_tests_and_schemas_as_files(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        for folder in ("policies", "schemas"):
            for path in sorted((ROOT / folder).iterdir()):
                inside = archive.read(f"riskgate/shipped/{folder}/{path.name}")
                assert inside == path.read_bytes(), path
    assert len(list((ROOT / "policies").glob("*.test.yaml"))) >= 3


def test_the_licence_the_types_and_the_command_are_there(built: Built) -> None:
    assert text(built.wheel, f"{INFO}/licenses/LICENSE") == (ROOT / "LICENSE").read_text()
    assert "riskgate/py.typed" in names(built.wheel)
    entries = text(built.wheel, f"{INFO}/entry_points.txt")
    assert "[console_scripts]\nriskgate = riskgate.__main__:main" in entries
    assert "[pytest11]\nriskgate.pytest_plugin = riskgate.pytest_plugin" in entries


def test_the_metadata_says_what_pyproject_says(built: Built) -> None:
    said = Parser().parsestr(text(built.wheel, f"{INFO}/METADATA"))
    assert (said["Name"], said["Version"]) == ("riskgate-ib", VERSION)
    assert said["Requires-Python"] == PROJECT["requires-python"]
    assert set(said.get_all("Provides-Extra") or ()) == set(PROJECT["optional-dependencies"])
    assert str(said.get_payload()).startswith("# riskgate")


def test_the_source_archive_makes_the_same_wheel(built: Built) -> None:
    assert built.again.name == built.wheel.name
    assert hashes(built.again) == hashes(built.wheel)


def test_the_source_archive_holds_all_files_and_no_link(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        members = archive.getmembers()
    assert [one.name for one in members if one.issym() or one.islnk()] == []
    top = f"riskgate_ib-{VERSION}/"
    files = {one.name.removeprefix(top) for one in members if one.isfile()}
    assert built.files - files == set()
    assert {name for name in files - built.files if "egg-info" not in name} <= MADE


def test_the_tests_of_the_source_archive_run(built: Built, tmp_path: Path) -> None:
    shutil.unpack_archive(built.sdist, tmp_path, filter="data")
    (tree,) = tmp_path.iterdir()
    chosen = (
        "tests/test_public.py",
        "tests/unit/rules",
        "tests/unit/authoring/test_policy_files.py",
    )
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen]
    said = done([sys.executable, *words], tree, PYTHONPATH=str(tree))
    assert re.search(r"\n\d{3,} passed", said), said
