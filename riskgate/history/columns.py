"""The columns of an order history: their names, what they hold, and reading them exactly.

Rule 1: this table is the schema; docs/replay.md repeats it, and a test compares the two.
Rule 2: a value that is not what its column holds is a fault of its row, never guessed at.
Rule 3: a number from a file with binary floats is the decimal that is written shortest.
Rule 4: what passes can be counted with: numbers of a sane size, moments that clocks anywhere tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple, TypeGuard, cast

from riskgate.errors import ConfigError
from riskgate.model.decision import Action
from riskgate.model.lifecycle import Status
from riskgate.model.money import MOST_DECIMALS, MOST_WHOLE_DIGITS, ZERO
from riskgate.model.order import OrderType, Side, Tif
from riskgate.parquet import EARLIEST, LATEST, Coded, Moments

ABSENT: Final = (None, "")
Values = Sequence[Any] | Coded
MOST_KNOWN: Final = 65_536  # values of a column that are remembered
NO_NUMBER: Final = "is no number"
NUMBERED: Final = "is a number and no time; write 2026-03-02T15:00:00Z, or use timestamps"
LONGEST_SHOWN: Final = 60  # characters of a value that a fault repeats
WORDS: Final = {"true": True, "false": False}
# `Decimal` alone also takes `1_000`, digits of other scripts and spaces around them.
_WRITTEN: Final = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?").fullmatch
_UNBOUND: Final = re.compile(r"[-+]?(?:s?nan|inf|infinity)", re.IGNORECASE).fullmatch


class Wrong(NamedTuple):
    """A value that its column cannot hold, in words."""

    why: str


class Column(NamedTuple):
    """One column: how a value is read, what it means, and whether each row must have one."""

    read: Callable[[Any], Any]
    means: str
    required: bool = False


def decimal(value: Any) -> Decimal:  # noqa: ANN401  # whatever a file holds
    """A finite number; text is of digits, a sign, a point and an exponent. Raise ValueError."""
    if isinstance(value, str) and not _WRITTEN(value):
        raise ValueError("is no finite number" if _UNBOUND(value) else NO_NUMBER)
    if isinstance(value, bool):
        raise ValueError(NO_NUMBER)  # noqa: TRY004  # what a cell is read as is about its value
    try:
        found = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except (InvalidOperation, TypeError, ValueError):
        raise ValueError(NO_NUMBER) from None
    if not found.is_finite():
        raise ValueError("is no finite number")
    if not found:
        return ZERO
    if not -MOST_DECIMALS <= found.adjusted() < MOST_WHOLE_DIGITS:
        raise ValueError("is no number that anybody means")
    return found


def above_zero(value: Any) -> Decimal:  # noqa: ANN401  # whatever a file holds
    """A finite number above zero. Raise ValueError."""
    found = decimal(value)
    if found <= 0:
        raise ValueError("is not above zero")
    return found


def moment(value: Any) -> datetime:  # noqa: ANN401  # whatever a file holds
    """A time with its offset, in UTC. Raise ValueError: for a number too, whose unit none tells."""
    if isinstance(value, int | float | Decimal):
        raise ValueError(NUMBERED)  # noqa: TRY004  # same
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("is no time such as 2026-03-02T15:00:00Z") from None
    if found.utcoffset() is None:
        raise ValueError("has no offset; write one such as Z or -05:00")
    if not EARLIEST <= found < LATEST:
        raise ValueError(f"is not within the years {EARLIEST.year} to {LATEST.year - 1}")
    return found.astimezone(UTC)


def day(value: Any) -> date:  # noqa: ANN401  # whatever a file holds
    """A date; a time is none. Raise ValueError."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("is no date such as 2026-06-19") from None


def name(value: Any) -> str:  # noqa: ANN401  # whatever a file holds
    """Text. Raise ValueError."""
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("is no text")
    return value


def flag(value: Any) -> bool:  # noqa: ANN401  # whatever a file holds
    """True or false. Raise ValueError."""
    found = value if isinstance(value, bool) else WORDS.get(str(value).lower())
    if found is None:
        raise ValueError("is neither true nor false")
    return found


