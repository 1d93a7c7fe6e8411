"""Paper or live: settings, account and port must agree."""

from __future__ import annotations

import pytest

from riskgate.mode import mode_fault


@pytest.mark.parametrize(
    ("mode", "account", "port"),
    [
        ("paper", "DU1234567", 7497),
        ("paper", "DF1234567", 4002),
        ("paper", "DU1234567", None),
        ("paper", "DU1234567", 54321),
        ("live", "U1234567", 7496),
        ("live", "F1234567", 4001),
    ],
)
def test_where_all_agree_there_is_no_fault(mode: str, account: str, port: int | None) -> None:
    assert mode_fault(mode, [account], port) is None


@pytest.mark.parametrize(
    ("mode", "account", "port", "expected"),
    [
        ("paper", "U1234567", 7497, "mode is paper, but account U1234567 is a live account"),
        ("live", "DU1234567", 7496, "mode is live, but account DU1234567 is a paper account"),
        ("paper", "DU1234567", 7496, "mode is paper, but port 7496 is the live port"),
        ("paper", "DU1234567", 4001, "mode is paper, but port 4001 is the live port"),
        ("live", "U1234567", 7497, "mode is live, but port 7497 is the paper port"),
        ("live", "U1234567", 4002, "mode is live, but port 4002 is the paper port"),
    ],
)
def test_whoever_disagrees_is_named(mode: str, account: str, port: int, expected: str) -> None:
    assert mode_fault(mode, [account], port) == expected


def test_every_account_is_asked() -> None:
    assert mode_fault("paper", ["DU1", "DU2", "U3"]) is not None


def test_live_needs_its_second_setting() -> None:
    fault = mode_fault("live", ["U1234567"], 7496, allow_live=False)
    assert fault == "mode is live, but `allow_live: true` is not set"


def test_without_accounts_only_the_port_has_an_opinion() -> None:
    assert mode_fault("paper", []) is None
    assert mode_fault("paper", [], 7496) is not None
