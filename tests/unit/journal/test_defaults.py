"""What a record leaves out means what it meant when it was written: defaults are the format."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from riskgate.journal.coding import encode
from riskgate.model.account import Account
from riskgate.model.events import Note
from riskgate.model.hours import Hours
from riskgate.model.instrument import Instrument
from riskgate.model.readings import DayReading, Holding, HoldingsReading

ZERO = Decimal(0)
USUAL: list[tuple[bytes, msgspec.Struct, dict[str, object]]] = [
    (
        b'{"key":"X","symbol":"X"}',
        Instrument(key="X", symbol="X"),
        {
            "sec_type": "STK",
            "currency": "USD",
            "exchange": "SMART",
            "con_id": 0,
            "legs": (),
            "multiplier": Decimal(1),
            "min_tick": Decimal("0.01"),
            "lot": Decimal(1),
            **dict.fromkeys(("expiry", "listed", "strike", "right", "underlying", "hours")),
            **dict.fromkeys(("trading_hours", "zone", "margin_rate")),
            "negative_prices": False,
            "tradable": True,
            "halted": False,
        },
    ),
    (
        b'{"id":"DU1"}',
        Account(id="DU1"),
        {
            "currency": "USD",
            "net_liquidation": None,
            "available_funds": None,
            "day_pnl": None,
            "at": None,
        },
    ),
    (
        b'{"calendar":"XNYS","zone":"UTC","sessions":[]}',
        Hours("XNYS", "UTC", ()),
        {"known": True, "first": None, "last": None},
    ),
    (b"{}", Holding(), {"position": ZERO, "buys": ZERO, "sells": ZERO}),
    (
        b'{"type":"holdings"}',
        HoldingsReading(),
        {
            "own": Holding(),
            "other_longs": ZERO,
            "other_shorts": ZERO,
            "other_long_values": {},
            "other_short_values": {},
            "unmarked_longs": (),
            "unmarked_shorts": (),
        },
    ),
    (
        b'{"type":"day"}',
        DayReading(),
        {
            "executed_quantity": ZERO,
            "executed_values": {},
            "working_quantity": ZERO,
            "working_values": {},
            "orders_sent": 0,
            "orders_executed": 0,
            "modifies": 0,
            "cancels": 0,
        },
    ),
]


@pytest.mark.parametrize(("written", "value", "usual"), USUAL)
def test_what_is_left_out_is_as_it_was(
    written: bytes, value: msgspec.Struct, usual: dict[str, object]
) -> None:
    assert msgspec.json.encode(value, order="deterministic") == written
    found = msgspec.json.decode(written, type=type(value))
    assert {name: getattr(found, name) for name in usual} == usual
    stated = set(msgspec.json.decode(written)) - {"type"}
    assert set(type(value).__struct_fields__) == stated | set(usual)


def test_a_record_of_before_says_what_is_usual_and_reads_alike() -> None:
    whole = b'{"id":"DU1","currency":"USD","net_liquidation":null,"at":null}'
    assert msgspec.json.decode(whole, type=Account) == Account(id="DU1")
    assert encode(Note(text="as it is")) == b'{"type":"note","text":"as it is","actor":""}'
    dated = Instrument(key="X", symbol="X", expiry=date(2026, 6, 19))
    assert msgspec.json.decode(msgspec.json.encode(dated), type=Instrument) == dated
