"""Worlds in which every kind has something to measure, and tales that are played in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.ledger.world import Conditions
from riskgate.line.grouping import Exits
from riskgate.model.decision import Decision
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.report import ExecutionReport, StatusReport
from riskgate.model.snapshot import Snapshot
from riskgate.policy.cases import account_of, given_of, quote_of
from riskgate.policy.policies import PolicySet
from riskgate.ports import Journal
from riskgate.ticket import Ticket
from tests.spec.random_worlds import ACCOUNTS, START, a_quote
from tests.spec.wide_policies import WORLD, a_wide_line, an_account

TERMS = ("sec_type", "currency", "multiplier", "min_tick", "lot", "margin_rate")
STEPS = {
    "submit": 20,
    "modify": 4,
    "fill": 4,
    "cancel": 2,
    "reject": 3,
    "basket": 2,
    "bracket": 1,
    "advance": 3,
    "report": 1,
    "approve": 2,
}


def a_stage(
    policies: PolicySet, random: Random, cache: Path, journal: Journal | None = None
) -> Rehearsal:
    """Accounts with values, positions, and a quote for every instrument."""
    facts: dict[str, Any] = {
        "now": START.isoformat(),
        "accounts": [{"id": account, **an_account(random)} for account in ACCOUNTS],
        "instruments": {n: {k: i.get(k) for k in TERMS} for n, i in WORLD.items()},
        "fx": {"EUR": Decimal("1.08")},
        "adv": {"AAPL": Decimal(1000), "SAP": Decimal(1500)},
        "positions": {
            n: Decimal(random.choice((-100, 60, 100))) for n in random.sample([*WORLD], 3)
        },
    }
    stage = Rehearsal(
        policies, given_of(facts), ExchangeCalendars(cache), journal or MemoryJournal()
    )
    for name in WORLD:
        stage.quote(name, *quote_of(a_quote(random, name)))
    return stage


def an_order(random: Random) -> Order:
    return Order.parse(a_wide_line(random, random.choice([*WORLD])))


def look(stage: Rehearsal, order: Order) -> Snapshot:
    """The world as an order meets it now."""
    return stage.gate.world.snapshot(order, stage.clock.now(), Conditions())


def tale(stage: Rehearsal, random: Random, steps: int) -> Iterator[Decision]:
    """Every decision of a random tale, which turns alike wherever the answers are alike."""
    tickets: list[Ticket] = []
    for number in range(steps):
        (what,) = random.choices([*STEPS], [*STEPS.values()])
        held = [ticket for ticket in tickets if ticket.status is Status.HELD]
        known = held if what == "approve" else tickets
        chosen = random.choice(known) if known else None
        fresh = [an_order(random) for _ in range(3)]
        made: tuple[Ticket, ...] = ()
        if what == "submit":
            made = (stage.submit(fresh[0]),)
        elif what == "basket":
            made = stage.gate.submit_basket(fresh, intent=30_000)
        elif what == "bracket":
            made = stage.gate.submit_bracket(fresh[0], exits=exits_of(fresh[0]))
        elif what == "advance":
            stage.clock.advance(timedelta(seconds=random.choice((0.3, 2, 15, 3_000))))
        elif what == "report":
            values = {"id": random.choice(ACCOUNTS), **an_account(random)}
            at = stage.clock.now()
            stage.market.set_account(msgspec.structs.replace(account_of(values), at=at))
            stage.gate.judge_accounts()
        elif chosen is not None:
            made = happens(stage, chosen, what, number)
        tickets += made
        yield from (ticket.decision for ticket in made)


def exits_of(entry: Order) -> Exits:
    middle = entry.limit_price or entry.stop_price or Decimal(120)
    off = Decimal(2) if entry.side == "BUY" else Decimal(-2)
    return Exits(take_profit=middle + off, stop_loss=middle - off)


def happens(stage: Rehearsal, ticket: Ticket, what: str, number: int) -> tuple[Ticket, ...]:
    """What becomes of an order: a modify, a fill, a cancel, a reject, an approval."""
    order, gate, order_id = ticket.decision.order, stage.gate, ticket.order_id
    if what == "modify":
        return (gate.modify(order_id, quantity=Decimal(50 + 50 * (number % 4))),)
    if what == "approve":
        return gate.approve(order_id, by="somebody", reason="a test")
    if order is None or not ticket.status.working:
        return ()
    if what == "cancel":
        gate.cancel(order_id)
    elif what == "reject":
        gate.take([StatusReport(order_id=order_id, status=Status.REJECTED)])
    else:
        instrument = stage.market.resolve(order.terms)
        assert instrument is not None
        report = ExecutionReport(
            execution_id=f"x{number}.01",
            order_id=order_id,
            account=order.account or stage.account,
            instrument=instrument,
            side=order.side,
            quantity=min(order.quantity, Decimal(5)),
            price=order.limit_price or Decimal(120),
            at=stage.clock.now(),
        )
        gate.take([report])
    return ()
