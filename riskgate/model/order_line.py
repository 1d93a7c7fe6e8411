"""The one-line order: `SIDE QUANTITY SYMBOL TYPE [PRICE...] [TIF] [key=value ...]`.

Rule 1: names come in as upper case; numbers are plain decimal digits, nothing else.
Rule 2: all faults of a line are reported at once, as one OrderError.
Rule 3: what `write` writes, `parse` reads back as the same order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Final, NamedTuple

from riskgate.errors import OrderError
from riskgate.model import order_words
from riskgate.model.codes import Code
from riskgate.model.fields import FLAT, KEYS, Field, Kind, assembled, must_be, stated_keys
from riskgate.model.instrument import Terms
from riskgate.model.money import text
from riskgate.model.order import SHAPES, Fault, Order, OrderType, Side, Tif
from riskgate.model.terms import faults_of

number: Final = order_words.number
TOKEN: Final = re.compile(r'(?:"[^"]*"|[^\s"])+')
WHOLE: Final = re.compile(r"[-+]?\d{1,10}", re.ASCII)
SYMBOL: Final = re.compile(
    r'(?:"(?P<quoted>[^"]+)"|(?P<plain>[^".@\s]+))(?:\.(?P<sec>\w+))?(?:@(?P<venue>\S+))?'
)
SHORTEST: Final = 4
# What is without fault, in place of what could not be read.
STAND_INS: Final[dict[str, object]] = {
    "side": Side.BUY,
    "quantity": Decimal(1),
    "symbol": "X",
    "order_type": OrderType.MKT,
}


class _Reader:
    """One pass over the tokens of a line; collects fields and faults."""

    def __init__(self, line: str) -> None:
        self.line = line
        self.tokens: list[str] = TOKEN.findall(line)
        self.fields: dict[str, object] = {}
        self.faults: list[Fault] = []

    def fault(self, code: Code, message: str) -> None:
        self.faults.append(Fault(code, message))

    def peek(self) -> str | None:
        return self.tokens[0] if self.tokens else None

    def take(self) -> str:
        return self.tokens.pop(0)


def parse(line: str) -> Order:
    """Read one line. Raise OrderError with every code that applies."""
    order, faults = read(line)
    if order is None or faults:
        raise refused(line if line.isprintable() else ascii(line)[1:-1], faults)
    return order


def read(line: str) -> tuple[Order | None, tuple[Fault, ...]]:
    """Read one line into an order, if it states one, and all that is wrong with it."""
    reader = _Reader(line)
    if not (line.isascii() and line.isprintable()):
        reader.fault(Code.BAD_ORDER, "an order is one line of printable ASCII text")
    elif line.count('"') % 2:
        reader.fault(Code.BAD_ORDER, "a quote is opened and never closed; close it")
    elif len(reader.tokens) < SHORTEST:
        reader.fault(
            Code.BAD_ORDER,
            "write SIDE QUANTITY SYMBOL TYPE [PRICE...] [TIF] [key=value ...]"
            ", such as BUY 100 AAPL LMT 190.25 DAY",
        )
    if reader.faults:
        return None, tuple(reader.faults)
    for part in (_side, _quantity, _symbol, _type_and_prices, _tif, _keys):
        part(reader)
    return _finish(reader)


def terms_of(name: str) -> Terms:
    """The contract that a name stands for, written as in an order line.

    `AAPL`, `ES.FUT@CME expiry=2026-06-19`. Raise OrderError if it is no such name.
    """
    symbol, *keys = TOKEN.findall(name) or [""]
    return parse(" ".join(["BUY 1", symbol, "MKT DAY", *keys])).terms


def _finish(reader: _Reader) -> tuple[Order | None, tuple[Fault, ...]]:
    """The order, and its faults; where something could not be read, those of the rest as well."""
    given = {name: value for name, value in reader.fields.items() if value is not None}
    order = assembled({**STAND_INS, **given})
    unread = {fault.code for fault in reader.faults} - {Code.BAD_ORDER}
    faults = (fault for fault in faults_of(order) if fault.code not in unread)
    return None if reader.faults else order, (*reader.faults, *faults)


def refused(what: str, faults: tuple[Fault, ...]) -> OrderError:
    """The error that names every fault of an order from outside."""
    reasons = "; ".join(fault.text for fault in faults)
    return OrderError(f"`{what}`: {reasons}", tuple((fault.code, fault.text) for fault in faults))


def _side(reader: _Reader) -> None:
    word = reader.take().upper()
    if word in Side.__members__:
        reader.fields["side"] = Side(word)
    else:
        reader.fault(Code.BAD_ORDER, f"side must be BUY or SELL; found `{word}`")


def _quantity(reader: _Reader) -> None:
    word = reader.take()
    value = number(word)
    if value is None:
        reader.fault(Code.BAD_QUANTITY, f"quantity must be plain digits; found `{word}`")
    reader.fields["quantity"] = value


def _symbol(reader: _Reader) -> None:
    word = reader.take()
    match = SYMBOL.fullmatch(word)
    if match is None:
        reader.fault(
            Code.BAD_ORDER,
            f'`{word}` is no symbol; write AAPL, ES.FUT@CME, or "BRK B" if it has a blank or a dot',
        )
        return
    reader.fields["symbol"] = (match["quoted"] or match["plain"]).upper()
    if match["sec"]:
        reader.fields["sec_type"] = match["sec"].upper()
    if match["venue"]:
        reader.fields["exchange"] = match["venue"].upper()


def _type_and_prices(reader: _Reader) -> None:
    word = reader.take().upper()
    if word not in OrderType.__members__:
        reader.fault(Code.BAD_ORDER, _unsupported(word))
        while _is_price(reader.peek()):
            reader.take()
        return
    kind = OrderType(word)
    reader.fields["order_type"] = kind
    if SHAPES[kind].trails:
        _trail(reader)
    for name in (*SHAPES[kind].prices, *SHAPES[kind].optional):
        if _is_price(reader.peek()):
            reader.fields[name] = _price(reader, name)
    while _is_price(reader.peek()):
        reader.fault(Code.BAD_PRICE, f"{kind} takes no further price; found `{reader.take()}`")


def _unsupported(word: str) -> str:
    """Why there is no such order type, and what to write."""
    if word in order_words.AUCTIONS:
        return f"order type `{word}` is written as {order_words.AUCTIONS[word]}"
    near = get_close_matches(word, OrderType, n=1)
    meant = f" (did you mean `{near[0]}`?)" if near else ""
    return f"order type `{word}` is not supported{meant}; use {', '.join(OrderType)}"


def _is_price(word: str | None) -> bool:
    return (
        word is not None
        and "=" not in word
        and word.upper() not in Tif.__members__
        and (
            any(character.isdigit() for character in word)
            or word.lower().strip("+-") in ("nan", "inf", "infinity")
        )
    )


def _price(reader: _Reader, name: str) -> Decimal | None:
    word = reader.take()
    value = number(word)
    if value is None:
        reader.fault(Code.BAD_PRICE, f"{name} must be a plain number; found `{word}`")
    return value


def _trail(reader: _Reader) -> None:
    word = reader.peek()
    if word is None or not _is_price(word):
        return
    if word.endswith("%"):
        reader.tokens[0] = word[:-1]
        reader.fields["trail_percent"] = _price(reader, "trail_percent")
    else:
        reader.fields["trail_amount"] = _price(reader, "trail_amount")


def _tif(reader: _Reader) -> None:
    word = reader.peek()
    if word is None or "=" in word:
        return
    word = reader.take().upper()
    if word not in Tif.__members__:
        known = ", ".join(Tif)
        reader.fault(Code.BAD_TIF, f"time in force `{word}` is not supported; use {known}")
        return
    reader.fields["tif"] = Tif(word)
    following = reader.peek()
    if word == Tif.GTD and following is not None and "=" not in following:
        reader.fields["good_till"] = _moment(reader, reader.take())


def _moment(reader: _Reader, word: str) -> datetime | None:
    moment = order_words.moment(word)
    if moment is None:
        reader.fault(
            Code.BAD_TIF,
            f"`{word}` is no time with an offset, such as 2026-03-05T16:00:00-05:00",
        )
    return moment


def _keys(reader: _Reader) -> None:
    while reader.tokens:
        word = reader.take()
        name, equals, value = word.partition("=")
        name, value = name.lower(), _unquoted(value)
        if not equals:
            reader.fault(Code.BAD_ORDER, f"`{word}` is not understood here; expected key=value")
        elif name not in KEYS:
            reader.fault(Code.BAD_ORDER, f"unknown key `{name}`{_near(name)}")
        elif reader.fields.get(name) is not None:
            reader.fault(Code.BAD_ORDER, f"`{name}` is given twice")
        else:
            _key(reader, FLAT[name], value)


def _near(name: str) -> str:
    near = get_close_matches(name, KEYS, n=1)
    return f" (did you mean `{near[0]}`?)" if near else f"; known: {', '.join(KEYS)}"


def _unquoted(value: str) -> str:
    return value[1:-1] if value.startswith('"') and value.endswith('"') else value


def _key(reader: _Reader, field: Field, value: str) -> None:
    try:
        found = _READERS[field.kind](field, value)
    except order_words.Unread as error:
        reader.fault(field.code, str(error))
        return
    if found is None:
        reader.fault(field.code, f"{field.name} must be {_plain(field)}; found `{value}`")
    reader.fields[field.name] = found


def _plain(field: Field) -> str:
    return "a plain number" if field.kind is Kind.NUMBER else must_be(field)


def _read_flag(_: Field, value: str) -> bool | None:
    return value.lower() == "true" if value.lower() in ("true", "false") else None


def _read_whole(_: Field, value: str) -> int | None:
    return int(value) if WHOLE.fullmatch(value) else None


def _read_word(field: Field, value: str) -> object:
    named = {str(member): member for member in field.members or ()}
    return named.get(value.lower())


def _read_day(_: Field, value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _read_part(field: Field, value: str) -> object:
    return order_words.READERS[field.name](value)


_READERS: Final[Mapping[Kind, Callable[[Field, str], object]]] = {
    Kind.NUMBER: lambda _, value: number(value),
    Kind.WHOLE: _read_whole,
    Kind.FLAG: _read_flag,
    Kind.MOMENT: lambda _, value: order_words.moment(value),
    Kind.DAY: _read_day,
    Kind.WORD: _read_word,
    Kind.NAME: lambda _, value: value.upper(),
    Kind.TEXT: lambda _, value: value,
    Kind.PART: _read_part,
    Kind.PARTS: _read_part,
}


class Frame(NamedTuple):
    """The words of a line around its numbers: `before` the quantity, and `after` the prices."""

    before: str
    between: str
    after: str


def write(order: Order) -> str:
    """The one line that reads back as this order."""
    around = frame(order)
    prices = "".join([f" {price}" for price in _written_prices(order)])
    return f"{around.before}{text(order.quantity)}{around.between}{prices}{around.after}"


def frame(order: Order) -> Frame:
    """All of an order's line but its quantity and its prices."""
    words = [str(order.tif)]
    if order.good_till is not None:
        words.append(order.good_till.isoformat())
    after = "".join([f" {word}" for word in (*words, *_written_keys(order))])
    return Frame(f"{order.side} ", f" {_written_symbol(order)} {order.order_type}", after)


