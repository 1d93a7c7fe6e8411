"""A quick look never differs from the whole way, for every rule kind there is.

Each kind's documented orders are played; what was judged is then changed at random in everything a
rule or sanity may read, and judged both ways. Kinds that come later are tested without a new line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest

from riskgate.authoring.playing import Player
from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.journal.memory import MemoryJournal
from riskgate.line import grouping, judging
from riskgate.model.decision import Action, Decision
from riskgate.model.instrument import Instrument
from riskgate.model.market import Quote
from riskgate.model.order import Order, OrderType, Side, Tif
from riskgate.model.readings import CountReading, Holding, WorkingReading
from riskgate.model.snapshot import Snapshot
from riskgate.model.trading import TradingState
from riskgate.policy import ready
from riskgate.policy.cases import read_tests
from riskgate.policy.catalog import kinds
from riskgate.policy.compiler import compile_policies
from riskgate.policy.docstring import cases_of, policy_of
from riskgate.policy.evaluate import evaluate, in_full
from riskgate.policy.pages import page_of
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import parse
from riskgate.rulekit.base import Rule
from riskgate.rulekit.noting import answered_alike

CALENDARS = ExchangeCalendars()
CHANGES = 120  # of each judged order; three in four are of what a plain order may differ in
EACH = tuple(kinds().values())
NUMBERS = tuple(map(Decimal, ("0", "1", "40", "99.5", "1000", "-250", "100000", "NaN")))
AMOUNTS: tuple[dict[str, Decimal], ...] = (
    {},
    {"USD": Decimal(9_000)},
    {"EUR": Decimal(9_000)},
    {"USD": Decimal(900_000), "EUR": Decimal(1)},
)


class Met(NamedTuple):
    """What an example's order was judged on."""

    policies: PolicySet
    order: Order
    seen: Snapshot


def judged(policy: bytes | str, tests: bytes | str, monkeypatch: pytest.MonkeyPatch) -> list[Met]:
    """Everything that is judged while policy tests are played."""
    found: list[Met] = []

    def judge(policies: PolicySet, order: Order, seen: Snapshot) -> Decision:
        found.append(Met(policies, order, seen))
        return in_full(policies, order, seen)

    monkeypatch.setattr(judging, "evaluate", judge)
    monkeypatch.setattr(grouping, "evaluate", judge)
    document, problems = parse(policy, "example.yaml")
    written, wrong = parse(tests, "example.test.yaml")
    assert document is not None, problems
    assert written is not None, wrong
    policies, problems = compile_policies([document], lambda _: None)
    file, wrong = read_tests(written)
    assert policies is not None, problems
    assert file is not None, wrong
    for case in file.cases:
        player = Player(case, Rehearsal(policies, case.given, CALENDARS, MemoryJournal()))
        for number, step in enumerate(case.steps, 1):
            list(player.step(number, step))
    return found


def met(kind: type[Rule], monkeypatch: pytest.MonkeyPatch) -> list[Met]:
    """Everything that is judged while the documented orders of a kind are played."""
    return [
        one
        for block in page_of(kind).text.blocks
        for one in judged(policy_of(kind.kind, block), cases_of(kind.kind, block), monkeypatch)
    ]


def another_order(random: Random, order: Order) -> dict[str, Any]:
    """A change to the terms that orders alike may differ in."""
    if random.random() < 0.5:
        size = order.quantity
        return {"quantity": random.choice((size * 10, size * 1000, size / 4, *NUMBERS, Decimal(7)))}
    price = order.limit_price
    if price is None:
        return {"key": random.choice(("one", "two words", "x" * 200))}
    shares = map(Decimal, ("0.5", "0.97", "0.99", "1.01", "1.03", "1.1", "10", "0", "-1"))
    return {"limit_price": random.choice((*(price * share for share in shares), *NUMBERS, None))}


def other_terms(random: Random) -> dict[str, Any]:
    """A change to the terms that orders alike have in common."""
    changes: tuple[dict[str, Any], ...] = (
        {"side": random.choice((*Side, "BUY"))},
        {"order_type": random.choice(tuple(OrderType))},
        {"tif": random.choice(tuple(Tif))},
        {"strategy": random.choice((None, "other", "meanrev"))},
        {"symbol": random.choice(("AAPL", "GME", ""))},
        {"account": random.choice((None, "DU2", "DU1234567"))},
        {"exchange": random.choice((None, "SMART", "ARCA", "OVERNIGHT"))},
        {"currency": random.choice((None, "USD", "EUR"))},
        {"tag": random.choice((None, "a", 'a"b'))},
        {"outside_rth": random.choice((True, False, 0))},
        {"intent": Decimal(20_000)},
        {"locate": "L1"},
        {"stop_price": Decimal(190)},
        {"good_till": None, "trigger_now": True},
    )
    return random.choice(changes)


