"""Random policies of every kind, each limit near what the random orders reach.

`KINDS` must name every kind of the package: a test says so, so that a new one is not forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from tests.spec.random_worlds import (
    GROUPS,
    INSTRUMENTS,
    PER,
    a_line,
    a_selector,
    some_limits,
    some_waivers,
)

Rule = dict[str, Any]
OLDER = ("position", "daily_volume", "duplicate", "message_rate", "fat_finger", "permitted",
         "restricted", "market_hours")  # fmt: skip
BUDGETS = {
    **dict.fromkeys(("position", "daily_volume", "duplicate", "message_rate"), PER),
    **dict.fromkeys(("working_orders", "order_efficiency", "exposure", "stress"), PER),
    "group_notional": PER,
    "repeat_execution": ("account", "strategy"),
    "reject_breaker": ("account", "strategy"),
    "loss": ("account",),
}
WORLD = {
    name: {**each, "expiry": date.fromisoformat(name.split("expiry=")[1][:10])}
    if "expiry=" in name
    else dict(each)
    for name, each in INSTRUMENTS.items()
}
WORLD["MSFT"]["margin_rate"] = Decimal("0.5")
D = Decimal


def some(random: Random, limits: dict[str, Any], *, most: int = 3) -> Rule:
    picked = random.sample(list(limits), random.randint(1, min(most, len(limits))))
    return {name: limits[name] for name in picked}


def reference_price(random: Random) -> Rule:
    limits = {
        "max_age": random.choice(("500ms", "5s", "40s", "10m", "1d")),
        "max_divergence_percent": random.choice((D("0.01"), D("0.05"), D("0.08"), D(1))),
        "deny_at_floor": True,
        "require": random.choice((["live"], ["live", "delayed"], ["delayed"])),
    }
    return some(random, limits)


def short_sale(random: Random) -> Rule:
    return random.choice(({"allow": False}, {"locate": "required"}))


def expiry_window(random: Random) -> Rule:
    return {"no_opening_within": random.choice(("2605h", "2604h", "2590h", "109d", "4789h"))}


def declared_intent(random: Random) -> Rule:
    return {"tolerance_percent": random.choice((D(1), D(20), D(100), D(100_000)))}


def self_match(random: Random) -> Rule:
    return {"scope": random.choice(("account", "strategy", "firm"))}


def holdings_fraction(random: Random) -> Rule:
    return {"max_percent": random.choice((D(10), D(50), D(100), D(600)))}


def group_notional(random: Random) -> Rule:
    limits = {
        "max_notional": random.choice((D(12_000), D(30_000), D(900_000))),
        "max_soft_breaches": random.choice((D(0), D(1), D(2))),
    }
    return some(random, limits)


def repeat_execution(random: Random) -> Rule:
    return {"max": random.choice((D(1), D(2), D(3))), **window(random), **then(random)}


def reject_breaker(random: Random) -> Rule:
    counts = random.choice(({}, {"counts": ["rejected", "denied"]}))
    return {"max": random.choice((D(0), D(1), D(6))), **window(random), **then(random), **counts}


def window(random: Random) -> Rule:
    return {"window": random.choice(("500ms", "1s", "20s", "1h"))}


def then(random: Random) -> Rule:
    return random.choice(({}, {"then": "deny"}, {"then": "deny"}, {"then": "halt"}))


def working_orders(random: Random) -> Rule:
    limits = {
        "max_count": random.choice((D(1), D(2), D(4))),
        "max_quantity": random.choice((D(100), D(250), D(600))),
    }
    return some(random, limits)


def order_efficiency(random: Random) -> Rule:
    after = random.choice(({}, {"after_orders": D(2)}, {"after_orders": D(6)}))
    return {"max_ratio": random.choice((D(2), D("3.5"), D(10))), **after}


def exposure(random: Random) -> Rule:
    return some(
        random,
        {
            "max_gross": random.choice((D(30_000), D(90_000), D(3_000_000))),
            "max_net_long": random.choice((D(20_000), D(60_000), D(2_000_000))),
            "max_net_short": random.choice((D(20_000), D(60_000), D(2_000_000))),
        },
    )


def concentration(random: Random) -> Rule:
    return {"max_percent": random.choice((D(10), D(25), D(900)))}


def leverage(random: Random) -> Rule:
    return {"max": random.choice((D("0.3"), D(1), D(30)))}


def buying_power(random: Random) -> Rule:
    limits = {
        "min_left": random.choice((D(0), D(40_000), D(60_000))),
        "max_percent": random.choice((D(10), D(50), D(2_000))),
    }
    return some(random, limits)


def loss(random: Random) -> Rule:
    limits = {
        "max_day_loss": random.choice((D(0), D(1_000), D(5_000))),
        "max_day_loss_percent": random.choice((D("0.5"), D(2))),
        "max_drawdown_percent": random.choice((D(1), D(10))),
    }
    return {**some(random, limits), **then(random)}


def stress(random: Random) -> Rule:
    shocks: list[Rule] = [
        {"percent": random.choice((D(-20), D(10), D("-0.5")))},
        {"amount": random.choice((D(-10), D(7)))},
        {"symbol": random.choice((["AAPL", "ES"], ["SAP"], "MSFT")), "percent": D(-50)},
        {"symbol": "AAPL", "amount": D(30)},
    ]
    limits = {
        "max_loss": random.choice((D(1_000), D(9_000), D(400_000))),
        "max_percent": random.choice((D(1), D(8), D(300))),
    }
    return {**some(random, limits), "shocks": random.sample(shocks, random.randint(1, 3))}


def market_hours(random: Random) -> Rule:
    if random.random() < 0.4:
        return some_limits(random, "market_hours")
    shape = random.choice(
        (
            {},
            {"not_within": {"after_open": "31m"}},
            {"not_within": {"before_close": "2h"}},
            {"market_orders_in_regular_only": True, "sessions": ["pre", "regular", "post"]},
            {"sessions": ["pre", "regular", "post"]},
        )
    )
    wide = {"pre": "04:00", "post": "20:00"} if "sessions" in shape else {}
    return {"calendar": "XNYS", **shape, **wide}


def fat_finger(random: Random) -> Rule:
    rule = some_limits(random, "fat_finger")
    if random.random() < 0.2:
        rule["never_below_ticks"] = D(random.choice((1, 4)))
    if random.random() < 0.2:
        rule |= {"session": random.choice((["regular"], ["pre", "post"])), "calendar": "XNYS"}
        rule |= {"pre": "04:00", "post": "20:00"}
    return rule


def duplicate(random: Random) -> Rule:
    rule = some_limits(random, "duplicate")
    same = random.choice((None, None, ["symbol", "side"], ["symbol", "quantity", "account"]))
    return {**rule, "same": same} if same else rule


def message_rate(random: Random) -> Rule:
    rule = some_limits(random, "message_rate")
    return {**rule, "counts": ["new", "modify", "cancel"]} if random.random() < 0.3 else rule


KINDS: dict[str, Callable[[Random], Rule]] = {
    **{kind: lambda random, kind=kind: some_limits(random, kind) for kind in OLDER},  # type: ignore[misc]
    **{
        make.__name__: make
        for make in (
            *(reference_price, short_sale, expiry_window, declared_intent, self_match),
            *(holdings_fraction, group_notional, repeat_execution, reject_breaker),
            *(working_orders, order_efficiency, exposure, concentration, leverage),
            *(buying_power, loss, stress, market_hours, fat_finger, duplicate, message_rate),
        )
    },
}


def a_wide_rule(random: Random, number: int, kinds: tuple[str, ...] = tuple(KINDS)) -> Rule:
    """A rule of any kind."""
    kind = random.choice(kinds)
    rule: Rule = {"id": f"r{number}", "kind": kind, "because": "a test", **KINDS[kind](random)}
    match = a_selector(random, 2)
    if kind == "loss":  # what an account report meets is settled for whole accounts alone
        match = {key: item for key, item in match.items() if key == "account"}
    if match:
        rule["match"] = match
    if kind in BUDGETS and random.random() < 0.6:
        rule["per"] = random.sample(BUDGETS[kind], random.randint(1, min(2, len(BUDGETS[kind]))))
    rule["on_breach"] = random.choice(("deny", "deny", "deny", "hold", "warn"))
    rule["mode"] = random.choice(("enforce",) * 8 + ("shadow", "off"))
    return rule


def a_wide_policy(random: Random, number: int, kinds: tuple[str, ...] = tuple(KINDS)) -> Rule:
    """A policy of up to five rules."""
    rules = [a_wide_rule(random, place, kinds) for place in range(random.randint(1, 5))]
    policy: Rule = {
        "riskgate": 1,
        "policy": f"p{number}",
        "timezone": random.choice(("America/New_York", "Europe/Berlin")),
        "currency": random.choice(("USD", "EUR")),
        "day_starts": random.choice(("00:00", "17:00")),
        "groups": GROUPS,
        "rules": rules,
        "waivers": [
            # whether a waiver for some orders reaches a report of the whole account is not said
            *(w for rule in rules if rule["kind"] != "loss" for w in some_waivers(random, rule))
        ],
    }
    covers = a_selector(random, 1) if random.random() < 0.3 else {}
    if any(rule["kind"] == "loss" for rule in rules):
        covers = {}
    return {**policy, "applies_to": covers} if covers else policy


def a_wide_line(random: Random, name: str) -> str:
    """An order line that may declare an intent, or name a locate."""
    line = a_line(random, name)
    if random.random() < 0.3:
        line += f" intent={random.choice((1_000, 10_000, 20_000, 500_000))}"
    return f"{line} locate=L-1" if random.random() < 0.15 else line


def an_account(random: Random) -> Rule:
    """What the broker reports of an account."""
    values = {
        "net_liquidation": D(random.choice((100_000, 99_500, 98_000, 88_000, 120_000))),
        "available_funds": D(random.choice((80_000, 60_000, 100_000))),
        "day_pnl": D(random.choice((0, 500, -400, -600, -3_000, -9_000))),
    }
    if random.random() < 0.1:
        values.pop(random.choice(tuple(values)))
    if random.random() < 0.05:
        values["net_liquidation"] = D(random.choice((0, -10)))
    return dict(values)
