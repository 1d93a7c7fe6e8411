"""One decision by riskgate beside one by other engines that are installed, on rules like these.

Run `python benchmarks/peers.py`; benchmarks/README.md says how to read the table. Nothing here is a
dependency: an engine that is not installed is named and left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import desk
import measuring
from measuring import Line
from msgspec import structs

from riskgate.model.decision import Action
from riskgate.model.order import Order
from riskgate.policy.evaluate import evaluate

Half = Callable[[], float]
Facts = dict[str, Any]
ROUNDS: Final = 21
ORDERS: Final = 100
OURS: Final = "riskgate, 12 rules"
# The desk's twelve rules, as conditions over facts that somebody has looked up before.
CONDITIONS: Final = (
    "order_type in ['MKT', 'LMT', 'STP', 'STP_LMT']",
    "tif in ['DAY', 'GTC', 'IOC', 'FOK']",
    f"symbol in {list(desk.NAMES)}",
    "not (symbol in ['GME', 'AMC'])",
    "second >= 52200 and second <= 75600",
    "quantity <= 5000",
    "notional <= 1000000",
    "deviation <= 3.0",
    "repeats <= 1000000000",
    "messages <= 1000000000",
    "position <= 1000000000",
    "volume <= 1000000000000000",
)

CEDAR: Final = "permit (principal, action, resource);" + "".join(
    f"forbid (principal, action, resource) unless {{ {text} }};"
    for text in (
        '["MKT", "LMT", "STP", "STP_LMT"].contains(context.order_type)',
        '["DAY", "GTC", "IOC", "FOK"].contains(context.tif)',
        f"{json.dumps(desk.NAMES)}.contains(context.symbol)",
        '!["GME", "AMC"].contains(context.symbol)',
        "context.second >= 52200 && context.second <= 75600",
        "context.quantity <= 5000",
        "context.notional <= 1000000",
        "context.deviation <= 3",
        "context.repeats <= 1000000000",
        "context.messages <= 1000000000",
        "context.position <= 1000000000",
        "context.volume <= 1000000000000000",
    )
)
CASBIN: Final = """
[request_definition]
r = sub
[policy_definition]
p = id, rule, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = eval(p.rule)
"""


class Peer(NamedTuple):
    """An engine: its distribution, what it does for one decision, and how that is measured."""

    package: str
    does: str
    prepare: Callable[[int], Half]
    keeps_state: bool = False


def main() -> None:
    """Measure, and print one table."""
    asked = measuring.options("One decision by riskgate and by other engines.")
    where = measuring.pin()
    orders, rounds = (5, 3) if asked.brief else (ORDERS, ROUNDS)
    lines = [line for peer in PEERS for line in _beside(peer, orders, rounds)]
    measuring.report("peers", lines, f"{where}; medians of {rounds} rounds", asked.json)


def _beside(peer: Peer, orders: int, rounds: int) -> Iterator[Line]:
    """Our decision against theirs; with our look before it where theirs looks for itself."""
    what = f"{peer.package}: {peer.does}"
    try:
        theirs = peer.prepare(orders)
        what = f"{peer.package} {version(peer.package)}: {peer.does}"
    except (ImportError, PackageNotFoundError):
        yield Line(OURS, what, None, 1.0, "not installed")
        return
    ours = [(OURS, _deciding(orders), 1.0)]
    if peer.keeps_state:
        ours.append((f"{OURS}, with the look", _looking_and_deciding(orders), None))
    for name, half, target in ours:
        taken = measuring.rounds(half, theirs, rounds)
        took = (median(one.subject for one in taken), median(one.baseline for one in taken))
        remark = f"{took[0] * 1e6:.1f} against {took[1] * 1e6:.1f} us"
        yield Line(name, what, measuring.ratio(taken), target, remark)


def _deciding(size: int) -> Half:
    policies = desk.policies(desk.LEAN)
    world, source = desk.world(policies), desk.orders()
    (order, snapshot), *_ = desk.asked(world, source, 1)
    _must(evaluate(policies, order, snapshot).action is Action.ALLOW, "riskgate")

    def decided() -> float:
        batch = desk.asked(world, source, size)
        return measuring.seconds_each(partial(evaluate, policies), batch)

    return decided


def _looking_and_deciding(size: int) -> Half:
    world, source = desk.world(desk.policies(desk.LEAN)), desk.orders()

    def judge(order: Order) -> None:
        evaluate(world.policies, order, desk.look(world, order))

    def judged() -> float:
        batch = [(order,) for order in desk.some(source, size)]
        return measuring.seconds_each(judge, batch)

    return judged


def _must(allowed: object, who: str) -> None:
    """A benchmark of refusals would look good, and mean nothing."""
    if not allowed:
        raise SystemExit(f"{who} refused the order that it should allow")


def _facts(size: int, source: Iterator[Order]) -> list[tuple[Facts]]:
    """What the rules are about, looked up for each order: numbers and words."""
    return [(_fact(order),) for order in desk.some(source, size)]


def _fact(order: Order) -> Facts:
    price = order.limit_price or Decimal(190)
    quantity = int(order.quantity)
    return {
        "order_type": str(order.order_type),
        "tif": str(order.tif),
        "symbol": order.symbol,
        "second": 54000,
        "quantity": quantity,
        "notional": float(quantity * price),
        "deviation": float(abs(price - 190) / 190 * 100),
        "repeats": 1,
        "messages": 7,
        "position": 1000 + quantity,
        "volume": float(quantity * price),
    }


def _of_facts(ask: Callable[[Facts], object], size: int, who: str) -> Half:
    """One round of an engine that is handed facts, none of them seen before."""
    source = desk.orders()
    _must(ask(_fact(next(source))), who)
    _must(not ask({**_fact(next(source)), "quantity": 5001}), f"{who} did not refuse, or")

    def asked() -> float:
        return measuring.seconds_each(ask, _facts(size, source))

    return asked


def _rule_engine(size: int) -> Half:
    made = import_module("rule_engine").Rule
    rules = [made(text) for text in CONDITIONS]

    def ask(facts: Facts) -> bool:
        return all([rule.matches(facts) for rule in rules])  # noqa: C419  # all are asked, as by us

    return _of_facts(ask, size, "rule-engine")


def _zen(size: int) -> Half:
    compiled = import_module("zen").compile_expression
    rules = [compiled(text) for text in CONDITIONS]

    def ask(facts: Facts) -> bool:
        return all([rule.evaluate(facts) for rule in rules])  # noqa: C419  # same

    return _of_facts(ask, size, "zen-engine")


def _cedar(size: int) -> Half:
    cedarpy = import_module("cedarpy")
    policies = (
        cedarpy.PolicySet.from_str(CEDAR) if hasattr(cedarpy.PolicySet, "from_str") else CEDAR
    )
    nobody = cedarpy.Entities.from_json_str("[]")
    who = {"principal": 'Strategy::"momo"', "action": 'Action::"submit"', "resource": 'Book::"us"'}

    def ask(facts: Facts) -> bool:
        context = {
            **facts,
            "notional": int(facts["notional"]),
            "deviation": int(facts["deviation"]),
        }
        asked = {**who, "context": {**context, "volume": int(facts["volume"])}}
        return bool(cedarpy.is_authorized(asked, policies, nobody).allowed)

    return _of_facts(ask, size, "cedarpy")


def _casbin(size: int) -> Half:
    casbin = import_module("casbin")
    model = casbin.Model()
    model.load_model_from_text(CASBIN)
    enforcer = casbin.Enforcer(model)
    for number, text in enumerate(CONDITIONS):
        fields = re.sub(r"\b([a-z_]+)\b(?! *\()", _of_request, text)
        enforcer.add_policy(f"r{number}", f"not ({fields})", "deny")
    enforcer.add_policy("rest", "True", "allow")

    def ask(facts: Facts) -> bool:
        return bool(enforcer.enforce(SimpleNamespace(**facts)))

    return _of_facts(ask, size, "casbin")


def _of_request(word: re.Match[str]) -> str:
    return f"r.sub.{word[0]}" if word[0] in _fact(next(desk.orders())) else word[0]


def _vnpy(size: int) -> Half:
    """Its own engine and its five compiled rules, on a stage that takes and says nothing."""
    objects, constants = import_module("vnpy.trader.object"), import_module("vnpy.trader.constant")
    engine = import_module("vnpy_riskmanager.engine").RiskEngine(
        _Stage(objects, constants), _Mute()
    )
    for rule in engine.rules.values():
        for limit in (name for name in rule.parameters if name.endswith("_limit")):
            setattr(rule, limit, 1_000_000_000)
    source = desk.orders()

    def request(order: Order) -> tuple[Any, str]:
        made = objects.OrderRequest(
            symbol=order.symbol,
            exchange=constants.Exchange.SMART,
            direction=constants.Direction.LONG,
            type=constants.OrderType.LIMIT,
            volume=float(order.quantity),
            price=float(order.limit_price or 0),
        )
        return made, "IB"

    def asked() -> float:
        batch = [request(order) for order in desk.some(source, size)]
        return measuring.seconds_each(engine.check_allowed, batch)

    _must(engine.check_allowed(*request(next(source))), "vnpy_riskmanager")
    _must(len(engine.rules) >= len(("size", "validity", "daily", "duplicate", "active")), "vnpy")
    return asked


class _Stage:
    """The main engine that vnpy's risk engine is plugged into: it knows every contract."""

    def __init__(self, objects: Any, constants: Any) -> None:  # noqa: ANN401  # modules of a peer
        self._contracts = {
            f"{name}.SMART": objects.ContractData(
                symbol=name,
                exchange=constants.Exchange.SMART,
                name=name,
                product=constants.Product.EQUITY,
                size=1,
                pricetick=0.01,
                gateway_name="IB",
            )
            for name in desk.NAMES
        }

    def get_contract(self, vt_symbol: str) -> object:
        """The contract of a name."""
        return self._contracts.get(vt_symbol)

    def send_order(self, _request: object, _gateway: str) -> str:
        """Nothing is sent."""
        return ""

    def write_log(self, msg: str, **_more: object) -> None:
        """Nothing is said."""


