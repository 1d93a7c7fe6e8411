"""What is always on: sanity of the order, and the states in which nothing may leave.

Rule 1: no policy, waiver or approval switches these off.
Rule 2: all failures are reported together (semantics.md, section 2).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from riskgate.errors import MissingData
from riskgate.model import combos
from riskgate.model.codes import Code
from riskgate.model.decision import Finding
from riskgate.model.instrument import Instrument
from riskgate.model.money import countable, text
from riskgate.model.order import Fault, Order, OrderType, Side, Tif
from riskgate.model.snapshot import Snapshot
from riskgate.model.sound import COMBO, fits_plainly, plainly_sound
from riskgate.model.terms import faults_of, well_typed
from riskgate.model.trading import TradingState

PRICES: Final = ("limit_price", "stop_price", "trigger_price")
UNKNOWN: Final = "`{}` is not a known instrument; check it, and prepare or watch it beforehand"
STEPS: Final = ("trail_amount", "limit_offset")
PEGS_ON_TICK: Final = frozenset({OrderType.REL, OrderType.PEG_MKT})  # to the middle may be half one
SAID_PRICES: Final = ("trail_stop_price",)
SAID_STEPS: Final = ("discretionary_amount",)
SAID_SIZES: Final = ("display_size", "min_quantity", "min_trade_quantity", "min_compete_size")
ADJUSTED: Final = ("trigger_price", "stop_price", "limit_price")


def faults(order: Order, snapshot: Snapshot) -> tuple[Finding, ...]:
    """Everything that is wrong with the order itself, or with what it names."""
    if plainly_sound(order) and _fits_plainly(order, snapshot):
        return ()
    stated = faults_of(order)
    found = [*stated, *snapshot.unsupported, *_account(order, snapshot)]
    if well_typed(order):
        found += _tif(order, snapshot)
        if order.legs or order.sec_type == COMBO:
            found += _combo(order, snapshot)
    if order.for_cash and well_typed(order) and not order.quantity and snapshot.instrument:
        why = f"{snapshot.instrument.symbol}: no price tells how many units the cash can be"
        found.append(Fault(Code.NO_PRICE, why))
    misnamed = any(fault.code == Code.BAD_ORDER for fault in stated)
    if well_typed(order) and not (misnamed and snapshot.instrument is None):
        found += _instrument(order, snapshot)
    if not stated and snapshot.instrument is not None and not snapshot.is_reduction(order):
        found += _stop(order, snapshot.instrument, snapshot)
    return tuple(Finding(code=fault.code, text=fault.text) for fault in found)


def _combo(order: Order, snapshot: Snapshot) -> Iterator[Fault]:
    """What is wrong with a combo as stated, with its legs together, and with each of them."""
    yield from combos.faults(order)
    if snapshot.instrument is not None:
        yield from combos.misfits(order, snapshot.instrument)
    for view in snapshot.legs:
        leg, known, now = view.order, view.snapshot.contract, view.snapshot.as_of
        for fault in (*_dates(known, now), *_tradable(known), *_lots(leg, known)):
            yield Fault(fault.code, f"leg {combos.in_words(leg, known)}: {fault.text}")


def refusals(snapshot: Snapshot, *, reduction: bool) -> tuple[Finding, ...]:
    """The states in which this order may not leave; the order itself may be fine."""
    return () if _is_all_well(snapshot) else tuple(_refusals(snapshot, reduction=reduction))


def _is_all_well(snapshot: Snapshot) -> bool:
    """A first look, which nearly every order passes; `_refusals` looks closer."""
    return (
        snapshot.connected is True
        and snapshot.mode_fault is None
        and snapshot.reconciled is True
        and snapshot.journal_writable is True
        and snapshot.parent_left is None
        and snapshot.state is TradingState.ACTIVE
    )


def _refusals(snapshot: Snapshot, *, reduction: bool) -> Iterator[Finding]:
    if not snapshot.connected:
        yield Finding(code=Code.NOT_CONNECTED, text="there is no session with the broker")
    if snapshot.mode_fault is not None:
        yield Finding(code=Code.MODE_MISMATCH, text=snapshot.mode_fault)
    if not snapshot.reconciled:
        why = f": {snapshot.distrust}" if snapshot.distrust else ""
        shown = f"our book is not proven against the broker's{why}"
        yield Finding(code=Code.NOT_RECONCILED, text=shown)
    if not snapshot.journal_writable:
        yield Finding(code=Code.JOURNAL_UNAVAILABLE, text="the journal cannot be written")
    if snapshot.parent_left is not None and snapshot.parent_left < 0:
        over = text(-snapshot.parent_left)
        yield Finding(code=Code.PARENT_OVERFILL, text=f"the children exceed the parent by {over}")
    state = snapshot.state
    if state is TradingState.REDUCE_ONLY and reduction:
        return
    if state is not TradingState.ACTIVE:
        text_ = f"the trading state is {snapshot.state_text or state.value}"
        yield Finding(code=state.value, text=text_)


def _fits_plainly(order: Order, snapshot: Snapshot) -> bool:
    """A first look at what a sound order names; what this does not pass is looked at closely."""
    instrument = snapshot.instrument
    return (
        instrument is not None
        and not instrument.legs
        and not snapshot.unsupported
        and order.account in snapshot.accounts
        and instrument.tradable
        and not instrument.halted
        and _is_current(instrument, snapshot.as_of)
        and fits_plainly(order.quantity, instrument.lot)
        and fits_plainly(order.limit_price, instrument.min_tick)
        and fits_plainly(order.stop_price, instrument.min_tick)
        and (order.stop_price is None or not any(_stop(order, instrument, snapshot)))
    )


def _is_current(instrument: Instrument, now: datetime) -> bool:
    always = instrument.expiry is None and instrument.listed is None
    return always or not any(_dates(instrument, now))


def notes(order: Order, snapshot: Snapshot) -> tuple[str, ...]:
    """What a reduction was let through with."""
    return tuple(fault.text for fault in _stop(order, snapshot.contract, snapshot))


def _account(order: Order, snapshot: Snapshot) -> Iterator[Fault]:
    known = snapshot.accounts
    if not known:
        yield Fault(Code.NO_ACCOUNT, "no account is known; is the gate connected?")
    elif order.account is None:
        yield Fault(Code.NO_ACCOUNT, f"name one of the accounts {', '.join(known)}")
    elif order.account not in known:
        yield Fault(
            Code.UNKNOWN_ACCOUNT, f"account `{order.account}` is not one of {', '.join(known)}"
        )


def _tif(order: Order, snapshot: Snapshot) -> Iterator[Fault]:
    until = order.good_till if order.tif is Tif.GTD else None
    if until is not None and until.utcoffset() is not None and not until > snapshot.as_of:
        yield Fault(Code.BAD_TIF, f"GTD time {until.isoformat()} is not in the future")


def _instrument(order: Order, snapshot: Snapshot) -> Iterator[Fault]:
    instrument = snapshot.instrument
    if instrument is None:
        codes = {fault.code for fault in snapshot.unsupported} if order.legs else ()
        if Code.UNKNOWN_INSTRUMENT not in codes:  # the legs that nobody knows are named there
            yield Fault(Code.UNKNOWN_INSTRUMENT, UNKNOWN.format(order.symbol))
        return
    yield from _dates(instrument, snapshot.as_of)
    yield from _tradable(instrument)
    yield from _lots(order, instrument)
    yield from _prices(order, instrument)


def _tradable(instrument: Instrument) -> Iterator[Fault]:
    if instrument.halted or not instrument.tradable:
        why = "is halted" if instrument.halted else "is not tradable"
        yield Fault(Code.NOT_TRADABLE, f"{instrument.symbol} {why}")


def _dates(instrument: Instrument, now: datetime) -> Iterator[Fault]:
    today = now.astimezone(UTC).date()
    if instrument.expiry is not None and today > instrument.expiry:
        yield Fault(
            Code.EXPIRED_INSTRUMENT,
            f"{instrument.symbol} expired on {instrument.expiry.isoformat()}",
        )
    if instrument.listed is not None and today < instrument.listed:
        yield Fault(
            Code.EXPIRED_INSTRUMENT,
            f"{instrument.symbol} is not listed before {instrument.listed.isoformat()}",
        )


def _lots(order: Order, instrument: Instrument) -> Iterator[Fault]:
    lot, said = instrument.lot, order.instructions
    sizes = (("quantity", order.quantity), *((name, getattr(said, name)) for name in SAID_SIZES))
    for name, size in sizes:
        if size is None or not (countable(size) and size > 0):
            continue
        if not (lot > 0 and size % lot == 0):
            why = f"{name} {text(size)} is no multiple of the lot {text(lot)}"
            yield Fault(Code.BAD_QUANTITY, why)


def _prices_and_steps(order: Order) -> Iterator[tuple[str, Decimal | None, bool]]:
    """Every price and distance of an order, by name, and whether it is a price."""
    said = order.instructions
    yield from ((name, getattr(order, name), True) for name in PRICES)
    yield from ((name, getattr(order, name), False) for name in STEPS)
    if order.order_type in PEGS_ON_TICK:
        yield "peg_offset", order.peg_offset, False
    yield from ((name, getattr(said, name), True) for name in SAID_PRICES)
    yield from ((name, getattr(said, name), False) for name in SAID_STEPS)
    if said.adjusts is not None:
        adjusts = said.adjusts
        yield from ((f"adjusts {name}", getattr(adjusts, name), True) for name in ADJUSTED)
        yield "adjusts trail_amount", adjusts.trail_amount, False


def _prices(order: Order, instrument: Instrument) -> Iterator[Fault]:
    tick = instrument.min_tick
    for name, price, is_price in _prices_and_steps(order):
        if price is None or not countable(price):
            continue
        if is_price and not (price > 0 or instrument.negative_prices):
            yield Fault(Code.BAD_PRICE, f"{name} must be above zero; found {text(price)}")
        elif tick > 0 and price % tick != 0:
            below = price // tick * tick
            yield Fault(
                Code.OFF_TICK,
                f"{name} {text(price)} is not a multiple of the tick {text(tick)};"
                f" near it are {text(below)} and {text(below + tick.copy_sign(price))}",
            )


def _stop(order: Order, instrument: Instrument, snapshot: Snapshot) -> Iterator[Fault]:
    """A stop that would trigger at once, unless the order says that it may."""
    stop = order.stop_price
    if stop is None:
        stop = order.instructions.trail_stop_price
    if stop is None or order.trigger_now:
        return
    prices = snapshot.prices
    touch = prices.ask if order.side is Side.BUY else prices.bid
    market = prices.last if prices.last is not None else touch
    if market is None:
        missing: MissingData = prices.missing()
        yield Fault(missing.code, f"{missing}: a stop cannot be judged")
        return
    through = stop <= market if order.side is Side.BUY else stop >= market
    if through:
        yield Fault(
            Code.STOP_THROUGH_MARKET,
            f"stop {text(stop)} of a {order.side} is already through the market at"
            f" {text(market)} for {instrument.symbol}; trigger_now=true sends it all the same",
        )
