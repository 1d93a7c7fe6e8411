"""The tables of a journal, as peewee models, and the statements built from them once.

Rule 1: amounts are canonical decimal text and times ISO UTC text, so `sqlite3` shows them exactly.
Rule 2: `events` is the record; `orders` and `executions` repeat it; `decisions` is a view of it.
Rule 3: a per-order statement is text made here once; nothing builds a query for each order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import peewee

from riskgate.journal.coding import GENESIS, TABLED, Row
from riskgate.model import money
from riskgate.model.decision import Action
from riskgate.model.events import KINDS
from riskgate.model.moments import sortable


class WordField(peewee.TextField):
    """Plain text; a member of an enumeration of words is its word."""

    def db_value(self, value: object) -> str:
        """Text."""
        return str(value)


class ActionField(peewee.TextField):
    """An action, as people write it."""

    def db_value(self, value: Action | str) -> str:
        """The word."""
        return value.word if isinstance(value, Action) else value


class DecimalField(peewee.TextField):
    """A number as canonical decimal text."""

    def db_value(self, value: Decimal | None) -> str | None:
        """Text without exponent or trailing zeros."""
        return None if value is None else money.text(value)

    def python_value(self, value: str | None) -> Decimal | None:
        """The number."""
        return None if value is None else Decimal(value)


class MomentField(peewee.TextField):
    """A moment as ISO text in UTC, to the microsecond, so that text order is time order."""

    def db_value(self, value: datetime | None) -> str | None:
        """Text such as `2026-03-02T14:30:00.000000Z`."""
        if value is None:
            return None
        return sortable(value)

    def python_value(self, value: str | None) -> datetime | None:
        """The moment, aware, in UTC."""
        return None if value is None else datetime.fromisoformat(value)


class OwnerField(peewee.ForeignKeyField):
    """The order of an execution; 0, for an order that is not ours, is stored as NULL."""

    def db_value(self, value: int | None) -> int | None:
        """The order id, or NULL."""
        return value or None


class FlagField(peewee.IntegerField):
    """Yes or no, as 1 or 0."""

    def db_value(self, value: object) -> int:
        """1 or 0."""
        return int(bool(value))

    def python_value(self, value: int | None) -> bool:
        """True or False."""
        return bool(value)


class EventRow(peewee.Model):
    """One event. The hash covers previous, seq, at_ns, kind and body."""

    seq = peewee.IntegerField(primary_key=True)
    at_ns = peewee.IntegerField()
    kind = peewee.TextField()
    order_id = peewee.IntegerField(null=True)
    body = peewee.TextField()
    previous = peewee.TextField()
    hash = peewee.TextField()

    class Meta:
        """The index also answers how many events of each kind there are."""

        table_name = "events"
        indexes = ((("order_id", "kind"), False),)


class OrderRow(peewee.Model):
    """One order, as an OrderView has it."""

    order_id = peewee.IntegerField(primary_key=True)
    account_id = WordField()
    symbol = WordField()
    order_type = WordField()
    side = WordField()
    quantity = DecimalField()
    limit_price = DecimalField(null=True)
    stop_price = DecimalField(null=True)
    time_in_force = WordField()
    status = WordField()
    filled_quantity = DecimalField()
    avg_fill_price = DecimalField(null=True)
    commission = DecimalField()
    created_at = MomentField()
    updated_at = MomentField()
    cancelled_at = MomentField(null=True)
    filled_at = MomentField(null=True)
    ref = WordField()
    strategy = WordField()
    action = ActionField()
    reason = WordField()
    broker_order_id = peewee.IntegerField()
    perm_id = peewee.IntegerField()
    client_id = peewee.IntegerField()
    parent_id = peewee.IntegerField()
    text = WordField()
    sec_type = WordField()
    venue = WordField()
    currency = WordField()
    multiplier = DecimalField(null=True)
    decided_at = MomentField(null=True)
    decision_price = DecimalField(null=True)
    bid = DecimalField(null=True)
    ask = DecimalField(null=True)
    sent_at = MomentField(null=True)
    arrival_price = DecimalField(null=True)
    queued = DecimalField(null=True)
    acknowledged_at = MomentField(null=True)
    first_filled_at = MomentField(null=True)
    done_at = MomentField(null=True)
    end_price = DecimalField(null=True)
    block_id = peewee.IntegerField()
    is_block = FlagField()
    is_parent = FlagField()
    modifies = peewee.IntegerField()
    cancels = peewee.IntegerField()

    class Meta:
        """The brief's name."""

        table_name = "orders"


class ExecutionRow(peewee.Model):
    """One execution in its latest revision. `order_id` is NULL for an order that is not ours."""

    execution_id = WordField(primary_key=True)
    order_id = OwnerField(OrderRow, column_name="order_id", null=True)
    symbol = WordField()
    side = WordField()
    quantity = DecimalField()
    price = DecimalField()
    commission = DecimalField(null=True)
    timestamp = MomentField()
    account = WordField()
    currency = WordField()
    stem = WordField(unique=True)

    class Meta:
        """The brief's name."""

        table_name = "executions"


class MetaRow(peewee.Model):
    """One fact about the file: `schema`, and `projected_seq` with the hash of that event."""

    key = peewee.TextField(primary_key=True)
    value = peewee.TextField()

    class Meta:
        """A word and its value."""

        table_name = "meta"


class DecisionRow(peewee.Model):
    """One decision, out of the view over its event; `breaches` are rules and codes as text."""

    seq = peewee.IntegerField(primary_key=True)
    order_id = peewee.IntegerField()
    at = MomentField()
    action = peewee.TextField()
    digest = peewee.TextField()
    breaches = peewee.TextField()
    text = peewee.TextField()

    class Meta:
        """The view's name."""

        table_name = "decisions"