class _Mute:
    """An event engine that nobody listens to."""

    def register(self, kind: str, heard: object) -> None:
        """Nobody is told."""

    def put(self, event: object) -> None:
        """Nothing happens."""


def _nautilus(size: int) -> Half:
    """Its risk engine in front of an execution engine that only takes the command."""
    made = _Nautilus()
    source = desk.orders()
    made.engine.execute(made.command(structs.replace(next(source), quantity=Decimal(6_000))))
    _must(not made.sent, "nautilus_trader did not refuse, or")

    def asked() -> float:
        batch = [(made.command(order),) for order in desk.some(source, size)]
        taken = len(made.sent)
        each = measuring.seconds_each(made.engine.execute, batch)
        _must(len(made.sent) == taken + len(batch), "nautilus_trader")
        return each

    return asked


class _Nautilus:
    """A risk engine with one instrument, a quote and an account, and its throttles wide open."""

    def __init__(self) -> None:
        stubs = import_module("nautilus_trader.test_kit.stubs.identifiers").TestIdStubs
        provider = import_module("nautilus_trader.test_kit.providers").TestInstrumentProvider
        common = import_module("nautilus_trader.common.component")
        clock = common.TestClock()
        bus = common.MessageBus(trader_id=stubs.trader_id(), clock=clock)
        cache = import_module("nautilus_trader.cache.cache").Cache()
        portfolio = import_module("nautilus_trader.portfolio.portfolio").Portfolio(
            msgbus=bus, cache=cache, clock=clock
        )
        wide = "1000000000/00:00:01"
        config = import_module("nautilus_trader.risk.config").RiskEngineConfig(
            max_order_submit_rate=wide,
            max_order_modify_rate=wide,
            max_notional_per_order={"AAPL.XNAS": 1_000_000},
        )
        risk = import_module("nautilus_trader.risk.engine")
        self.sent: list[object] = []
        bus.register("ExecEngine.execute", self.sent.append)
        bus.register("ExecEngine.process", lambda _event: None)
        self.engine = risk.RiskEngine(portfolio, bus, cache, clock, config)
        self._instrument = provider.equity(symbol="AAPL", venue="XNAS")
        cache.add_instrument(self._instrument)
        self._data = import_module("nautilus_trader.test_kit.stubs.data").TestDataStubs
        cache.add_quote_tick(
            self._data.quote_tick(self._instrument, bid_price=189.98, ask_price=190.02)
        )
        state = import_module("nautilus_trader.test_kit.stubs.events").TestEventStubs
        account_id = import_module("nautilus_trader.model.identifiers").AccountId("XNAS-001")
        portfolio.update_account(state.cash_account_state(account_id=account_id))
        self._factory = import_module("nautilus_trader.common.factories").OrderFactory(
            trader_id=stubs.trader_id(), strategy_id=stubs.strategy_id(), clock=clock
        )
        self._stubs, self._clock = stubs, clock
        self._command = import_module("nautilus_trader.execution.messages").SubmitOrder
        self._uuid = import_module("nautilus_trader.core.uuid").UUID4
        self._side = import_module("nautilus_trader.model.enums").OrderSide.BUY

    def command(self, order: Order) -> object:
        """A command to submit such an order; nothing of it has been seen before."""
        made = self._factory.limit(
            self._instrument.id,
            self._side,
            self._instrument.make_qty(int(order.quantity)),
            self._instrument.make_price(float(order.limit_price or 190)),
        )
        return self._command(
            trader_id=self._stubs.trader_id(),
            strategy_id=self._stubs.strategy_id(),
            position_id=None,
            order=made,
            command_id=self._uuid(),
            ts_init=self._clock.timestamp_ns(),
        )


PEERS: Final = (
    Peer("nautilus_trader", "RiskEngine, about 8 checks", _nautilus, keeps_state=True),
    Peer("vnpy_riskmanager", "RiskEngine, 5 rules", _vnpy, keeps_state=True),
    Peer("zen-engine", "12 compiled expressions over facts", _zen),
    Peer("cedarpy", "12 policies over facts", _cedar),
    Peer("rule-engine", "12 conditions over facts", _rule_engine),
    Peer("casbin", "12 policies over facts", _casbin),
)

if __name__ == "__main__":
    main()
