"""What happens where no client library is installed."""

from __future__ import annotations

import importlib.util

import pytest

from tests.wire.conftest import HABITS, client_library


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)


@pytest.mark.usefixtures("nothing_installed")
def test_a_test_that_needs_a_library_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="pip install"):
        client_library()


@pytest.mark.usefixtures("nothing_installed")
def test_such_a_skip_is_a_failure_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="pip install"):
        client_library()


def test_never_are_both_installed() -> None:
    """They overwrite each other's `eventkit`."""
    assert sum(importlib.util.find_spec(name) is not None for name in HABITS) <= 1
