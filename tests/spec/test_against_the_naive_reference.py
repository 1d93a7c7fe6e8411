"""The gate against the naive reference: random policies, random stories, the same answers.

Every story is drawn from its seed, so a failure comes back under the same name. `--large` plays
ten times as many.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.line.grouping import Exits
from riskgate.model.decision import Decision
from riskgate.model.events import Payload
from riskgate.model.lifecycle import Status
from riskgate.model.order import Order
from riskgate.model.report import ExecutionReport, OrderEcho, StatusReport
from riskgate.model.trading import Scope, TradingState
from riskgate.policy.cases import account_of, given_of, quote_of
from riskgate.policy.catalog import kinds
from riskgate.ticket import Ticket
from tests.spec.naive import Answer, Naive, Submission
from tests.spec.random_worlds import (
    ACCOUNTS,
    START,
    a_price,
    a_quantity,
    a_quote,
    compiled,
)
from tests.spec.wide_policies import KINDS, WORLD, a_wide_line, a_wide_policy, an_account

SEEDS = int(os.environ.get("RISKGATE_STORIES", "40"))
JUDGED = 100  # orders and modifies of a story; `--large` plays ten times the stories
pytestmark = pytest.mark.counted
HAPPENINGS = {
    "submit": 56,
    "modify": 14,
    "fill": 14,
    "end": 6,
    "acknowledge": 6,
    "advance": 12,
    "price": 4,
    "halt": 1,
    "lift": 2,
    "report": 3,
    "basket": 4,
    "bracket": 5,
    "approve": 5,
}


@dataclass
class Story:
    """One world seen twice: by the gate and by the reference."""

    random: Random
    stage: Rehearsal
    naive: Naive
    tickets: list[tuple[int, str]] = field(default_factory=list)
    waiting: list[list[tuple[int, str]]] = field(default_factory=list)
    judged: int = 0
    said: Counter[str] = field(default_factory=Counter)

    def agree(self, decision: Decision, told: Answer) -> None:
        said = (decision.action.word, set(decision.by), set(decision.shadow))
        assert said == tuple(told), f"{decision.order} at {decision.as_of}"
        self.judged += 1
        self.said[told.action] += 1

    def compare(self, tickets: tuple[Ticket, ...], names: list[str], told: list[Answer]) -> None:
        """Hold the answers to a submission against each other, and keep its orders."""
        made = [(t.order_id, name) for t, name in zip(tickets, names, strict=True)]
        self.tickets += made
        if told[0].action == "hold":
            self.waiting.append(made)
        for ticket, answer in zip(tickets, told, strict=True):
            self.agree(ticket.decision, answer)

    def an_entry(self) -> tuple[Order, str]:
        name = self.random.choice(list(WORLD))
        return Order.parse(a_wide_line(self.random, name)), name

    def submit(self) -> None:
        order, name = self.an_entry()
        told = self.naive.submit(order, name)
        self.compare((self.stage.submit(order),), [name], [told])

    def an_intent(self) -> Decimal | None:
        return Decimal(self.random.choice((20_000, 60_000))) if self.random.random() < 0.5 else None

    def basket(self) -> None:
        legs = [self.an_entry() for _ in range(self.random.randint(1, 4))]
        if self.random.random() < 0.3:
            legs.append(legs[0])
        whole = Submission(legs, intent=self.an_intent())
        told = self.naive.submit_together(legs, whole)
        orders = [order for order, _ in legs]
        tickets = self.stage.gate.submit_basket(orders, intent=whole.intent)
        self.compare(tickets, [name for _, name in legs], told)

    def bracket(self) -> None:
        entry, name = self.an_entry()
        own = entry.limit_price if entry.limit_price is not None else entry.stop_price
        off = 8 * WORLD[name]["min_tick"] * (1 if entry.side == "BUY" else -1)
        middle = own if own is not None else a_price(self.random, name)
        intent = self.an_intent()
        exits = Exits(take_profit=middle + off, stop_loss=middle - off, intent=intent)
        whole = Submission([(order, name) for order in with_exits(entry, exits)], True, intent)
        told = self.naive.submit_together(whole.legs, whole)
        tickets = self.stage.gate.submit_bracket(entry, exits=exits)
        self.compare(tickets, [name] * 3, told)

    def approve(self) -> None:
        if not self.waiting:
            return
        place = self.random.randrange(len(self.waiting))
        made = self.waiting.pop(place)
        told = self.naive.approve(place)
        tickets = self.stage.gate.approve(made[0][0], by="somebody", reason="a test")
        if told[0].action in ("allow", "warn"):
            self.tickets += made
        for ticket, answer in zip(tickets, told, strict=True):
            self.agree(ticket.decision, answer)

    def modify(self) -> None:
        number = self.an_order()
        if number is None:
            return
        order_id, name = self.tickets[number]
        sent = self.naive.orders[number]
        assert sent is not None
        changes: dict[str, Any] = {}
        bracketed = sent.entry is not None or any(o and o.entry is sent for o in self.naive.orders)
        if self.random.random() < 0.7 and not bracketed:  # exits of another size: not settled
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
        if sent.entry is not None:  # an exit fills after its entry, and no more than that
            left = min(left, self.naive.left_of(sent.entry))
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
        how = self.random.choice(("ask", "confirm", "reject", "reject", "inactive"))
        if how == "ask":
            self.stage.gate.cancel(order_id)
            self.naive.cancel(number)
        elif how == "confirm":
            self.stage.gate.take([StatusReport(order_id=order_id, status=Status.CANCELLED)])
            sent.status = "dead"
        else:
            status = Status.REJECTED if how == "reject" else Status.INACTIVE
            self.stage.gate.take([StatusReport(order_id=order_id, status=status)])
            self.naive.refuse(number, "dead" if how == "reject" else "inactive")

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

    def wait(self, by: timedelta) -> None:
        self.stage.clock.advance(by)
        self.naive.now += by

    def advance(self) -> None:
        by = timedelta(seconds=self.random.choice((0.2, 0.5, 1, 5, 20, 59, 3600, 30_000)))
        self.wait(by)
        if by > timedelta(seconds=10) and self.random.random() < 0.8:
            for name in WORLD:
                self.price(name)

    def price(self, name: str | None = None) -> None:
        name = name or self.random.choice(list(WORLD))
        quote = a_quote(self.random, name)
        self.stage.quote(name, *quote_of(quote))
        self.naive.quotes[name] = {**quote, "at": self.naive.now}

    def halt(self) -> None:
        state = self.random.choice(("ACTIVE", "ACTIVE", "ACTIVE", "REDUCE_ONLY", "HALTED"))
        self.stage.set_state(TradingState.ACTIVE)  # a milder halt leaves a stricter one standing
        self.stage.set_state(TradingState(state))
        self.naive.state = state

    def lift(self) -> None:
        """Resume what a rule has stopped."""
        if not self.naive.latches:
            return
        scope = self.random.choice(self.naive.latches).scope
        self.naive.latches = [each for each in self.naive.latches if each.scope != scope]
        at = Scope(**dict(scope))
        self.stage.gate.resume(reason="a test", by="me", scope=at, override=True, latch=True)

    def report(self) -> None:
        account, values = self.random.choice(ACCOUNTS), an_account(self.random)
        self.wait(timedelta(milliseconds=1))  # a report and a fill have never the same moment
        reported = account_of({"id": account, **values})
        now = self.stage.clock.now()
        self.stage.market.set_account(msgspec.structs.replace(reported, at=now))
        self.stage.gate.judge_accounts()
        self.naive.report(account, values)
        self.wait(timedelta(milliseconds=1))

    def an_order(self, *, late: bool = False) -> int | None:
        known = [
            number
            for number, sent in enumerate(self.naive.orders)
            if sent is not None and (sent.working or (late and sent.status == "dead"))
        ]
        return self.random.choice(known) if known else None


def with_exits(entry: Order, exits: Exits) -> list[Order]:
    """A bracket's orders: its entry, a limit and a stop against it."""
    lines = (("LMT", exits.take_profit, None), ("STP", None, exits.stop_loss))
    made = [
        msgspec.structs.replace(
            entry,
            side="SELL" if entry.side == "BUY" else "BUY",
            order_type=kind,
            limit_price=limit,
            stop_price=stop,
            tif="DAY" if entry.tif == "DAY" else "GTC",
            intent=None,
        )
        for kind, limit, stop in lines
    ]
    return [entry, *(Order.parse(str(order)) for order in made)]


