"""Lets the tests of this folder import their reference, and says how much of them to run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

LARGE = 10


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "play every property in full; without it a tenth is played"
    parser.addoption("--large", action="store_true", default=False, help=text)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes a `seed` says in `SEEDS` of its module how many there are in CI."""
    if "seed" in metafunc.fixturenames and hasattr(metafunc.module, "SEEDS"):
        times = LARGE if metafunc.config.getoption("--large", default=False) else 1
        metafunc.parametrize("seed", range(metafunc.module.SEEDS * times))
