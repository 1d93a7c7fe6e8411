"""Stress: what the worst-case book loses when prices jump."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from riskgate.model.account import Account
from riskgate.model.decision import Finding
from riskgate.model.instrument import Instrument
from riskgate.model.market import Quote
from riskgate.model.readings import Gains, Holding, StressReading
from tests.unit.rules.conftest import NOON

Ask = Callable[..., dict[str, Finding]]
FALL = "shocks: [{percent: -20}], max_loss: 3_800"
CL = Instrument(key="CL", symbol="CL", multiplier=Decimal(1000), negative_prices=True)


def reading(own: Holding, *others: dict[str, Decimal], unmarked: str = "") -> StressReading:
    names = (unmarked,) if unmarked else ()
    return StressReading(own, Gains(others or ({},), names))


def alone(position: int = 0, buys: int = 0, sells: int = 0) -> StressReading:
    return reading(Holding(Decimal(position), Decimal(buys), Decimal(sells)))


@pytest.mark.parametrize(
    ("read", "line", "verdict", "lost"),
    [
        (alone(), "BUY 100 AAPL LMT 190", "PASS", 3_800),
        (alone(), "BUY 101 AAPL LMT 190", "BREACH", 3_838),
        (alone(), "SELL 1000 AAPL LMT 190", "PASS", 0),
        (alone(50, buys=20), "BUY 31 AAPL LMT 190", "BREACH", 3_838),
        (alone(50, sells=70), "BUY 50 AAPL LMT 190", "PASS", 3_800),
        (alone(101), "SELL 500 AAPL LMT 190", "BREACH", 3_838),
        (alone(-20), "BUY 121 AAPL LMT 190", "BREACH", 3_838),
    ],
)
def test_the_worst_case_with_this_order_is_shocked(
    ask: Ask, read: StressReading, line: str, verdict: str, lost: int
) -> None:
    (answer,) = ask("stress", FALL, line, read).values()
    assert (answer.verdict, answer.observed) == (verdict, Decimal(lost))


def test_the_worst_shock_counts_and_is_named(ask: Ask) -> None:
    config = "shocks: [{percent: -20}, {symbol: [AAPL, MSFT], amount: 50}], max_loss: 100"
    read = reading(Holding(), {}, {})
    bought = ask("stress", config, "BUY 10 AAPL LMT 190", read)["max_loss"]
    assert (bought.observed, bought.text) == (Decimal(380), "under -20 % on everything")
    sold = ask("stress", config, "SELL 10 AAPL LMT 190", read)["max_loss"]
    assert (sold.observed, sold.text) == (Decimal(500), "under +50 on AAPL, MSFT")
    assert str(sold).endswith("under +50 on AAPL, MSFT")


def test_within_one_shock_gains_offset_losses_and_never_across_shocks(ask: Ask) -> None:
    config = "shocks: [{percent: -20}, {percent: -10}], max_loss: 100"
    read = reading(Holding(), {"USD": Decimal(370), "EUR": Decimal(8)}, {"USD": Decimal(-1)})
    fx = {"EUR": Decimal("1.25")}
    (answer,) = ask("stress", config, "BUY 10 AAPL LMT 190", read, fx=fx).values()
    assert (answer.observed, answer.text) == (Decimal(191), "under -10 % on everything")
    (answer,) = ask("stress", config, "BUY 10 AAPL LMT 190", read).values()
    assert answer.code == "NO_FX"


def test_a_price_may_pass_through_zero(ask: Ask) -> None:
    quote = Quote(last=Decimal("-3.70"), at=NOON)
    config = "shocks: [{symbol: CL, amount: -40}], max_loss: 8_479_999.99"
    (answer,) = ask(
        "stress", config, "BUY 212 CL LMT 0.01", alone(), instrument=CL, quote=quote
    ).values()
    assert (answer.verdict, answer.observed) == ("BREACH", Decimal(8_480_000))


@pytest.mark.parametrize("line", ["BUY 1 CL LMT -3", "SELL 1 CL LMT -3"])
def test_percent_of_a_negative_price_is_taken_at_its_worst(ask: Ask, line: str) -> None:
    quote = Quote(last=Decimal(-4), at=NOON)
    config = "shocks: [{percent: -50}], max_loss: 1"
    (answer,) = ask("stress", config, line, alone(), instrument=CL, quote=quote).values()
    assert answer.observed == 2_000


def test_an_extreme_own_price_can_worsen_a_shock_and_never_soften_it(ask: Ask) -> None:
    bought = ask("stress", FALL, "BUY 10 AAPL LMT 300", alone())["max_loss"]
    assert bought.observed == 600
    short = reading(Holding(Decimal(-10)), {"USD": Decimal(-500)})
    hedge = ask("stress", FALL, "SELL 1 AAPL LMT 300", short)["max_loss"]
    assert hedge.observed == 500 - 380


@pytest.mark.parametrize(
    ("symbols", "lost"),
    [("AAPL", 380), ("A*", 380), ("MSFT", 0), ('["*", "!AAPL"]', 0), ("OTHER", 0)],
)
def test_a_shock_names_root_symbols(ask: Ask, symbols: str, lost: int) -> None:
    config = f"shocks: [{{symbol: {symbols}, percent: -20}}], max_loss: 1_000"
    (answer,) = ask("stress", config, "BUY 10 AAPL LMT 190", alone()).values()
    assert answer.observed == lost


def test_an_option_moves_with_its_root(ask: Ask) -> None:
    option = Instrument(
        key="AAPL.OPT", symbol="AAPL", sec_type="OPT", multiplier=Decimal(100), underlying="AAPL"
    )
    quote = Quote(last=Decimal(3), at=NOON)
    config = "shocks: [{symbol: AAPL, amount: -2}], max_loss: 1_000"
    line = "BUY 5 AAPL.OPT LMT 3"
    (answer,) = ask("stress", config, line, alone(), instrument=option, quote=quote).values()
    assert (answer.verdict, answer.observed) == ("PASS", Decimal(1_000))


def test_what_is_not_known_denies(ask: Ask) -> None:
    line = "BUY 1 AAPL LMT 190"
    (answer,) = ask("stress", FALL, line, alone(), quote=None).values()
    assert answer.code == "NO_PRICE"
    (answer,) = ask("stress", FALL, line, reading(Holding(), unmarked="MSFT")).values()
    assert (answer.code, "MSFT" in answer.text) == ("NO_PRICE", True)
    (answer,) = ask("stress", FALL, line).values()
    assert answer.code == "RULE_ERROR"
    untouched = "shocks: [{symbol: MSFT, percent: -20}], max_loss: 1"
    (answer,) = ask("stress", untouched, line, alone(), quote=None).values()
    assert answer.verdict == "PASS"


def test_percent_is_of_the_accounts_worth_and_of_its_own_book(ask: Ask) -> None:
    config = "shocks: [{percent: -20}], max_percent: 38, max_loss: 1_000"
    budget, mine = Gains(({"USD": Decimal(-700)},)), Gains(({"USD": Decimal(0)},))
    read = StressReading(Holding(), budget, mine)
    worth = Account(id="DU1", net_liquidation=Decimal(1_000), at=NOON)
    answers = ask("stress", config, "BUY 10 AAPL LMT 190", read, account=worth)
    assert (answers["max_loss"].observed, answers["max_loss"].verdict) == (Decimal(1_080), "BREACH")
    assert (answers["max_percent"].observed, answers["max_percent"].verdict) == (
        Decimal(38),
        "PASS",
    )
    answers = ask("stress", config, "BUY 11 AAPL LMT 190", read, account=worth)
    assert answers["max_percent"].verdict == "BREACH"
    broke = Account(id="DU1", net_liquidation=Decimal(0), at=NOON)
    answers = ask("stress", config, "SELL 1 AAPL LMT 190", read, account=broke)
    assert answers["max_percent"].verdict == "BREACH"
    answers = ask("stress", config, "BUY 1 AAPL LMT 190", read)
    assert answers["max_percent"].code == "NO_ACCOUNT_VALUE"


def test_a_reduction_is_not_asked(ask: Ask) -> None:
    held = Holding(Decimal(100))
    read = StressReading(held, Gains(({},)))
    assert ask("stress", FALL, "SELL 100 AAPL LMT 190", read, holding=held) == {}