def a_story(seed: int, cache: Path) -> Story:
    random = Random(seed)
    policies = [a_wide_policy(random, number) for number in range(random.randint(1, 2))]
    terms = ("sec_type", "currency", "multiplier", "min_tick", "lot", "margin_rate")
    positions = {
        name: Decimal(random.choice((-100, 60, 100))) for name in random.sample([*WORLD], 2)
    }
    accounts = {account: an_account(random) for account in ACCOUNTS}
    given = given_of(
        {
            "now": START.isoformat(),
            "accounts": [{"id": account, **accounts[account]} for account in ACCOUNTS],
            "instruments": {n: {k: i.get(k) for k in terms} for n, i in WORLD.items()},
            "fx": {"EUR": Decimal("1.08")},
            "adv": {"AAPL": Decimal(1000), "SAP": Decimal(1500)},
            "positions": positions,
        }
    )
    stage = Rehearsal(compiled(policies), given, ExchangeCalendars(cache), MemoryJournal())
    naive = Naive(
        instruments=WORLD,
        fx=dict(given.fx),
        now=START,
        adv=dict(given.adv),
        positions={(ACCOUNTS[0], name): quantity for name, quantity in positions.items()},
        accounts=accounts,
        peaks={a: v["net_liquidation"] for a, v in accounts.items() if "net_liquidation" in v},
        policies=policies,
    )
    story = Story(random, stage, naive)
    for name in WORLD:
        story.price(name)
    return story


def test_every_kind_has_a_reference_and_a_generator() -> None:
    lacking = sorted(kinds().keys() - KINDS.keys())
    assert not lacking, (
        f"{lacking}: CONTRIBUTING.md, `Measured a second time`, says what is to write"
    )
    assert KINDS.keys() == kinds().keys()


def test_the_gate_and_the_reference_give_the_same_answers(seed: int, tmp_path: Path) -> None:
    story = a_story(seed, tmp_path)
    for _ in range(20 * JUDGED):
        (happening,) = story.random.choices([*HAPPENINGS], [*HAPPENINGS.values()])
        getattr(story, happening)()
        if story.judged >= JUDGED:
            break
    assert story.judged >= JUDGED
