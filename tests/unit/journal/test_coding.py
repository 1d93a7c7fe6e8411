"""Bytes and hashes: every event that can be recorded reads back as it was."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskgate.journal import coding
from riskgate.journal.coding import (
    GENESIS,
    KIND_OF,
    TABLED,
    Unrecordable,
    decode,
    encode,
    follows,
    proven,
    row_of,
)
from riskgate.model.decision import Decision, Finding
from riskgate.model.events import KINDS, Decided, Note, Payload, StateChanged
from riskgate.model.lifecycle import Status
from riskgate.model.report import ErrorReport, ExecutionReport, StatusReport
from riskgate.model.trading import Standing, TradingState

KINDS_OF_EVENTS = get_args(Payload)
WORDS = st.text(max_size=8)
LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    str: WORDS,
    int: st.integers(0, 2**53),
    bool: st.booleans(),
    NoneType: st.none(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    timedelta: st.timedeltas(timedelta(-1000), timedelta(1000)),
}


def anything(
    kind: Any,  # noqa: ANN401  # any type of a field
    inside: frozenset[Any] = frozenset(),
) -> st.SearchStrategy[Any]:
    """Any value of a type that an event may hold; `inside` are the structs that it is part of."""
    parts = get_args(kind)
    if kind in LEAVES:
        return LEAVES[kind]
    if get_origin(kind) in {Union, UnionType}:
        return st.one_of([anything(part, inside) for part in parts])
    if get_origin(kind) is Mapping:
        return st.dictionaries(WORDS, anything(parts[1], inside), max_size=2)
    if get_origin(kind) is tuple:
        return tuples(parts, inside)
    if issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    hints, within = get_type_hints(kind).items(), inside | {kind}
    return st.builds(kind, **{name: anything(type_, within) for name, type_ in hints})


def tuples(parts: tuple[Any, ...], inside: frozenset[Any]) -> st.SearchStrategy[Any]:
    """Tuples of a type; a leg has legs of its own only to a depth of one."""
    if parts[-1] is not Ellipsis:
        return st.tuples(*[anything(part, inside) for part in parts])
    if parts[0] in inside:
        return st.just(())
    return st.lists(anything(parts[0], inside), max_size=2).map(tuple)


@pytest.mark.parametrize("kind", KINDS_OF_EVENTS, ids=lambda kind: kind.__name__)
def test_any_event_reads_back_as_it_was_written(kind: type[Payload]) -> None:
    @settings(max_examples=30, deadline=None)
    @given(anything(kind))
    def run(payload: Payload) -> None:
        body = encode(payload)
        assert decode(body) == payload
        assert encode(decode(body)) == body

    run()


@pytest.mark.parametrize("number", ["NaN", "sNaN", "-Infinity", "1E+30", "-0", "190.00"])
def test_a_number_keeps_its_digits_even_if_it_is_none(
    decided: Callable[..., Decided], number: str
) -> None:
    payload = msgspec.structs.replace(decided(), unit_value=Decimal(number))
    found = decode(encode(payload))
    assert isinstance(found, Decided)
    assert str(found.unit_value) == number
    assert proven(payload) == encode(payload)


OFFSET = timezone(timedelta(hours=5, minutes=30, seconds=15))
UNREADABLE: dict[str, tuple[Any, str]] = {
    "a number for text": (Note(text="", actor=5), r"this note would not read back .*actor"),  # type: ignore[arg-type]  # what is under test
    "nothing for text": (Note(text=None), "would not read back"),  # type: ignore[arg-type]  # what is under test
    "text for a number": (ErrorReport(order_id="1", code=1, text=""), "would not read back"),  # type: ignore[arg-type]  # what is under test
    "text that is no Unicode": (Note(text="\udcfc"), "not Unicode"),
    "what JSON cannot say": (Note(text=object()), "would not read back"),  # type: ignore[arg-type]  # what is under test
    "a number beyond 64 bits": (ErrorReport(order_id=2**63, code=1, text=""), "`order_id` beyond"),
    "a number far below": (StatusReport(order_id=1, status=Status.FILLED, perm_id=-(10**30)), "64"),
    "an offset with seconds": (
        Standing(
            state=TradingState.HALTED, by="", reason="", at=datetime(2026, 3, 2, tzinfo=OFFSET)
        ),
        "read back as another",
    ),
}


@pytest.mark.parametrize(("payload", "why"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_would_not_read_back_is_refused(payload: Any, why: str) -> None:  # noqa: ANN401  # wrong ones too
    made = StateChanged(standing=payload) if isinstance(payload, Standing) else payload
    with pytest.raises(Unrecordable, match=why):
        proven(made)


def test_the_least_and_the_greatest_number_of_64_bits_are_taken() -> None:
    for number in (-(2**63), 2**63 - 1):
        assert proven(ErrorReport(order_id=number, code=1, text=""))


@pytest.mark.parametrize("word", ["700", "NaN", "1E5", "AAPL", ""])
def test_a_word_that_looks_like_a_number_stays_a_word(noon: datetime, word: str) -> None:
    finding = Finding(rule="names", observed=(word,), limit=Decimal(700))
    decision = Decision(
        order=None, action=finding.action, as_of=noon, digest="", breaches=(finding,)
    )
    payload = Decided(order_id=1, ref="", text="", decision=decision)
    found = decode(encode(payload))
    assert isinstance(found, Decided)
    assert found.decision.breaches[0].observed == (word,)
    assert found.decision.breaches[0].limit == Decimal(700)


def test_mappings_are_written_in_the_order_of_their_keys(decided: Callable[..., Decided]) -> None:
    payload = decided()
    assert payload.snapshot is not None
    rates = {"GBP": Decimal("1.3"), "EUR": Decimal("1.1")}
    orders = (rates, dict(reversed(rates.items())))
    bodies = [
        encode(
            msgspec.structs.replace(
                payload, snapshot=msgspec.structs.replace(payload.snapshot, fx=fx)
            )
        )
        for fx in orders
    ]
    assert bodies[0] == bodies[1]


def test_every_event_has_a_kind_of_the_design() -> None:
    assert set(KIND_OF) == set(KINDS_OF_EVENTS)
    assert set(KIND_OF.values()) == set(KINDS.values())


def test_events_about_orders_and_fills_change_the_tables_and_others_do_not() -> None:
    untabled = set(KINDS.values()) - TABLED
    assert untabled == {
        "policy activated",
        "account report",
        "position report",
        "state change",
        "reconcile result",
        "note",
    }


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_moment_is_kept_to_the_microsecond(at: datetime) -> None:
    assert coding.moment(coding.nanoseconds(at)) == at


def test_a_moment_counts_nanoseconds_since_1970_whatever_its_zone() -> None:
    at = datetime.fromisoformat("1970-01-01T01:00:01.000002+01:00")
    assert coding.nanoseconds(at) == 1_000_002_000


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError, match="offset-naive"):
        coding.nanoseconds(datetime(2026, 3, 2))  # noqa: DTZ001  # what is under test


def test_the_hash_covers_all_that_was_written(noon: datetime) -> None:
    row = row_of(GENESIS, Note(text="opened"), noon)
    assert follows(row, GENESIS)
    other = row_of(row.place, Note(text="closed"), noon)
    changes: dict[str, Any] = {
        "seq": 2,
        "at_ns": row.at_ns + 1,
        "kind": "sent",
        "order_id": 7,
        "body": other.body,
        "previous": other.previous,
        "hash": other.hash,
    }
    for name, value in changes.items():
        assert not follows(row._replace(**{name: value}), GENESIS), name


@pytest.mark.parametrize(
    "change",
    [{"at_ns": "x"}, {"at_ns": None}, {"body": None}, {"body": "text"}, {"kind": "\udc80"}],
)
def test_a_column_of_another_type_does_not_follow(noon: datetime, change: dict[str, Any]) -> None:
    assert not follows(row_of(GENESIS, Note(text=""), noon)._replace(**change), GENESIS)


def test_an_event_names_its_order_or_none(noon: datetime) -> None:
    assert row_of(GENESIS, ErrorReport(order_id=4, code=1, text=""), noon).order_id == 4
    assert row_of(GENESIS, Note(text=""), noon).order_id is None
    assert "order_id" in ExecutionReport.__struct_fields__


def test_two_processes_write_the_same_bytes(decided: Callable[..., Decided]) -> None:
    body = encode(decided(1, "clip"))
    program = (
        "import sys; from riskgate.journal.coding import decode, encode;"
        "sys.stdout.buffer.write(encode(decode(sys.stdin.buffer.read())))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=body, capture_output=True, check=True, timeout=30
    )
    assert done.stdout == body


def test_no_byte_of_an_event_can_change_unnoticed(
    decided: Callable[..., Decided], noon: datetime
) -> None:
    row = row_of(GENESIS, decided(7, "desk/size"), noon)
    assert follows(row, GENESIS)
    count = 0
    for name, value in row._asdict().items():
        for other in altered(value):
            count += 1
            assert not follows(row._replace(**{name: other}), GENESIS), (name, other)
    assert count > 8 * len(row.body)


def altered(value: Any) -> Iterator[Any]:  # noqa: ANN401  # of any column
    """The value with each of its bits turned over."""
    if isinstance(value, int):
        yield from (value ^ 1 << bit for bit in range(63))
        return
    raw = value.encode() if isinstance(value, str) else value
    for place in range(len(raw)):
        for bit in range(8):
            other = raw[:place] + bytes([raw[place] ^ 1 << bit]) + raw[place + 1 :]
            yield other if isinstance(value, bytes) else other.decode(errors="surrogateescape")