def one_of(words: Mapping[str, Any]) -> Callable[[Any], Any]:
    """A reader of one of these words, upper or lower case."""
    known = {word.upper(): meant for word, meant in words.items()}

    def read(value: Any) -> Any:  # noqa: ANN401  # whatever a file holds
        found = known.get(str(value).upper())
        if found is None:
            raise ValueError(f"is none of {', '.join(words)}")
        return found

    return read


SIDES: Final = one_of({str(side): side for side in Side})
TYPES: Final = one_of({str(kind): kind for kind in OrderType})
TIFS: Final = one_of({str(tif): tif for tif in Tif})
ENDS: Final = one_of(
    {
        status.value: status
        for status in (Status.FILLED, Status.CANCELLED, Status.REJECTED, Status.EXPIRED)
    }
)
ACTIONS: Final = one_of({action.word: action for action in Action})

ORDER: Final[dict[str, Column]] = {
    "account": Column(name, "the account that it was for", required=True),
    "symbol": Column(name, "as the broker names it", required=True),
    "side": Column(SIDES, "BUY or SELL", required=True),
    "quantity": Column(above_zero, "units or contracts", required=True),
    "order_type": Column(TYPES, "MKT, LMT, STP, ... as an order line writes it", required=True),
    "strategy": Column(name, "who sent it"),
    "limit_price": Column(decimal, "per unit, in the instrument's currency"),
    "stop_price": Column(decimal, "same"),
    "trigger_price": Column(decimal, "same, of MIT and LIT"),
    "peg_offset": Column(decimal, "of REL and the PEG types"),
    "trail_amount": Column(decimal, "of TRAIL and TRAIL_LMT, in price"),
    "trail_percent": Column(decimal, "same, in percent"),
    "limit_offset": Column(decimal, "of TRAIL_LMT"),
    "tif": Column(TIFS, "DAY where it is empty"),
    "good_till": Column(moment, "of GTD"),
    "exchange": Column(name, "where it was routed to"),
    "outside_rth": Column(flag, "true or false"),
    "intent": Column(decimal, "declared notional"),
    "tag": Column(name, "of the strategy's own"),
}
CONTRACT: Final[dict[str, Column]] = {
    "sec_type": Column(name, "STK where it is empty"),
    "currency": Column(name, "USD where it is empty"),
    "expiry": Column(day, "of futures and options"),
    "strike": Column(decimal, "of options"),
    "right": Column(name, "C or P"),
    "multiplier": Column(above_zero, "1, of options 100; of futures it must be stated"),
    "min_tick": Column(above_zero, "0.01 where it is empty"),
    "lot": Column(above_zero, "1 where it is empty"),
    "underlying": Column(name, "what it is written on"),
}
MARKET: Final[dict[str, Column]] = {
    "bid": Column(decimal, "the market when the order came"),
    "ask": Column(decimal, "same"),
    "last": Column(decimal, "same"),
    "close": Column(decimal, "of the day before"),
    "quote_at": Column(moment, "when the newest of the three came; `at` where it is empty"),
    "adv": Column(decimal, "average daily volume in units"),
    "fx": Column(above_zero, "one unit of `currency` in `base_currency`"),
}
VALUES: Final[dict[str, Column]] = {
    "net_liquidation": Column(decimal, "of the account, in `base_currency`"),
    "available_funds": Column(decimal, "same"),
    "day_pnl": Column(decimal, "same"),
    "base_currency": Column(name, "USD where it is empty"),
}
BECAME: Final[dict[str, Column]] = {
    "filled_quantity": Column(decimal, "0 where it is empty"),
    "avg_fill_price": Column(decimal, "required where something was filled"),
    "filled_at": Column(moment, "when all of that was; `done_at`, else `at`, where it is empty"),
    "done_at": Column(moment, "when it ended; where it is empty it worked until its day ended"),
    "status": Column(ENDS, "how it ended: Filled, Cancelled, Rejected or Expired"),
    "action": Column(ACTIONS, "the answer of then: allow, warn, hold or deny; allow if empty"),
}
COLUMNS: Final[dict[str, Column]] = {
    "at": Column(moment, "when the order came, with its offset", required=True),
    **ORDER,
    **CONTRACT,
    **MARKET,
    **VALUES,
    **BECAME,
}


