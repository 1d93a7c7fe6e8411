"""Once a row of looks is bound, any field may come to say anything: quick and whole still agree.

Each field of an order, of what it meets, and of everything in that, is set to every value there is,
sound or not, one at a time; then several at once. `RISKGATE_CASES` says how many of the latter.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

import msgspec
import pytest

from riskgate.model.account import Account
from riskgate.model.decision import Action
from riskgate.model.hours import ALWAYS
from riskgate.model.instructions import Instructions
from riskgate.model.market import PriceTerms, Quote
from riskgate.model.order import Fault, Order, OrderType, Side, Tif
from riskgate.model.readings import CountReading, DayReading, Holding, HoldingsReading
from riskgate.model.snapshot import Replaced, Snapshot, Submission
from riskgate.model.trading import TradingState
from riskgate.policy import ready
from riskgate.policy.catalog import kinds
from riskgate.policy.evaluate import evaluate, in_full
from tests.spec.test_shortcuts import PLAYED, WHOLE, Met, judged, met

CASES: Final = int(os.environ.get("RISKGATE_CASES", "500"))
NEVER: Final = 10**9
NOW: Final = datetime(2026, 3, 2, 15, tzinfo=UTC)


class Subclassed(Decimal):
    """A number that could do anything."""


NUMBERS: Final = tuple(
    map(
        Decimal,
        (
            *("0", "-0", "1", "-1", "100", "40", "1000", "190", "-190", "0.5", "1E+1", "1E+20"),
            *("189.99", "190.01", "189.995", "190.00000000000000000001", "2147483648", "1E-30"),
            *("1E-2000000", "-1E-2000000", "NaN", "-NaN", "sNaN", "Infinity", "-Infinity"),
        ),
    )
)
ORDER: Final = Order.parse("BUY 100 AAPL LMT 190 DAY")
VALUES: Final[tuple[Any, ...]] = (
    *NUMBERS,
    *(Subclassed(100), None, True, False, 0, 1, -1, 100, 0.1, 100.0, float("nan")),
    *("", "BUY", "LMT", "DAY", "DU1", "MSFT", "EUR", "two words", 'a"b', "x" * 200, "live", "BAG"),
    *Side,
    *OrderType,
    *Tif,
    *TradingState,
    *((), ("DU2",), ("delayed",), ("live", "frozen"), (Fault("X", "y"),), {}, {"USD": NUMBERS[4]}),
    *({"EUR": NUMBERS[4]}, {"USD": NUMBERS[-1]}, {"USD": NUMBERS[-2], "EUR": NUMBERS[4]}),
    *(NOW, NOW.replace(tzinfo=None), NOW + timedelta(hours=7), NOW + timedelta(days=5)),
    *(
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
        date(2026, 3, 2),
        date(2020, 1, 1),
    ),
    *(date.max, timedelta(0), timedelta(days=9), timedelta(days=-9)),
    *(Holding(), Holding(Decimal(-500)), Holding(Decimal(500), sells=Decimal(450))),
    *(Quote(), Quote(bid=Decimal(1), ask=Decimal(3), at=NOW), PriceTerms(timedelta(-1))),
    *(CountReading(), DayReading(), HoldingsReading(), Account(id="DU1"), ALWAYS),
    *(Replaced(ORDER), Submission(orders=1, place=1), Submission(orders=1, place=1, exit=True)),
    *(Submission(orders=2, place=1, floor=Action.DENY), Instructions(), Instructions(hidden=True)),
)
OF_A_READING: Final = 3  # `readings`, the rule, the field


def outcome(judge: Callable[..., object], one: Met) -> str:
    """The whole answer in words, or that there is none."""
    try:
        return repr(judge(*one))
    except Exception as error:  # noqa: BLE001  # what it cannot judge it must not let through
        return type(error).__name__


def agrees(one: Met) -> bool:
    return outcome(evaluate, one) == outcome(in_full, one)


def fields(value: Any, *way: str) -> Iterator[tuple[str, ...]]:  # noqa: ANN401  # anything
    """The way to each field, and to what is in it."""
    names = value if isinstance(value, dict) else getattr(value, "__struct_fields__", ())
    for name in names:
        inner = value[name] if isinstance(value, dict) else getattr(value, name)
        yield (*way, name)
        if name not in ("instructions", "sessions", "account"):
            yield from fields(inner, *way, name)


def put(value: Any, way: tuple[str, ...], new: object) -> Any:  # noqa: ANN401  # anything
    """The same with another value in one place."""
    first, *rest = way
    if isinstance(value, dict):
        return {**value, first: put(value[first], tuple(rest), new) if rest else new}
    inner = put(getattr(value, first), tuple(rest), new) if rest else new
    return msgspec.structs.replace(value, **{first: inner})


def is_possible(one: Met, way: tuple[str, ...], new: object) -> bool:
    """Whether it can be there: of what the book has counted, the kind of value is known."""
    if way[0] != "readings" or len(way) < OF_A_READING:
        return True
    return type(new) is type(at(one.seen, way))


def at(value: Any, way: tuple[str, ...]) -> Any:  # noqa: ANN401  # anything
    for name in way:
        value = value[name] if isinstance(value, dict) else getattr(value, name)
    return value


def ready_for(examples: list[Met]) -> list[Met]:
    """Those of the orders that pass and for which a row is bound."""
    found = []
    for one in examples:
        evaluate(*one)
        look = one.policies.looks.get(one.seen.subject)
        if look is not None and look(one.order, one.seen) is not None:
            found.append(one)
    return found


def with_(one: Met, struct: Order | Snapshot, way: tuple[str, ...], new: object) -> Met:
    if struct is one.order:
        return one._replace(order=put(struct, way, new))
    return one._replace(seen=put(struct, way, new))


@pytest.mark.slow
def test_no_value_of_any_field_is_let_through_that_the_whole_way_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ready, "OFTEN", 0)
    bound = ready_for(judged(WHOLE, PLAYED, monkeypatch))
    monkeypatch.setattr(ready, "OFTEN", NEVER)
    alike = {(one.order.side, one.order.order_type): one for one in bound}
    assert len(alike) > 2
    different = [
        (way, new)
        for one in alike.values()
        for struct in (one.order, one.seen)
        for way in fields(struct)
        for new in VALUES
        if is_possible(one, way, new) and not agrees(with_(one, struct, way, new))
    ]
    assert different == []


@pytest.mark.slow
@pytest.mark.counted
@pytest.mark.parametrize("often", [NEVER, 0])
def test_several_fields_at_once_under_every_kind_of_rule(
    often: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "OFTEN", 0)
    examples = [one for kind in kinds().values() for one in met(kind, monkeypatch)]
    bound = ready_for([*examples, *judged(WHOLE, PLAYED, monkeypatch) * 4])
    monkeypatch.setattr(ready, "OFTEN", often)
    random = Random(often)
    for _ in range(CASES):
        one = random.choice(bound)
        for _ in range(random.randint(1, 3)):
            struct = random.choice((one.order, one.seen))
            way, new = random.choice([*fields(struct)]), random.choice(VALUES)
            if is_possible(one, way, new):
                one = with_(one, struct, way, new)
        assert agrees(one), one
