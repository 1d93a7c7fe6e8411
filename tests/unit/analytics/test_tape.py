"""The volume-weighted price of the market while an order was worked."""

from __future__ import annotations

from riskgate.analytics.tape import Print, Tape
from riskgate.model.lifecycle import Status
from tests.unit.analytics.samples import D, after, fill, order


def trade(seconds: float, price: str, size: str, symbol: str = "AAPL") -> Print:
    return Print(at=after(seconds), symbol=symbol, price=D(price), size=D(size))


TAPE = Tape(
    [
        trade(4, "12", "100"),  # they may come in any order
        trade(1, "10", "300"),
        trade(2, "11", "100"),
        trade(2, "99", "100", "MSFT"),
    ]
)


def test_trades_are_weighted_by_their_size() -> None:
    # (10 x 300 + 11 x 100 + 12 x 100) / 500 = 5300 / 500
    assert TAPE.vwap("AAPL", after(0), after(9)) == D("10.6")
    assert TAPE.vwap("MSFT", after(0), after(9)) == D(99)


def test_both_ends_of_the_interval_are_in_it() -> None:
    # it paid 3000 + 1100 for 400
    assert TAPE.vwap("AAPL", after(1), after(2)) == D("10.25")
    assert TAPE.vwap("AAPL", after(1.001), after(1.999)) is None
    assert TAPE.vwap("AAPL", after(2), after(1)) is None


def test_where_nothing_traded_there_is_no_price() -> None:
    assert TAPE.vwap("SPY", after(0), after(9)) is None
    assert TAPE.vwap("AAPL", after(5), after(9)) is None
    assert Tape([trade(1, "10", "0")]).vwap("AAPL", after(0), after(9)) is None


def test_an_order_is_worked_from_when_it_was_sent_to_its_last_fill() -> None:
    fills = (fill("1", "1", at=after(3)), fill("1", "1", at=after(2)))
    sent = order("BUY", "2", *fills, symbol="AAPL", sent_at=after(1.5))
    assert TAPE.interval_vwap(sent) == D(11)
    unsaid = order("BUY", "2", *fills, symbol="AAPL")
    assert TAPE.interval_vwap(unsaid) == D("10.25"), "from its decision"


def test_the_trades_of_a_share_say_nothing_of_what_has_its_symbol() -> None:
    fills = fill("1", "1", at=after(3))
    for kind, price in (("STK", "10.25"), ("OPT", None), ("FOP", None), ("BAG", None)):
        found = TAPE.interval_vwap(order("BUY", "1", fills, symbol="AAPL", sec_type=kind))
        assert found == (None if price is None else D(price)), kind


def test_an_execution_that_was_undone_is_no_end_of_the_work() -> None:
    undone = fill("0", "1", at=after(4), execution_id="2")
    kept = fill("1", "1", at=after(2))
    assert TAPE.interval_vwap(order("BUY", "2", kept, undone, symbol="AAPL")) == D("10.25")
    assert TAPE.interval_vwap(order("BUY", "2", undone, symbol="AAPL")) is None


def test_the_brokers_whole_seconds_do_not_cut_the_interval_short() -> None:
    at_once = fill("2", "1", at=after(1))  # sent later in that second
    given = {"symbol": "AAPL", "sent_at": after(1.9)}
    assert TAPE.interval_vwap(order("BUY", "2", at_once, **given)) is None
    assert TAPE.interval_vwap(order("BUY", "2", at_once, **given, done_at=after(2.1))) == D(11)
    part = order("BUY", "9", at_once, **given, status=Status.CANCELLED, first_filled_at=after(2.1))
    assert TAPE.interval_vwap(part) == D(11)


def test_an_order_without_fills_or_trades_has_no_interval_price() -> None:
    assert TAPE.interval_vwap(order("BUY", "2", symbol="AAPL")) is None
    assert TAPE.interval_vwap(order("BUY", "2", fill("1", "1"), symbol="SPY")) is None
