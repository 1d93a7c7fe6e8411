"""A combo is no way round a limit: it fares no better than its legs as a basket of plain orders."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Final

import msgspec
import pytest

from riskgate.journal.memory import MemoryJournal
from riskgate.policy.policies import PolicySet
from tests.unit.conftest import ACCOUNT, FlakyJournal, Stage, compiled

NAMES: Final = ("AAPL", "MSFT", "IBM", "KO")
PRICES: Final = {"AAPL": 190, "MSFT": 400, "IBM": 100, "KO": 60}
HEAD: Final = "riskgate: 1\npolicy: desk\ntimezone: UTC\ncurrency: USD\nrules:\n"
RULES: Final = (
    "kind: position, per: [account, symbol], max_long: {units}, max_short: {units}",
    "kind: position, per: [account], max_long_notional: {money}, max_short_notional: {money}",
    "kind: exposure, max_gross: {money}, max_net_long: {money}, max_net_short: {money}",
    "kind: concentration, max_percent: {percent}",
    "kind: leverage, max: {times}",
    "kind: short_sale, allow: false",
    "kind: daily_volume, per: [account], max_quantity: {units}",
    "kind: daily_volume, per: [symbol], max_notional: {money}",
    "kind: buying_power, min_left: {money}",
    "kind: working_orders, max_quantity: {units}",
    "kind: self_match, scope: account",
    "kind: stress, shocks: [{{percent: -20}}, {{percent: 20}}], max_loss: {money}",
    "kind: restricted, symbols: [IBM]",
    "kind: fat_finger, max_quantity: {units}",
)


def policies(chance: random.Random) -> PolicySet:
    """A few of the rules, with limits that some orders break."""
    chosen = chance.sample(RULES, chance.randint(1, 4))
    text = HEAD
    for place, rule in enumerate(chosen):
        filled = rule.format(
            units=chance.randint(5, 120),
            money=chance.randint(2_000, 60_000),
            percent=chance.randint(3, 60),
            times=chance.choice(["0.05", "0.2", "0.5"]),
        )
        text += f"  - {{id: r{place}, {filled}, because: test}}\n"
    return compiled(text)


def world(chance: random.Random, limits: PolicySet) -> Stage:
    """A book with positions and working orders, on a market of four stocks."""
    stage = Stage(limits, FlakyJournal(MemoryJournal()))
    stage.market.set_account(
        msgspec.structs.replace(
            stage.market.accounts[ACCOUNT],
            net_liquidation=Decimal(100_000),
            available_funds=Decimal(80_000),
            at=stage.clock.now(),
        )
    )
    for name, price in PRICES.items():
        stage.quote(name, f"{price - Decimal('0.01')}", f"{price + Decimal('0.01')}")
    held = [stage.held(chance.randint(-60, 60), name) for name in chance.sample(NAMES, 2)]
    stage.tell(positions=tuple(held))
    stage.gate.reconcile()
    stage.gate.reconcile()
    for _ in range(3):
        side, name = chance.choice(["BUY", "SELL"]), chance.choice(NAMES)
        limit = PRICES[name] + (20 if side == "SELL" else -20)
        stage.gate.submit(f"{side} {chance.randint(1, 20)} {name} LMT {limit} DAY")
    return stage


def asked(chance: random.Random) -> tuple[str, list[str]]:
    """A combo, and its legs as a basket."""
    other = {"BUY": "SELL", "SELL": "BUY"}
    names, side = chance.sample(NAMES, chance.choice([2, 2, 3])), chance.choice(["BUY", "SELL"])
    quantity = chance.randint(1, 25)
    legs = [(chance.choice(["BUY", "SELL"]), chance.randint(1, 3), name) for name in names]
    words = ", ".join(f"{way} {ratio} {name}" for way, ratio, name in legs)
    plain = [
        f"{way if side == 'BUY' else other[way]} {ratio * quantity} {name} MKT DAY"
        for way, ratio, name in legs
    ]
    return f'{side} {quantity} {names[0]}.BAG MKT DAY legs="{words}"', plain


@pytest.mark.parametrize("seed", range(150))
def test_a_combo_fares_no_better_than_its_legs_as_a_basket(seed: int) -> None:
    chance = random.Random(seed)
    limits = policies(chance)
    state = chance.getstate()
    stages = []
    for _ in range(2):
        chance.setstate(state)
        stages.append(world(chance, limits))
    combo, plain = asked(chance)
    whole = stages[0].gate.submit(combo)
    legs = stages[1].gate.submit_basket(plain)
    reduces = any(ticket.decision.reduction for ticket in legs)
    of_legs = {(f.rule, f.limit_name, f.observed) for f in whole.decision.breaches if f.leg}
    if not reduces:  # a leg that reduces is spared more rules by itself than in a combo that opens
        assert not (of_legs and all(ticket.allowed for ticket in legs)), (combo, of_legs)
    assert not (whole.allowed and not all(ticket.allowed for ticket in legs)), (combo, plain)
    if whole.allowed:
        before, after = ([stage.reserved(name) for name in NAMES] for stage in stages)
        assert before == after
