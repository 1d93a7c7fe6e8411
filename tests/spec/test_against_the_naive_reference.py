"""The gate against the naive reference: random policies, random stories, the same answers.

Every story is drawn from its seed, so a failure comes back under the same name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.model.decision import Decision
from riskgate.model.events import Payload
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.report import ExecutionReport, OrderEcho, StatusReport
from riskgate.model.trading import TradingState
from riskgate.policy.cases import given_of, quote_of
from riskgate.rehearsal import Rehearsal
from tests.spec.naive import Naive
from tests.spec.random_worlds import (
    ACCOUNTS,
    INSTRUMENTS,
    START,
    a_line,
    a_policy,
    a_price,
    a_quantity,
    a_quote,
    compiled,
)

STORIES = 100
STEPS = 120


@dataclass
class Story:
    """One world seen twice: by the gate and by the reference."""

    random: Random
    stage: Rehearsal
    naive: Naive
    tickets: list[tuple[int, str]]

    def agree(self, decision: Decision, told: tuple[str, set[str], set[str]]) -> None:
        said = (decision.action.word, set(decision.by), set(decision.shadow))
        assert said == told, f"{decision.order} at {decision.as_of}"

    def submit(self) -> None:
        name = self.random.choice(list(INSTRUMENTS))
        order = Order.parse(a_line(self.random, name))
        told = self.naive.submit(order, name)
        ticket = self.stage.submit(order)
        self.tickets.append((ticket.order_id, name))
        self.agree(ticket.decision, told)

    def modify(self) -> None:
        number = self.an_order()
        if number is None:
            return
        order_id, name = self.tickets[number]
        sent = self.naive.orders[number]
        assert sent is not None
        changes: dict[str, Any] = {}
        if self.random.random() < 0.7:
            changes["quantity"] = a_quantity(self.random)
        if sent.terms.limit_price is not None and self.random.random() < 0.7:
            changes["limit_price"] = a_price(self.random, name)
        fields = {f: getattr(sent.terms, f) for f in Order.__struct_fields__}
        told = self.naive.modify(number, Order(**{**fields, **changes}), name)
        self.agree(self.stage.gate.modify(order_id, **changes).decision, told)

    def fill(self) -> None:
        number = self.an_order(late=True)
        if number is None:
            return
        sent, (order_id, name) = self.naive.orders[number], self.tickets[number]
        assert sent is not None
        left = sent.terms.quantity - sent.filled
        if left <= 0:
            return
        quantity = min(left, Decimal(self.random.choice((1, 5, 40, 1000))))
        price = a_price(self.random, name)
        report = ExecutionReport(
            execution_id=f"x{len(self.naive.fills)}.01",
            order_id=order_id,
            account=sent.names["account"],
            instrument=self.stage.instrument(name),
            side=sent.terms.side,
            quantity=quantity,
            price=price,
            at=self.stage.clock.now(),
        )
        self.stage.gate.take([report])
        self.naive.fill(number, quantity, price)

    def end(self) -> None:
        number = self.an_order()
        if number is None:
            return
        sent, order_id = self.naive.orders[number], self.tickets[number][0]
        assert sent is not None
        how = self.random.choice(("ask", "confirm", "reject"))
        if how == "ask":
            self.stage.gate.cancel(order_id)
            sent.status = "cancelling"
        else:
            status = Status.CANCELLED if how == "confirm" else Status.REJECTED
            self.stage.gate.take([StatusReport(order_id=order_id, status=status)])
            sent.status = "dead"

    def acknowledge(self) -> None:
        number = self.an_order()
        if number is None:
            return
        sent, order_id = self.naive.orders[number], self.tickets[number][0]
        assert sent is not None
        reports: list[Payload] = [StatusReport(order_id=order_id, status=Status.SUBMITTED)]
        if sent.acknowledged:
            terms = {f: getattr(sent.terms, f) for f in ("quantity", "limit_price", "stop_price")}
            reports = [OrderEcho(order_id=order_id, **terms)]
        self.stage.gate.take(reports)
        self.naive.acknowledge(number)

    def advance(self) -> None:
        by = timedelta(seconds=self.random.choice((0.2, 0.5, 1, 5, 20, 59, 3600, 30_000)))
        self.stage.clock.advance(by)
        self.naive.now += by
        if by > timedelta(seconds=10) and self.random.random() < 0.8:
            for name in INSTRUMENTS:
                self.price(name)

    def price(self, name: str | None = None) -> None:
        name = name or self.random.choice(list(INSTRUMENTS))
        quote = a_quote(self.random, name)
        self.stage.quote(name, *quote_of(quote))
        self.naive.quotes[name] = {**quote, "at": self.naive.now}

    def halt(self) -> None:
        state = self.random.choice(("ACTIVE", "ACTIVE", "ACTIVE", "REDUCE_ONLY", "HALTED"))
        self.stage.set_state(TradingState(state))
        self.naive.state = state

    def an_order(self, *, late: bool = False) -> int | None:
        known = [
            number
            for number, sent in enumerate(self.naive.orders)
            if sent is not None and (sent.working or (late and sent.status == "dead"))
        ]
        return self.random.choice(known) if known else None


def a_story(seed: int, cache: Path) -> Story:
    random = Random(seed)
    policies = [a_policy(random, number) for number in range(random.randint(1, 3))]
    terms = ("sec_type", "currency", "multiplier", "min_tick", "lot")
    positions = {
        name: Decimal(random.choice((-100, 60, 100))) for name in random.sample([*INSTRUMENTS], 2)
    }
    given = given_of(
        {
            "now": START.isoformat(),
            "accounts": [{"id": account} for account in ACCOUNTS],
            "instruments": {n: {k: i[k] for k in terms} for n, i in INSTRUMENTS.items()},
            "fx": {"EUR": Decimal("1.08")},
            "adv": {"AAPL": Decimal(1000), "SAP": Decimal(1500)},
            "positions": positions,
        }
    )
    stage = Rehearsal(compiled(policies), given, ExchangeCalendars(cache), MemoryJournal())
    naive = Naive(
        instruments=INSTRUMENTS,
        fx=dict(given.fx),
        now=START,
        adv=dict(given.adv),
        positions={(ACCOUNTS[0], name): quantity for name, quantity in positions.items()},
        policies=policies,
    )
    story = Story(random, stage, naive, [])
    for name in INSTRUMENTS:
        story.price(name)
    return story


@pytest.mark.parametrize("seed", range(STORIES))
def test_the_gate_and_the_reference_give_the_same_answers(seed: int, tmp_path: Path) -> None:
    story = a_story(seed, tmp_path)
    happenings = {
        "submit": 60,
        "modify": 12,
        "fill": 12,
        "end": 5,
        "acknowledge": 6,
        "advance": 12,
        "price": 4,
        "halt": 1,
    }
    for happening in story.random.choices([*happenings], [*happenings.values()], k=STEPS):
        getattr(story, happening)()
