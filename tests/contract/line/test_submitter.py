"""Who submits where the settings name nobody: the login that runs the process."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import pytest

from riskgate.errors import ConfigError
from riskgate.model.decision import Action
from riskgate.model.events import Decided

if TYPE_CHECKING:
    from tests.contract.line.conftest import House

HOLDS = """
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: large, kind: fat_finger, max_quantity: 5, on_breach: hold, because: a test}
"""


def test_a_held_order_is_approved_by_somebody_else_and_not_by_the_login_that_submitted(
    house: House,
) -> None:
    (house.folder / "limits.yaml").write_text(HOLDS, encoding="utf-8")
    gate, login = house.open(), getpass.getuser()
    ticket = gate.submit("BUY 10 AAPL LMT 150 DAY", strategy="momo")
    assert ticket.decision.action is Action.HOLD
    with pytest.raises(ConfigError, match=login):
        gate.approve(ticket.order_id, by=login, reason="i want it")
    (approved,) = gate.approve(ticket.order_id, by=f"{login}-colleague", reason="the client called")
    assert approved.allowed
    actors = [one.actor for one in house.recorded() if isinstance(one, Decided)]
    assert actors == [login, f"{login}-colleague"]
