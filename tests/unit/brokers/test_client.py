from __future__ import annotations

import sys
from typing import Any

import pytest

from riskgate.brokers.ib import client
from riskgate.errors import ConfigError


def named(choice: str | None = None) -> str:
    module: Any = client.load(choice)
    name: str = module.__name__
    return name


def test_the_first_library_that_is_there_is_taken() -> None:
    assert named() in client.LIBRARIES


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    here = named()
    monkeypatch.setenv(client.CHOICE, here)
    assert named() == here
    monkeypatch.setenv(client.CHOICE, "tws")
    with pytest.raises(ConfigError, match="ib client `tws`: not a client library"):
        named()
    assert named(here) == here


def test_without_a_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in client.LIBRARIES:
        monkeypatch.setattr(client, "LIBRARIES", ("no_such_library",))
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigError, match=r'no IB client library; pip install "riskgate-ib\[ib\]"'):
        named()


def test_a_choice_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LIBRARIES", ("no_such_library",))
    with pytest.raises(ConfigError, match="`no_such_library` is not installed"):
        named("no_such_library")
