"""Every table, both directions, at every version that changes something."""

from __future__ import annotations

import string
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskgate.simulator.wire.codec import (
    MAX_VERSION,
    MESSAGE_TABLE,
    MIN_VERSION,
    REQUEST_TABLE,
    Table,
    split,
)
from riskgate.simulator.wire.fields import Field, Fixed, Many, Rows, Switch, When, WireError
from riskgate.simulator.wire.kinds import (
    ESCAPED,
    FLAG,
    INFINITE,
    INT,
    KEY,
    LONG,
    REAL,
    TEXT,
    WHOLE,
    Kind,
    Record,
    Scalar,
)
from riskgate.simulator.wire.layout import names_in

VERSIONS = tuple(range(MIN_VERSION, MAX_VERSION + 1))
TABLES = {"requests": REQUEST_TABLE, "messages": MESSAGE_TABLE}
SPECIAL = {
    "orderType": ["MKT", "LMT", "PEG BENCH", "PEG MID", "PEG BEST", "PEGBEST"],
    "secType": ["STK", "BAG", "FUT"],
    "exchange": ["SMART", "IBKRATS"],
    "deltaNeutralOrderType": ["", "None"],
    "hedgeType": ["", "D"],
    "algoStrategy": ["", "Twap"],
}
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.decimals(-(10**9), 10**9, places=6, allow_nan=False, allow_infinity=False)
BY_KIND: dict[Kind, st.SearchStrategy[Scalar]] = {
    TEXT: TEXTS,
    FLAG: st.sampled_from([None, True, False]),
    INT: st.none() | st.integers(-(2**31), 2**31 - 2),
    KEY: st.integers(-(2**31), 2**31 - 2),
    LONG: st.none() | st.integers(-(2**63), 2**63 - 2),
    REAL: st.none() | NUMBERS | st.just(INFINITE),
    WHOLE: st.none() | st.integers(-(10**9), 10**9).map(Decimal),
    ESCAPED: TEXTS,
}
Draw = Callable[[st.SearchStrategy[Any]], Any]


def fill(draw: Draw, rows: Rows, version: int, record: Record) -> None:
    """Draw a value for every row that the version and the record so far have."""
    for row in rows:
        if not row.since <= version < row.until:
            continue
        match row:
            case Field(name=name, kind=kind):
                special = SPECIAL.get(name)
                record[name] = draw(st.sampled_from(special) if special else BY_KIND[kind])
            case When(test=test, rows=inner):
                if test(record):
                    fill(draw, inner, version, record)
            case Many(name=name, rows=inner):
                record[name] = [drawn(draw, inner, version) for _ in range(draw(st.integers(0, 2)))]
            case Switch(on=on, cases=cases):
                chosen = draw(st.sampled_from(sorted(cases)))
                record[on] = chosen
                fill(draw, cases[chosen], version, record)
            case Fixed():
                pass


def drawn(draw: Draw, rows: Rows, version: int) -> Record:
    record: Record = {}
    fill(draw, rows, version, record)
    return record


@st.composite
def messages(draw: Draw, table: Table) -> tuple[str, Record, int]:
    name = draw(st.sampled_from(sorted(table.by_name)))
    version = draw(st.sampled_from(VERSIONS))
    return name, drawn(draw, table.by_name[name].rows, version), version


@st.composite
def orders(draw: Draw) -> tuple[str, Record, int]:
    name, version = (
        draw(st.sampled_from(["placeOrder", "openOrder"])),
        draw(st.sampled_from(VERSIONS)),
    )
    table = REQUEST_TABLE if name == "placeOrder" else MESSAGE_TABLE
    return name, drawn(draw, table.by_name[name].rows, version), version


PATIENT = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@PATIENT
@given(messages(REQUEST_TABLE))
def test_a_request_is_read_as_it_was_written(case: tuple[str, Record, int]) -> None:
    name, record, version = case
    found = REQUEST_TABLE.decode(REQUEST_TABLE.encode(name, record, version), version)
    assert (found.name, found.fields) == (name, record)


@PATIENT
@given(messages(MESSAGE_TABLE))
def test_a_message_is_read_as_it_was_written(case: tuple[str, Record, int]) -> None:
    name, record, version = case
    found = MESSAGE_TABLE.decode(MESSAGE_TABLE.encode(name, record, version), version)
    assert (found.name, found.fields) == (name, record)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(orders())