def another_quote(random: Random, seen: Snapshot) -> Quote | None:
    quote = seen.quote or Quote(bid=Decimal(10), ask=Decimal(11), at=seen.as_of)
    name = random.choice(("bid", "ask", "last", "close"))
    was = getattr(quote, name) or Decimal(100)
    moved = {name: random.choice((was * Decimal("1.02"), was * Decimal("0.9"), -was, None))}
    changes: tuple[dict[str, Any], ...] = (
        *(moved, moved, moved),
        {"type": random.choice(("live", "delayed", "frozen"))},
        {"at": random.choice((None, seen.as_of - timedelta(seconds=59), seen.as_of - HOUR))},
    )
    made = msgspec.structs.replace(quote, **random.choice(changes))
    return None if random.random() < 0.05 else made


HOUR = timedelta(hours=1)


def a_holding(random: Random) -> Holding:
    position = Decimal(random.choice((-5000, -100, 0, 60, 5000)))
    buys, sells = (Decimal(random.choice((0, 0, 40, 700))) for _ in range(2))
    return Holding(position, buys, sells)


def another_reading(random: Random, reading: Any) -> Any:  # noqa: ANN401  # of any kind
    """A reading with each of its parts changed, as far as it is known how."""
    if random.random() < 0.05:
        return random.choice((CountReading(), WorkingReading()))
    changes: dict[str, Any] = {}
    few = random.random() < 0.6
    names = reading.__struct_fields__
    for name in random.sample(names, 1) if few else names:
        value = getattr(reading, name)
        if isinstance(value, Holding):
            changes[name] = a_holding(random)
        elif isinstance(value, int):
            changes[name] = random.choice((0, 1, 2, 5, 1000))
        elif isinstance(value, Decimal):
            changes[name] = random.choice(NUMBERS)
        elif isinstance(value, dict):
            changes[name] = random.choice(AMOUNTS)
        elif name.startswith("unmarked"):
            changes[name] = random.choice(((), (), ("X",)))
    return msgspec.structs.replace(reading, **changes)


def another_world(random: Random, seen: Snapshot) -> dict[str, Any]:
    """A change to what an order meets, that orders alike may differ in."""
    one_alone = random.choice(list(seen.readings)) if seen.readings else ""
    readings = {
        name: another_reading(random, one)
        if one_alone in (name, "") or random.random() < 0.2
        else one
        for name, one in seen.readings.items()
    }
    changes: tuple[dict[str, Any], ...] = (
        {"quote": another_quote(random, seen)},
        {"quote": another_quote(random, seen), "fx": random.choice(({}, {"EUR": Decimal("1.1")}))},
        {"holding": a_holding(random)},
        {"readings": readings},
        {"readings": readings, "holding": a_holding(random)},
        {"readings": {}},
        {"as_of": seen.as_of + random.choice((-1, 1, 3, 24, 100, 9000)) * HOUR / 2},
        {"as_of": seen.as_of + timedelta(seconds=random.randint(-90, 90))},
        {"adv": random.choice((None, *NUMBERS))},
        {"hours": {}},
    )
    return random.choice(changes)


def another_gate(random: Random, instrument: Instrument) -> dict[str, Any]:
    """A change to what makes an order meet more than a plain one does."""
    changed: tuple[dict[str, Any], ...] = (
        {"lot": Decimal(100)},
        {"multiplier": Decimal(50)},
        {"halted": True},
        {"currency": "EUR"},
        {"min_tick": Decimal("0.05")},
    )
    changes: tuple[dict[str, Any], ...] = (
        {"state": random.choice(tuple(TradingState))},
        {"connected": False},
        {"reconciled": False},
        {"accounts": ("DU9",)},
        {"mode_fault": "paper"},
        {"parent_left": Decimal(-1)},
        {"instrument": msgspec.structs.replace(instrument, **random.choice(changed))},
        {"instrument": None},
    )
    return random.choice(changes)


def changed(random: Random, one: Met) -> tuple[Order, Snapshot]:
    """An order and what it meets, changed in one to three ways."""
    order, seen = one.order, one.seen
    for _ in range(random.randint(1, 3)):
        if random.random() < 0.5:
            order = msgspec.structs.replace(order, **another_order(random, order))
        else:
            seen = msgspec.structs.replace(seen, **another_world(random, seen))
    if random.random() < 0.15:
        order = msgspec.structs.replace(order, **other_terms(random))
    if random.random() < 0.1 and seen.instrument is not None:
        seen = msgspec.structs.replace(seen, **another_gate(random, seen.instrument))
    return order, seen


def outcome(judge: Callable[..., Decision], *asked: object) -> str:
    """The whole answer in words, in which what is no number equals itself."""
    return repr(judge(*asked))


def is_plain(order: Order, seen: Snapshot) -> bool:
    return bool(ready.IS_PLAIN(order, seen))


def each_change(judged_on: list[Met], seed: str) -> Iterator[Met]:
    random = Random(seed)
    for one in judged_on:
        yield one
        for _ in range(CHANGES):
            yield Met(one.policies, *changed(random, one))


