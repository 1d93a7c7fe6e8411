"""Orders with their executions out of the tables, as the value that every measure takes.

Rule 1: orders stream in the order of their numbers, a batch at a time, so that memory is flat
however long the record is, and no reader holds up the log of a gate that writes.
Rule 2: a batch is of one moment: its orders and their executions belong together.
Rule 3: a row becomes the same value as the book gives, to the last digit (`ledger.order_facts`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from riskgate.analytics.facts import Execution, OrderFacts
from riskgate.errors import JournalError
from riskgate.journal.faults import told
from riskgate.journal.store import Store
from riskgate.journal.tables import READ_FILLS_OF, OrderRow
from riskgate.ledger.order_facts import net_fill
from riskgate.model.decision import Action
from riskgate.model.lifecycle import Status
from riskgate.model.moments import EPOCH
from riskgate.model.money import ONE, ZERO
from riskgate.model.order import Side
from riskgate.model.sound import COMBO

ORDERS_AT_ONCE: Final = 2_000
REMEMBERED: Final = 32_768  # amounts that are written alike are read once
Stored = Sequence[Any]  # one row, as it is stored: amounts and moments are text
Moment = Callable[[Any], datetime]
STATUSES: Final[Mapping[str, Status]] = {status.value: status for status in Status}
SIDES: Final[Mapping[str, Side]] = {"": Side.BUY, **{side.value: side for side in Side}}
ACTIONS: Final[Mapping[str, Action]] = {action.word: action for action in Action}
# What `order_facts` takes, in its order.
ORDER_COLUMNS: Final = (
    *("order_id", "account_id", "strategy", "symbol", "venue", "order_type", "currency"),
    *("side", "status", "action", "quantity", "limit_price", "multiplier", "created_at"),
    *("decided_at", "decision_price", "bid", "ask", "sent_at", "arrival_price"),
    *("acknowledged_at", "first_filled_at", "filled_at", "done_at", "end_price", "queued"),
    *("parent_id", "block_id", "is_block", "reason", "sec_type", "filled_quantity"),
    *("avg_fill_price", "is_parent", "modifies", "cancels"),
)
# What `executions_by_order` takes, in its order.
EXECUTION_COLUMNS: Final = (
    *("order_id", "quantity", "price", "timestamp", "commission", "currency", "execution_id"),
)


def read(store: Store, where: Sequence[Any]) -> Iterator[OrderFacts]:
    """The facts of every order that meets the conditions, by number.

    Raise JournalError for a row that riskgate did not write.
    """
    after = -(2**63)
    while True:
        with told(store.path, store.wait):
            found, executed = _batch(store, where, after)
        if not found:
            return
        try:
            yield from facts_of_rows(found, executed)
        except (ArithmeticError, KeyError, TypeError, ValueError) as error:
            why = f"a row of its tables is not as it was written ({error!a})"
            raise JournalError(
                f"journal `{store.path}`: {why}; run `riskgate audit verify`"
            ) from error
        after = found[-1][0]


def _batch(store: Store, where: Sequence[Any], after: int) -> tuple[list[Stored], list[Stored]]:
    """The next orders and their executions, as of one moment."""
    wanted = [getattr(OrderRow, name) for name in ORDER_COLUMNS]
    query = OrderRow.select(*wanted).where(*where, OrderRow.order_id > after)
    statement = query.order_by(OrderRow.order_id).limit(ORDERS_AT_ONCE).bind(store.database).sql()
    connection = store.connection
    decoder, connection.text_factory = connection.text_factory, str  # twice as fast, as strict
    connection.execute("BEGIN")
    try:
        orders = connection.execute(*statement).fetchall()
        numbers = json.dumps([row[0] for row in orders])
        return orders, connection.execute(READ_FILLS_OF, (numbers,)).fetchall()
    finally:
        connection.execute("COMMIT")
        connection.text_factory = decoder


def facts_of_rows(orders: Iterable[Stored], executions: Iterable[Stored]) -> Iterator[OrderFacts]:
    """The facts of these orders; the executions are sorted by order, time and id."""
    fills = executions_by_order(executions)
    for row in orders:
        yield order_facts(row, fills.get(row[0]))


def executions_by_order(
    rows: Iterable[Stored], moment: Moment = datetime.fromisoformat
) -> dict[int, list[Execution]]:
    """Executions, decoded, by the number of their order. `moment` reads a time of the source."""
    found: dict[int, list[Execution]] = {}
    order, fills = None, []
    stamp, when = "", EPOCH
    for number, quantity, price, at, cost, currency, name in rows:
        if number != order:
            order, fills = number, found.setdefault(number, [])
        if at != stamp:  # the broker's are of whole seconds, and come in bursts
            stamp, when = at, moment(at)
        paid = None if cost is None else _decimal(cost)
        fills.append(Execution(_decimal(quantity), _decimal(price), when, paid, currency, name))
    return found


def order_facts(
    row: Stored,
    executions: Sequence[Execution] | None,
    moment: Moment = datetime.fromisoformat,
) -> OrderFacts:
    """One order, decoded from `ORDER_COLUMNS`, with its executions."""
    fills = tuple(executions) if executions else ()
    if row[30] == COMBO:
        fills = net_fill(fills, Decimal(row[31]), _number(row[32]))
    filled = fills[0].quantity if fills else ZERO
    for one in fills[1:]:
        filled += one.quantity
    number, created, decided = _number, row[13], row[14]
    return OrderFacts(
        order_id=row[0],
        account=row[1],
        strategy=row[2],
        symbol=row[3],
        sec_type=row[30],
        venue=row[4],
        order_type=row[5],
        currency=row[6],
        side=SIDES[row[7]],
        status=STATUSES[row[8]],
        action=ACTIONS[row[9]],
        quantity=_decimal(row[10]),
        filled=filled,
        limit_price=number(row[11]),
        multiplier=ONE if row[12] is None else _decimal(row[12]),
        decided_at=moment(decided or created),
        decision_price=number(row[15]),
        bid=number(row[16]),
        ask=number(row[17]),
        sent_at=None if row[18] is None else moment(row[18]),
        arrival_price=number(row[19]),
        acknowledged_at=None if row[20] is None else moment(row[20]),
        first_filled_at=None if row[21] is None else moment(row[21]),
        filled_at=None if row[22] is None else moment(row[22]),
        done_at=None if row[23] is None else moment(row[23]),
        end_price=number(row[24]),
        queued=number(row[25]),
        parent_id=row[26],
        block_id=row[27],
        is_block=bool(row[28]),
        is_parent=bool(row[33]),
        modifies=row[34],
        cancels=row[35],
        reason=row[29],
        fills=fills,
    )


@lru_cache(REMEMBERED)
def _decimal(text: str) -> Decimal:
    return Decimal(text)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else _decimal(text)
