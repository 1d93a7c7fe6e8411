"""How to read the figures of a report: the footnotes."""

from __future__ import annotations

from typing import Final

from riskgate.reporting.content import Note

NOTES: Final = (
    Note(
        key="used",
        title="Limit used",
        formula="used / limit x 100 right after an order that left, that order included; of a"
        " limit that is the least that must be left, limit / left x 100",
        sign="100 % is full",
        unit="percent",
    ),
    Note(
        key="near",
        title="Near miss",
        formula="an order that left and after which less than 10 % of a limit was left:"
        " limit - used",
        unit="the unit of the limit",
    ),
    Note(
        key="slippage",
        title="Slippage",
        formula="buy: (paid - filled x price) / (filled x |price|) x 10,000, sell: the reverse; the"
        " price is the mid of the market at the decision unless it says otherwise; the mean counts"
        " each order once",
        sign="Positive is a cost",
        unit="basis points",
        source="Perold, The Implementation Shortfall, 1988",
    ),
    Note(
        key="shortfall",
        title="Implementation shortfall",
        formula="gain of the paper portfolio, which has the whole order at the decision's price and"
        " pays nothing, less the real one's = delay (to the broker) + execution + opportunity (what"
        " never filled, at the price when it was over) + fees",
        sign="Positive is a cost; an order with a price or a fee that is not known is left out",
        unit="the currency of the order",
        source="Perold 1988; Kissell and Glantz 2003, ch. 3",
    ),
    Note(
        key="times",
        title="Times",
        formula="from the decision to that moment, never below zero, for the broker stamps fills in"
        " whole seconds; pN is the time at place ceil(n x N / 100) of n in order",
        unit="seconds",
    ),
    Note(
        key="rates",
        title="Fill and reject rates",
        formula="filled / asked for, in units; filled whole, in part, not at all, rejected by the"
        " broker: orders / orders sent",
        unit="percent",
        source="RTS 28 Art. 3(3)",
    ),
    Note(
        key="fees",
        title="Fees",
        formula="sum of commissions and fees of the executions, each in its latest revision",
        sign="Positive is a cost, negative a rebate",
        unit="the currency they are charged in; nothing is converted",
        source="IB CommissionReport",
    ),
    Note(
        key="notional",
        title="Traded",
        formula="sum of quantity x |price| x multiplier",
        unit="the currency of the order",
    ),
    Note(
        key="efficiency",
        title="Order efficiency",
        formula="(sent + modifies + cancels) / (executed orders + 1)",
        sign="Above 20 IB calls it excessive",
    ),
    Note(
        key="day",
        title="Whose day",
        formula="an order counts on the day of its decision with all that became of it until the"
        " report was made; a block and an order that is worked off in slices count as those",
    ),
)
