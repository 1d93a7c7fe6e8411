"""Numbers of things in words."""

from __future__ import annotations

import pytest

from riskgate.model.words import counted


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1_000, "1000 files")]
)
def test_only_one_is_without_an_s(number: int, shown: str) -> None:
    assert counted(number, "file") == shown