def _written_symbol(order: Order) -> str:
    symbol = order.symbol
    name = f'"{symbol}"' if " " in symbol or "." in symbol or "@" in symbol else symbol
    kind = f".{order.sec_type}" if order.sec_type else ""
    venue = f"@{order.exchange}" if order.exchange is not None and " " not in order.exchange else ""
    return f"{name}{kind}{venue}"


def _written_prices(order: Order) -> list[str]:
    shape = SHAPES[order.order_type]
    trail = []
    if shape.trails and order.trail_amount is not None:
        trail = [text(order.trail_amount)]
    elif shape.trails and order.trail_percent is not None:
        trail = [f"{text(order.trail_percent)}%"]
    names = shape.prices + shape.optional
    return trail + [text(value) for name in names if (value := getattr(order, name)) is not None]


def _written_keys(order: Order) -> list[str]:
    return [
        f"{name}={_written(name, value)}"
        for name, value in stated_keys(order).items()
        if not _is_beside_the_symbol(name, value)
    ]


def _is_beside_the_symbol(name: str, value: object) -> bool:
    return name == "sec_type" or (name == "exchange" and " " not in str(value))


def _written(name: str, value: object) -> str:
    if type(value) is str and name not in order_words.WRITERS:
        return f'"{value}"' if " " in value else value
    if value is True:
        return "true"
    if isinstance(value, Decimal):
        return text(value)
    if name in order_words.WRITERS:
        words = order_words.WRITERS[name](value)
    else:
        words = value.isoformat() if isinstance(value, date) else str(value)
    return f'"{words}"' if " " in words else words