def test_an_order_is_read_as_it_was_written(case: tuple[str, Record, int]) -> None:
    name, record, version = case
    table = REQUEST_TABLE if name == "placeOrder" else MESSAGE_TABLE
    assert table.decode(table.encode(name, record, version), version).fields == record


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(messages(REQUEST_TABLE), st.data())
def test_a_field_too_many_or_too_few_is_noticed(
    case: tuple[str, Record, int], data: st.DataObject
) -> None:
    name, record, version = case
    body = REQUEST_TABLE.encode(name, record, version)
    with pytest.raises(WireError, match="more fields"):
        REQUEST_TABLE.decode(body + b"extra\0", version)
    parts = split(body)
    if len(parts) > 1:
        short = "".join(f"{part}\0" for part in parts[: data.draw(st.integers(1, len(parts) - 1))])
        with pytest.raises(WireError, match="ends before"):
            REQUEST_TABLE.decode(short.encode(), version)


NOISE = st.sampled_from(
    ["", "x", "-1", "nan", "1e999999", "1_0", " 1", "9" * 30, "Infinite", "\u0664"]
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(messages(REQUEST_TABLE), st.data())
def test_a_damaged_request_is_read_or_refused_and_nothing_else(
    case: tuple[str, Record, int], data: st.DataObject
) -> None:
    name, record, version = case
    parts = split(REQUEST_TABLE.encode(name, record, version))
    for _ in range(10):
        damaged = list(parts)
        damaged[data.draw(st.integers(0, len(parts) - 1))] = data.draw(NOISE | TEXTS)
        body = "".join(f"{part}\0" for part in damaged).encode()
        try:
            found = REQUEST_TABLE.decode(body, version)
        except WireError:
            continue
        again = REQUEST_TABLE.encode(found.name, found.fields, version)
        assert REQUEST_TABLE.decode(again, version) == found


@settings(max_examples=300)
@given(st.binary(max_size=80))
def test_no_bytes_break_the_decoder(noise: bytes) -> None:
    with pytest.raises(WireError):
        REQUEST_TABLE.decode(noise.replace(b"0", b"x"), 176)


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        (157, 110),
        (158, 111),
        (160, 112),
        (162, 113),
        (166, 114),
        (169, 115),
        (176, 115),
        (177, 114),
        (183, 115),
        (184, 116),
        (187, 118),
        (189, 119),
        (190, 117),
        (192, 118),
        (199, 119),
    ],
)
def test_a_plain_order_has_the_known_number_of_fields(version: int, fields: int) -> None:
    assert len(split(REQUEST_TABLE.encode("placeOrder", {"orderId": 1}, version))) == fields


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("execDetails", 31),
        ("portfolio", 20),
        ("position", 16),
        ("positionMulti", 18),
        ("commissionReport", 8),
        ("tickPrice", 7),
        ("orderStatus", 12),
    ],
)
def test_messages_that_strict_clients_unpack_have_the_exact_length(name: str, fields: int) -> None:
    keys: Record = {"reqId": 1, "orderId": 1}
    assert len(split(MESSAGE_TABLE.encode(name, keys, 176))) == fields


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_no_number_and_no_name_is_used_twice(table: Table) -> None:
    assert len(table.by_name) == len(table.by_number)
    assert all(names_in(layout.rows) is not None for layout in table.by_name.values())


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (REAL, "1.7976931348623157E308", None),
        (REAL, "1.7976931348623157e+308", None),
        (REAL, "1e-07", Decimal("1E-7")),
        (REAL, "Infinite", INFINITE),
        (INT, "2147483647", None),
        (LONG, "9223372036854775807", None),
        (FLAG, "", None),
    ],
)
def test_unset_numbers_are_none(kind: Kind, text: str, value: Scalar) -> None:
    assert kind.parse(text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (REAL, "nan"),
        (REAL, "inf"),
        (REAL, "1e99"),
        (REAL, "0." + "1" * 80),
        (INT, "1.0"),
        (INT, "2147483648"),
        (LONG, "9223372036854775808"),
        (KEY, ""),
        (KEY, "2147483647"),
        (FLAG, "2"),
    ],
)
def test_what_is_not_of_its_kind_is_refused(kind: Kind, text: str) -> None:
    with pytest.raises(ValueError, match=r"is|out"):
        kind.parse(text)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no end"),
        (b"5", "no end"),
        (b"5\0" + b"1", "no end"),
        (b"\xff\0", "UTF-8"),
        (b"999\0", "unknown"),
        (b"5\0" + b"2\0", "expected `1`"),
        (b"9" * 5000 + b"\0", "unknown"),
    ],
)
def test_a_broken_body_says_what_is_wrong_with_it(body: bytes, why: str) -> None:
    with pytest.raises(WireError, match=why):
        REQUEST_TABLE.decode(body, 176)


def test_a_text_with_a_zero_byte_cannot_be_written() -> None:
    with pytest.raises(WireError, match="zero byte"):
        MESSAGE_TABLE.encode("error", {"text": f"a\0{string.digits}"}, 176)


def test_a_list_where_one_field_belongs_cannot_be_written() -> None:
    with pytest.raises(WireError, match="list"):
        MESSAGE_TABLE.encode("error", {"text": []}, 176)
