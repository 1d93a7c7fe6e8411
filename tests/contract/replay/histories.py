"""Order histories for the tests, as rows and as files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

from riskgate import parquet
from riskgate.authoring import policy_files
from riskgate.calendars import ExchangeCalendars
from riskgate.history.columns import COLUMNS, decimal, flag, moment
from riskgate.history.opening import Opening
from riskgate.history.running import History, Ways, replay_history
from riskgate.history.working import Asked

Row = dict[str, Any]
ZONE = "America/New_York"
OPEN = datetime(2026, 3, 2, 14, 35, tzinfo=UTC)
POLICY = """\
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - {id: hours, kind: market_hours, calendar: XNYS, because: a test}
  - {id: size, kind: fat_finger, max_quantity: 900, because: a test}
  - {id: near, kind: fat_finger, max_deviation_percent: 3, because: a test}
  - {id: held, kind: position, per: [account, symbol], max_long: 1500, max_short: 1500,
     because: a test}
  - {id: total, kind: exposure, per: [account], max_gross: 2_000_000, because: a test}
  - {id: twice, kind: duplicate, window: 5s, max: 3, because: a test}
  - {id: pace, kind: message_rate, window: 1s, per: [account, strategy], max: 50, because: a test}
  - {id: turnover, kind: daily_volume, per: [account], max_notional: 90_000_000, because: a test}
  - {id: again, kind: repeat_execution, window: 60s, max: 40, because: a test}
  - {id: cross, kind: self_match, scope: account, because: a test}
"""


def orders(count: int, days: int = 4, accounts: int = 3, seed: int = 1) -> Iterator[Row]:
    """So many orders, sorted by time: filled, in part, cancelled, still working, refused."""
    random = Random(seed)
    a_day = -(-count // days)
    for number in range(count):
        day, place = divmod(number, a_day)
        at = OPEN + timedelta(days=day) + timedelta(hours=5) * place / a_day
        mid = Decimal(19_000 + random.randrange(-80, 80)) / 100
        quantity = Decimal(random.choice((50, 100, 200, 400, 899, 901)))
        filled = quantity * random.choice((0, 0, 1, 1, 1)) or quantity // random.choice((2, 10_000))
        done = at + timedelta(seconds=random.choice((0, 1, 5, 60)))
        yield {
            "at": at,
            "account": f"DU{random.randrange(accounts)}",
            "strategy": random.choice(("momo", "carry")),
            "symbol": random.choice(("AAPL", "MSFT", "TSLA")),
            "side": random.choice(("BUY", "SELL")),
            "quantity": quantity,
            "order_type": "LMT",
            "limit_price": mid + random.choice((0, 0, 0, 12)),
            "bid": mid - Decimal("0.01"),
            "ask": mid + Decimal("0.01"),
            "last": mid,
            "filled_quantity": filled,
            "avg_fill_price": mid if filled else None,
            "filled_at": done if filled else None,
            "done_at": random.choice((done, done, None)),
            "status": random.choice(("Filled", "Cancelled", "Rejected")),
        }


def as_csv(path: Path, rows: Iterable[Row]) -> Path:
    found = list(rows)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        for row in found:
            writer.writerow({name: shown(value) for name, value in row.items()})
    return path


def shown(value: Any) -> Any:  # noqa: ANN401  # a cell
    return value.isoformat() if isinstance(value, datetime) else value


KINDS: dict[object, parquet.Kind] = {decimal: "decimal", moment: "moment", flag: "flag"}


def as_parquet(path: Path, rows: Iterable[Row]) -> Path:
    left = iter(rows)
    first = next(left)
    kinds = {name: KINDS.get(COLUMNS[name].read, "text") for name in first}
    with path.open("wb") as file:
        for part in parquet.encoded(kinds, (tuple(row.values()) for row in chain([first], left))):
            file.write(part)
    return path


def asked(path: Path, policy: str = POLICY, **more: Any) -> Asked:  # noqa: ANN401  # its fields
    texts = (("desk.yaml", policy.encode()),)
    checked, _ = policy_files.check_texts(texts, ExchangeCalendars())
    assert checked.policies is not None, checked.problems
    return Asked(str(path), texts, ZONE, ExchangeCalendars(), **more)


def replayed(path: Path, ways: Ways | None = None, policy: str = POLICY) -> History:
    return replay_history(asked(path, policy), ways or Ways(), Opening())
