"""Lets the tests of this folder import the harness, and says how many seeds to play."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))


@pytest.fixture
def silent() -> Iterator[None]:
    """What breaks here is meant to, and the log of thousands of worlds is of no use."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