# Never opened: it tells peewee whose SQL to write.
_DIALECT: Final = peewee.SqliteDatabase(None)
Writer = tuple[str, Callable[[Any], Any] | None]
TABLES: Final[tuple[type[peewee.Model], ...]] = (EventRow, OrderRow, ExecutionRow, MetaRow)

_ACTIONS = " ".join(f"WHEN {int(action)} THEN '{action.word}'" for action in Action)
_NAME = "coalesce(json_extract(value, '$.rule'), json_extract(value, '$.code'))"
_MOMENT = (
    "strftime('%Y-%m-%dT%H:%M:%S', at_ns / 1000000000, 'unixepoch')"
    " || printf('.%06dZ', at_ns / 1000 % 1000000)"
)
DECISIONS: Final = f"""
CREATE VIEW IF NOT EXISTS decisions AS
SELECT seq, order_id, {_MOMENT} AS at,
  CASE json_extract(body, '$.decision.action') {_ACTIONS} END AS action,
  json_extract(body, '$.decision.digest') AS digest,
  coalesce((SELECT group_concat({_NAME}, ' ')
    FROM json_each(body, '$.decision.breaches')), '') AS breaches,
  json_extract(body, '$.text') AS text
FROM events WHERE kind = '{KINDS["decision"]}'
"""  # noqa: S608  # constants of ours


def columns(model: type[peewee.Model]) -> list[peewee.Field]:
    """The fields of a model, in the order of its columns."""
    return list(model._meta.sorted_fields)  # noqa: SLF001  # peewee's documented way to them


def writers(model: type[peewee.Model]) -> list[Writer]:
    """For each column, the attribute it comes from and how that is stored; None is as it is."""
    plain = peewee.IntegerField
    return [
        (field.name, None if type(field) is plain else field.db_value) for field in columns(model)
    ]


def values_of(source: object, written: Iterable[Writer]) -> list[Any]:
    """One row, from the attributes of a value."""
    return [
        getattr(source, name) if stored is None else stored(getattr(source, name))
        for name, stored in written
    ]


def _read() -> str:
    fields = [getattr(EventRow, name) for name in Row._fields]
    # As bytes: what is hashed, and what is no valid text can then be read, and found to be wrong.
    fields[Row._fields.index("body")] = EventRow.body.cast("BLOB")
    query = EventRow.select(*fields).where(EventRow.seq >= 0)
    return str(query.order_by(EventRow.seq).limit(1).bind(_DIALECT).sql()[0])


NEW_IN_2: Final = [field.name for field in columns(OrderRow)].index("sec_type")  # where they begin


def read_all(fields: list[peewee.Field]) -> str:
    """Every row of a table, as these columns of it are stored."""
    return str(fields[0].model.select(*fields).bind(_DIALECT).sql()[0])


def _insert(model: type[peewee.Model]) -> peewee.Insert:
    return model.insert(dict.fromkeys(columns(model), None)).bind(_DIALECT)


def _upsert_order() -> str:
    kept = [field for field in columns(OrderRow) if not field.primary_key]
    query = _insert(OrderRow).on_conflict(conflict_target=[OrderRow.order_id], preserve=kept)
    return str(query.sql()[0])


INSERT_EVENT: Final = str(_insert(EventRow).sql()[0])
READ_EVENTS: Final = _read()
READ_LAST: Final = "SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1"
# The last event that is known, and one more if there is one.
READ_PLACES: Final = "SELECT seq, hash FROM events WHERE seq >= ? ORDER BY seq LIMIT 2"
UPSERT_ORDER: Final = _upsert_order()
# An execution's row gives way to that of its correction: same stem, another execution id.
UPSERT_EXECUTION: Final = str(_insert(ExecutionRow).on_conflict_replace().sql()[0])
# The executions of orders whose numbers are a JSON list.
READ_FILLS_OF: Final = (
    "SELECT order_id, quantity, price, timestamp, commission, currency, execution_id"
    " FROM executions WHERE order_id IN (SELECT value FROM json_each(?))"
    " ORDER BY order_id, timestamp, execution_id"
)
EMPTY_ORDERS: Final = str(OrderRow.delete().bind(_DIALECT).sql()[0])
EMPTY_EXECUTIONS: Final = str(ExecutionRow.delete().bind(_DIALECT).sql()[0])

_TABLED = ", ".join(f"'{kind}'" for kind in sorted(TABLED))
_PROJECTED = "(SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'projected_seq')"
_UNTABLED = f"SELECT 1 FROM events WHERE seq > {_PROJECTED} AND kind IN ({_TABLED})"  # noqa: S608
# (up to, where this turn began): tables that had missed an event by then stay behind.
ADVANCE_PROJECTED: Final = (
    "UPDATE meta SET value = ? WHERE key = 'projected_seq'"  # noqa: S608  # constants of ours
    f" AND NOT EXISTS ({_UNTABLED} AND seq <= ?)"
)
SET_PROJECTED: Final = "UPDATE meta SET value = ? WHERE key = 'projected_seq'"
READ_ORDERS_SQL: Final = "SELECT sql FROM sqlite_master WHERE name = 'orders'"
SET_SCHEMA: Final = "UPDATE meta SET value = ? WHERE key = 'schema'"
BEGIN_ANEW: Final = (
    f"UPDATE meta SET value = '{GENESIS.seq} {GENESIS.hash}' WHERE key = 'projected_seq'"  # noqa: S608  # ours
)
READ_META: Final = "SELECT key, value FROM meta"
READ_PROJECTED: Final = f"SELECT {_PROJECTED}"
IS_BEHIND: Final = f"SELECT EXISTS ({_UNTABLED})"