@pytest.mark.parametrize("kind", EACH, ids=list(kinds()))
def test_a_quick_look_answers_as_the_whole_way_does(
    kind: type[Rule], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "OFTEN", 0)
    quick, plain = 0, False
    for policies, order, seen in each_change(met(kind, monkeypatch), kind.kind):
        quick += policies.looks.get(seen.subject) is not None
        plain = plain or (
            in_full(policies, order, seen).action is Action.ALLOW and is_plain(order, seen)
        )
        told = outcome(evaluate, policies, order, seen), outcome(in_full, policies, order, seen)
        assert told[0] == told[1]
    assert quick or not plain


@pytest.mark.parametrize("kind", EACH, ids=list(kinds()))
def test_what_is_remembered_for_orders_alike_is_true_of_each(
    kind: type[Rule], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of every kind, also of those whose answers are not remembered."""
    random = Random(kind.kind)
    for one in met(kind, monkeypatch):
        for bound in one.policies.bounds:
            for check in bound.checks:
                asked = check.measure, check.passes, check.value
                told = answered_alike(*asked, of=(one.order, one.seen))
                if told is None:
                    continue
                for _ in range(20):
                    order = msgspec.structs.replace(one.order, **numbers(random, one.order))
                    seen = msgspec.structs.replace(one.seen, **another_world(random, one.seen))
                    observed = check.measure(order, seen)
                    assert (observed is None or check.passes(observed, check.value)) is told


def numbers(random: Random, order: Order) -> dict[str, Any]:
    """Other numbers where the order has numbers; whether it has a limit is what others share."""
    changes = another_order(random, order)
    return {} if changes.get("limit_price", "") is None else changes


# Every limit that has a shortcut, each as it is quick; in Hong Kong there is a lunch break.
WHOLE = b"""
riskgate: 1
policy: whole
owner: o@f.example
timezone: America/New_York
currency: USD
rules:
  - {id: a, because: it, kind: fat_finger, max_quantity: 900, max_notional: 90_000,
     max_adv_percent: 5, max_deviation_percent: 3}
  - {id: b, because: it, kind: fat_finger, max_deviation_ticks: 300, max_deviation_amount: 4}
  - {id: c, because: it, kind: fat_finger, max_quantity: 900, both_sides: true,
     max_deviation_percent: 20, max_adv_percent: 5, session: [regular], calendar: XNYS}
  - {id: d, because: it, kind: position, per: [account, symbol], max_long: 2000, max_short: 2000,
     max_long_notional: 300_000, max_short_notional: 300_000}
  - {id: e, because: it, kind: daily_volume, counts: executed, max_quantity: 2000,
     max_notional: 300_000, max_orders: 10}
  - {id: f, because: it, kind: daily_volume, max_quantity: 2000, max_notional: 300_000,
     max_orders: 10}
  - {id: g, because: it, kind: message_rate, window: 1s, counts: [modify], max: 1}
  - {id: h, because: it, kind: market_hours, calendar: XNYS, closed: ["16:00-09:00"],
     not_within: {after_open: 10m, before_close: 10m}, moc_cutoff: 10m,
     market_orders_in_regular_only: true, match: {symbol: AAPL}}
  - {id: i, because: it, kind: market_hours, calendar: XHKG, sessions: [pre, regular, post],
     pre: "00:00", post: "23:59", match: {symbol: MSFT}}
"""
PLAYED = b"""
policies: [whole.yaml]
given:
  now: 2026-03-02T10:00:00-05:00
  account: {id: DU1, net_liquidation: 1_000_000, available_funds: 800_000}
  prices:
    AAPL: {bid: 189.99, ask: 190.01, last: 190.00, close: 189.00}
    MSFT: 99.99 x 100.01
  adv: {AAPL: 55_000_000, MSFT: 55_000_000}
  positions: {AAPL: 500, MSFT: -300}
  strategy: meanrev
cases:
  - {name: a, order: BUY 100 AAPL LMT 190.00 DAY, expect: allow}
  - {name: b, order: SELL 100 AAPL LMT 190.00 DAY, expect: allow}
  - {name: c, order: SELL 600 AAPL LMT 190.00 DAY, expect: allow}
  - {name: d, order: BUY 100 AAPL MKT DAY, expect: allow}
  - {name: e, order: BUY 400 MSFT LMT 100.00 DAY, expect: allow, now: 2026-03-03T11:00:00+08:00}
  - {name: f, order: SELL 4 MSFT LMT 100.00 DAY, expect: allow, now: 2026-03-03T14:00:00+08:00}
  - {name: g, order: SELL 4 MSFT LMT 100.00 DAY, expect: allow, now: 2026-03-03T12:30:00+08:00}
"""


@pytest.mark.slow
def test_so_do_all_limits_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "OFTEN", 0)
    quick = 0
    judged_on = judged(WHOLE, PLAYED, monkeypatch) * 5
    for policies, order, seen in each_change(judged_on, "whole"):
        told = outcome(evaluate, policies, order, seen), outcome(in_full, policies, order, seen)
        assert told[0] == told[1]
        quick += seen.subject in policies.looks and "Action.ALLOW" in told[0]
    assert quick > 100
