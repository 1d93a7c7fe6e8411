"""What a script asks of a running simulator wrongly is told in one line, and nothing happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from riskgate.simulator import Bar, Options, Price, Quote, Running, quote, running
from riskgate.simulator.scenarios import ScenarioError, parse
from riskgate.simulator.scenarios.bar_file import read_bars
from riskgate.simulator.scenarios.known import Listings
from riskgate.simulator.scenarios.price_file import parse_prices

if TYPE_CHECKING:
    from tests.wire.conftest import WireConnect

AT = datetime(2025, 1, 6, 15, 0, tzinfo=UTC)
HERE = Listings(AT.date())
Misuse = Callable[[Any], object]  # of a simulator, which takes what no type checker would


@pytest.mark.parametrize(
    ("misuse", "kind", "told"),
    [
        (lambda tws: tws.set_price("NOPE", quote(1, 2)), LookupError, "set_price: `NOPE` is not"),
        (lambda tws: tws.set_price("AAPL", 5), TypeError, "set_price: `5`: expected a quote"),
        (lambda tws: tws.set_price(5, quote(1, 2)), TypeError, "set_price: `5`: expected a sym"),
        (lambda tws: tws.positions("DU9"), LookupError, "positions: `DU9` is no account of"),
        (lambda tws: tws.inject(5), TypeError, "inject: `5`: expected a Fault"),
        (lambda tws: tws.happen(5), TypeError, "happen: `5`: expected an event"),
        (lambda tws: tws.received("foo"), ValueError, "received: `foo` is no request; such as"),
        (lambda tws: tws.received("placeOder"), ValueError, "did you mean `placeOrder`?"),
    ],
)
def test_a_misuse_is_told(sim: Running, misuse: Misuse, kind: type[Exception], told: str) -> None:
    with pytest.raises(kind) as caught:
        misuse(sim)
    (line,) = str(caught.value.args[0]).splitlines()
    assert told in line


@pytest.mark.parametrize("price", ["-1", "0", "190.001", "NaN", "Infinity", "1e30"])
def test_a_price_that_nobody_quotes_for_a_stock_is_refused(sim: Running, price: str) -> None:
    for market in (quote(bid=price), quote(ask=price), quote(last=price), quote(close=price)):
        with pytest.raises(ValueError, match="price: AAPL: "):
            sim.set_price("AAPL", market)
    with pytest.raises(ValueError, match=r"price: |outside"):
        sim.happen(Price("AAPL", bid=Decimal(price)))


@pytest.mark.parametrize(
    ("symbol", "price"), [("CL", "-37.63"), ("ES", "0"), ("F", 12.34), ("EUR.USD", "1.08505")]
)
def test_other_prices_are_taken(sim: Running, symbol: str, price: Any) -> None:  # noqa: ANN401
    sim.set_price(symbol, quote(bid=price))
    prices = sim._simulator.gateway.exchange.world
    con_id = prices.catalogue.by_symbol(symbol).con_id
    assert prices.prices.of(con_id) == Quote(bid=Decimal(str(price)))


@pytest.mark.parametrize(
    ("price", "why"),
    [("-1", "is not above zero"), ("0", "is not above zero"), ("1.005", "is no multiple of")],
)
def test_a_file_with_such_a_price_is_refused_with_its_line(
    tmp_path: Path, price: str, why: str
) -> None:
    with pytest.raises(ScenarioError, match=rf"p.csv:3: prices: ask: `{price}` {why}"):
        parse_prices(f"symbol,ask\nCL,-1\nAAPL,{price}\n", "p.csv", HERE)
    bars = tmp_path / "bars.csv"
    row = f"{AT.isoformat()},AAPL,{price},{price},{price},{price}"
    bars.write_text(f"time,symbol,open,high,low,close\n{row}\n")
    with pytest.raises(ScenarioError, match=rf"bars.csv:2: bar: open: `{price}` {why}"):
        read_bars(bars, HERE)
    with pytest.raises(ScenarioError, match=f"price: bid: `{price}` {why}"):
        parse(f"timeline: [{{after: 1, do: price, symbol: AAPL, bid: {price}}}]", day=AT.date())


def test_bars_with_such_a_price_are_refused_in_python() -> None:
    wrong = Decimal(-1)
    options = Options(bars=(Bar(AT, "AAPL", wrong, wrong, wrong, wrong),))
    with (
        pytest.raises(ValueError, match="bar: AAPL: `-1` is not above zero"),
        running(options=options),
    ):
        pass


def test_a_client_more_than_there_may_be_is_dropped_and_the_others_stay(
    wire_to: WireConnect,
) -> None:
    with running() as sim:
        clients = [wire_to(sim, number) for number in range(1, 33)]
        sim.wait_for(lambda: len(sim.clients()) == 32)
        with pytest.raises((EOFError, ConnectionError)):
            wire_to(sim, 33).read_until("nextValidId")
        assert sim.clients() == frozenset(range(1, 33))
        clients[0].close()
        sim.wait_for(lambda: len(sim.clients()) == 31)
        assert wire_to(sim, 33).read_until("nextValidId")
