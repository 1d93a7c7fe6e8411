"""Random orders as a record could have them: what is known of each varies, and so do currencies."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from riskgate.analytics.facts import Execution, OrderFacts
from riskgate.analytics.tape import Print
from riskgate.model.lifecycle import BEFORE_SENDING, Status
from riskgate.model.order import Side
from tests.unit.analytics.samples import NOON

ENDS: Final = (Status.CANCELLED, Status.EXPIRED, Status.PARTIALLY_FILLED, Status.REJECTED)
UNSENT: Final = tuple(sorted(BEFORE_SENDING))


def random_orders(seed: int, count: int) -> list[OrderFacts]:
    """So many orders; equal seeds make equal orders."""
    dice = random.Random(seed)
    return [_order(dice, number) for number in range(1, count + 1)]


def random_prints(seed: int, count: int) -> list[Print]:
    """Trades of the market over the hours of the orders."""
    dice = random.Random(seed)
    return [
        Print(
            at=_later(dice, NOON, 30_000),
            symbol=dice.choice(("AAPL", "MSFT")),
            price=Decimal(dice.randrange(1, 90_000)) / 100,
            size=Decimal(dice.randrange(1, 500)),
        )
        for _ in range(count)
    ]


def _later(dice: random.Random, begin: datetime, seconds: float) -> datetime:
    return begin + timedelta(microseconds=int(dice.random() * seconds * 1_000_000))


def _price(dice: random.Random, around: Decimal) -> Decimal | None:
    if dice.random() < 0.1:
        return None
    return around + Decimal(dice.randrange(-200, 201)) / 100


def _fills(dice: random.Random, begin: datetime, around: Decimal) -> tuple[Execution, ...]:
    return tuple(
        Execution(
            quantity=Decimal(dice.randrange(1, 4000)) / 10,
            price=around + Decimal(dice.randrange(-150, 151)) / 100,
            at=_later(dice, begin, 900),
            commission=None if dice.random() < 0.03 else Decimal(dice.randrange(-50, 400)) / 100,
            currency="EUR" if dice.random() < 0.03 else "USD",
            execution_id=f"{dice.random()}.01",
        )
        for _ in range(dice.randrange(6))
    )


def _order(dice: random.Random, number: int) -> OrderFacts:
    decided = _later(dice, NOON, 29_000)
    around = Decimal(dice.randrange(300, 90_000)) / 100
    denied = dice.random() < 0.1
    fills = () if denied else _fills(dice, decided, around)
    filled = sum((one.quantity for one in fills), Decimal(0))
    whole = bool(fills) and dice.random() < 0.5
    left = Decimal(0) if whole else Decimal(dice.randrange(1, 500))
    over = filled / 2 if whole and dice.random() < 0.05 else Decimal(0)
    status = Status.FILLED if whole else dice.choice(UNSENT if denied else ENDS)
    last = max((one.at for one in fills), default=None)
    return OrderFacts(
        order_id=number,
        account=dice.choice(("DU1", "DU2")),
        strategy=dice.choice(("alpha", "beta", "")),
        symbol=dice.choice(("AAPL", "MSFT", "SPY")),
        venue=dice.choice(("SMART", "NYSE")),
        order_type=dice.choice(("LMT", "MKT")),
        currency=dice.choice(("USD", "USD", "EUR")),
        side=dice.choice(tuple(Side)),
        status=status,
        quantity=filled + left - over,
        filled=filled,
        limit_price=_price(dice, around),
        multiplier=Decimal(dice.choice((1, 1, 50, 100))),
        decided_at=decided,
        decision_price=_price(dice, around),
        bid=_price(dice, around),
        ask=_price(dice, around),
        sent_at=None if denied or dice.random() < 0.1 else _later(dice, decided, 0.1),
        arrival_price=_price(dice, around),
        acknowledged_at=None if denied else _later(dice, decided, 2),
        first_filled_at=min((one.at for one in fills), default=None),
        filled_at=last if whole else None,
        done_at=last if whole else _later(dice, decided, 4000),
        end_price=None if whole else _price(dice, around),
        queued=None if denied else Decimal(dice.randrange(90_000)) / 1_000_000,
        modifies=0 if denied else dice.randrange(3),
        cancels=int(status is Status.CANCELLED),
        is_block=dice.random() < 0.02,
        is_parent=dice.random() < 0.02,
        fills=fills,
    )
