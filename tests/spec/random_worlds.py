"""Random policies, quotes and orders, as YAML and people would write them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from riskgate.policy.compiler import compile_policies
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import parse

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
STOCK = {"sec_type": "STK", "currency": "USD", "multiplier": Decimal(1), "lot": Decimal(1)}
STOCK |= {"min_tick": Decimal("0.01"), "exchange": "SMART"}
FUTURE = {**STOCK, "sec_type": "FUT", "multiplier": Decimal(50), "min_tick": Decimal("0.25")}
OPTION = {**STOCK, "sec_type": "OPT", "multiplier": Decimal(100)}
INSTRUMENTS: dict[str, dict[str, Any]] = {
    "AAPL": {**STOCK, "symbol": "AAPL", "underlying": "AAPL"},
    "MSFT": {**STOCK, "symbol": "MSFT", "underlying": "MSFT", "lot": Decimal(5)},
    "SAP": {**STOCK, "symbol": "SAP", "underlying": "SAP", "currency": "EUR"},
    "ES.FUT expiry=2026-06-19": {**FUTURE, "symbol": "ES", "underlying": "ES"},
    "ES.FUT expiry=2026-09-18": {**FUTURE, "symbol": "ES", "underlying": "ES"},
    "AAPL.OPT expiry=2026-06-19 strike=200 right=C": {
        **OPTION,
        "symbol": "AAPL",
        "underlying": "AAPL",
    },
}
ACCOUNTS = ("DU1111111", "DU2222222")
STRATEGIES = ("alpha", "beta", None)
PRICE = {name: Decimal(100 + 20 * place) for place, name in enumerate(INSTRUMENTS)}
GROUPS = {"big": ["AAPL", "MSFT"], "all": ["@big", "SAP", "E*"], "not-big": ["!AAPL", "!M?FT"]}
WORDS: dict[str, list[Any]] = {
    "account": ["DU1111111", "DU2*", "!DU1111111"],
    "strategy": ["alpha", ["alpha", "beta"], "!alpha", "*"],
    "symbol": ["AAPL", ["aapl", "SAP"], "@big", "!@big", "@not-big", "@all", ["A*", "!AAPL"]],
    "sec_type": ["STK", ["FUT", "OPT"], "!STK"],
    "currency": ["USD", "!USD"],
    "side": ["BUY", "SELL"],
    "order_type": ["LMT", "!LMT", ["MKT", "STP*"]],
    "tif": ["DAY", "!IOC"],
    "underlying": ["AAPL", "ES", "!ES"],
    "tag": ["hedge", "!hedge"],
}
PER = ("account", "strategy", "symbol", "underlying", "sec_type", "currency", "side")
BUDGETS = ("position", "daily_volume", "duplicate", "message_rate")


def a_quantity(random: Random) -> Decimal:
    return Decimal(random.choice((1, 5, 10, 50, 100, 100, 100, 150, 300)))


def a_price(random: Random, name: str) -> Decimal:
    ticks = random.choice((0, 0, 0, 1, -1, 4, -4, 8, -8, 40, -40))
    return PRICE[name] + ticks * Decimal(INSTRUMENTS[name]["min_tick"])


def a_quote(random: Random, name: str) -> dict[str, Any]:
    near = a_price(random, name)
    tick = INSTRUMENTS[name]["min_tick"]
    full = {"bid": near - tick, "ask": near + tick, "last": near, "close": near + 8 * tick}
    shape = random.random()
    if shape < 0.8:
        return full
    if shape < 0.84:
        return {**full, "bid": near + tick, "ask": near}  # crossed
    if shape < 0.88:
        return {**full, "type": "delayed"}
    missing = random.choice(
        (("last", "close"), ("bid", "last"), ("bid", "ask", "last"), tuple(full))
    )
    return {key: value for key, value in full.items() if key not in missing}


def a_line(random: Random, name: str) -> str:
    symbol, *keys = name.split(" ")
    kind = random.choice(("LMT", "LMT", "LMT", "MKT", "STP", "STP_LMT"))
    prices = [a_price(random, name) for _ in range({"MKT": 0, "STP_LMT": 2}.get(kind, 1))]
    if random.random() < 0.02 and prices:
        prices[0] += Decimal("0.001")
    strategy, account = random.choice(STRATEGIES), random.choice(ACCOUNTS)
    words = [random.choice(("BUY", "SELL")), a_quantity(random), symbol, kind, *prices]
    words += [random.choice(("DAY", "DAY", "IOC")), *keys, f"account={account}"]
    words += [f"strategy={strategy}"] if strategy else []
    words += ["tag=hedge"] if random.random() < 0.2 else []
    words += ["outside_rth=true"] if random.random() < 0.05 else []
    return " ".join(map(str, words))


def a_selector(random: Random, most: int) -> dict[str, Any]:
    keys = random.sample(list(WORDS), random.randint(0, most))
    return {key: random.choice(WORDS[key]) for key in keys}


def a_rule(random: Random, number: int) -> dict[str, Any]:
    kind = random.choice(
        (*BUDGETS, *BUDGETS, "fat_finger", "permitted", "restricted", "market_hours")
    )
    rule: dict[str, Any] = {"id": f"r{number}", "kind": kind, "because": "a test"}
    rule |= some_limits(random, kind)
    if match := a_selector(random, 2):
        rule["match"] = match
    if kind in BUDGETS and random.random() < 0.6:
        rule["per"] = random.sample(PER, random.randint(1, 2))
    rule["on_breach"] = random.choice(("deny", "deny", "deny", "hold", "warn"))
    rule["mode"] = random.choice(("enforce",) * 8 + ("shadow", "off"))
    return rule


def some_limits(random: Random, kind: str) -> dict[str, Any]:
    """One to three limits of a kind, near what the orders reach."""
    amount = random.choice
    choices: dict[str, dict[str, Any]] = {
        "position": {
            "max_long": Decimal(amount((0, 100, 250, 400))),
            "max_short": Decimal(amount((0, 100, 250, 400))),
            "max_long_notional": Decimal(amount((20_000, 60_000, 1_000_000))),
            "max_short_notional": Decimal(amount((20_000, 60_000, 1_000_000))),
        },
        "daily_volume": {
            "max_quantity": Decimal(amount((200, 500, 1500))),
            "max_notional": Decimal(amount((60_000, 900_000, 3_000_000))),
            "max_orders": Decimal(amount((2, 5, 12))),
        },
        "fat_finger": {
            "max_quantity": Decimal(amount((99, 100, 200))),
            "max_notional": Decimal(amount((12_000, 30_000, 800_000))),
            "max_adv_percent": Decimal(amount((5, 10))),
            "max_deviation_percent": Decimal(amount(("0.02", "0.05", "1"))),
            "max_deviation_ticks": Decimal(amount((2, 4, 8))),
            "max_deviation_amount": Decimal(amount(("0.01", "0.04", "2"))),
            "max_stop_deviation_percent": Decimal(amount(("0.02", "1"))),
        },
        "duplicate": {"max": Decimal(amount((0, 1, 2)))},
        "message_rate": {"max": Decimal(amount((1, 2, 5)))},
        "restricted": {"symbols": amount((["SAP"], ["@not-big"], ["M*"], ["ES"]))},
        "market_hours": {"closed": amount((["10:30-11:00"], ["22:00-09:00"]))},
        "permitted": {
            "symbols": ["@all"],
            "order_types": ["LMT", "STP", "MKT"],
            "sides": amount((["BUY"], ["BUY", "SELL"])),
            "strategies": amount((["alpha", "beta"], ["!alpha"])),
            "currencies": ["USD"],
            "outside_rth": False,
        },
    }
    limits = choices[kind]
    picked = random.sample(list(limits), random.randint(1, min(3, len(limits))))
    return {**{name: limits[name] for name in picked}, **shaping(random, kind)}


def shaping(random: Random, kind: str) -> dict[str, Any]:
    """Parameters that are no limits."""
    if kind in ("duplicate", "message_rate"):
        counts = {"counts": random.choice((["new"], ["new", "modify"]))}
        window = {"window": random.choice(("500ms", "1s", "20s", "1h"))}
        return {**window, **(counts if kind == "message_rate" else {})}
    if kind == "fat_finger":
        chosen = {"both_sides": True, "never_below_amount": Decimal("0.05")}
        return {k: v for k, v in chosen.items() if random.random() < 0.3}
    choices: dict[str, dict[str, Any]] = {
        "daily_volume": {"counts": random.choice(("submitted", "executed"))},
        "market_hours": {"calendar": "always"},
        "restricted": {"derivatives": random.random() < 0.5},
    }
    return choices.get(kind, {})


def a_policy(random: Random, number: int) -> dict[str, Any]:
    rules = [a_rule(random, place) for place in range(random.randint(2, 6))]
    policy: dict[str, Any] = {
        "riskgate": 1,
        "policy": f"p{number}",
        "timezone": random.choice(("America/New_York", "Europe/Berlin")),
        "currency": random.choice(("USD", "EUR")),
        "day_starts": random.choice(("00:00", "17:00")),
        "groups": GROUPS,
        "rules": rules,
        "waivers": [waiver for rule in rules for waiver in some_waivers(random, rule)],
    }
    covers = a_selector(random, 1) if random.random() < 0.3 else {}
    return {**policy, "applies_to": covers} if covers else policy


def some_waivers(random: Random, rule: dict[str, Any]) -> list[dict[str, Any]]:
    """Now and then one or two waivers of a rule's numeric limits."""
    numeric = [k for k, v in rule.items() if isinstance(v, Decimal) and k.startswith("max")]
    if not numeric or random.random() < 0.7:
        return []
    until = START + timedelta(hours=random.choice((0, 2, 48)))
    return [
        {
            "rule": rule["id"],
            "match": a_selector(random, 1) or {"side": "BUY"},
            "set": {random.choice(numeric): Decimal(random.choice((1, 3, 150, 5_000, 2_000_000)))},
            "until": until.isoformat(),
            "approved_by": "somebody",
            "because": "a test",
        }
        for _ in range(random.randint(1, 2))
    ]


def plain(value: Decimal) -> float | int:
    return int(value) if value == value.to_integral_value() else float(value)


def compiled(policies: list[dict[str, Any]]) -> PolicySet:
    documents = []
    for policy in policies:
        name = policy["policy"]
        document, problems = parse(json.dumps(policy, default=plain).encode(), f"{name}.yaml")
        assert document is not None, problems
        documents.append(document)
    policy_set, problems = compile_policies(documents, lambda _: None)
    assert policy_set is not None, problems
    return policy_set