class Read(NamedTuple):
    """A column's values, and what is wrong with those that are `Wrong`, by place.

    `whole` is a column of which every value is there.
    """

    values: Sequence[Any]
    wrong: dict[int, str]
    whole: bool

    def at(self, places: Sequence[int]) -> Read:
        """The values at these places."""
        values = self.values
        return self._replace(values=[values[place] for place in places])


class Reading:
    """Reads columns of a file, batch by batch; equal values are read once."""

    def __init__(self) -> None:
        self._known: dict[str, dict[Any, Any]] = {}

    def read(self, column: str, values: Values) -> Read:
        """Read a column's values."""
        if COLUMNS[column].read is moment and _are_moments(values):
            return Read(values, {}, whole=True)
        known = self._known.setdefault(column, {})
        if len(known) > MOST_KNOWN:
            known.clear()
        try:
            seen = values.words if isinstance(values, Coded) else set(values)
        except TypeError:
            return self.read(column, list(map(_single, cast("Sequence[Any]", values))))
        for value in seen:
            if value not in known:
                known[value] = _value(column, value)
        read = [known[value] for value in seen]
        if isinstance(values, Coded):
            one = len(read) == 1
            found = read * len(values) if one else list(map(read.__getitem__, values.places))
        else:
            found = [known[value] for value in values]
        whole = None not in read
        if Wrong not in set(map(type, read)):
            return Read(found, {}, whole)
        wrong = {n: value.why for n, value in enumerate(found) if type(value) is Wrong}
        return Read(found, wrong, whole)


def _are_moments(values: Values) -> TypeGuard[Sequence[Any]]:
    """Whether all of them are times in UTC already."""
    if isinstance(values, Coded | Moments):
        return isinstance(values, Moments)
    if set(map(type, values)) != {datetime} or {value.tzinfo for value in values} != {UTC}:
        return False
    return bool(min(values) >= EARLIEST and max(values) < LATEST)


def _single(value: Any) -> Any:  # noqa: ANN401  # whatever a file holds
    """A value, or that it is several: a list or a struct of Parquet."""
    return value if isinstance(value, Hashable) else Wrong(f"`{shown(value)}` is no single value")


def _value(column: str, value: Any) -> Any:  # noqa: ANN401  # whatever a file holds
    """A value as it is meant, None where there is none, or why it is none."""
    kind = COLUMNS[column]
    if type(value) is Wrong:
        return value
    if value in ABSENT or value != value:  # a table's "not a number" is an empty cell  # noqa: PLR0124
        return Wrong("is empty") if kind.required else None
    try:
        return kind.read(value)
    except ValueError as error:
        return Wrong(f"`{shown(value)}` {error}")


def shown(value: Any) -> str:  # noqa: ANN401  # whatever a file holds
    """A value on one line, not all of a long one."""
    said = str(value)
    if len(said) > LONGEST_SHOWN:
        said = f"{said[:LONGEST_SHOWN]}..."
    return said if said.isprintable() else repr(said)[1:-1]


def chosen(path: str, found: Sequence[str]) -> tuple[str, ...]:
    """The columns of a file that are ours. Raise ConfigError for one that is missing, or twice."""
    missing = [one for one, column in COLUMNS.items() if column.required and one not in found]
    if missing:
        raise ConfigError(
            f"`{path}` has no column `{missing[0]}`; docs/replay.md says which a history has"
        )
    ours = tuple(one for one in COLUMNS if one in found)
    twice = [one for one in ours if found.count(one) > 1]
    if twice:
        times = found.count(twice[0])
        raise ConfigError(f"`{path}` has the column `{twice[0]}` {times} times; keep one of them")
    return ours
