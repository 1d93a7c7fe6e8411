"""What a client library makes of a message, held against the message field by field.

A shape names a library's arguments in order: a small letter is a field of the message, a capital
is an object whose attributes are fields. A field that no argument carries has to be named in
`UNHEARD`, so nothing is left out by accident.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any, TypeAlias

from riskgate.simulator.wire.fields import Field, Fixed, Many, Row, Rows, Switch, When
from riskgate.simulator.wire.kinds import (
    ESCAPED,
    FLAG,
    INT,
    KEY,
    LONG,
    REAL,
    TEXT,
    WHOLE,
    Kind,
    Record,
    Scalar,
    Value,
)

Thing: TypeAlias = Any  # whatever a library hands over
Call: TypeAlias = tuple[str, tuple[Any, ...]]
UNSET = (0, "", None, False, -1, 2**31 - 1, 2**63 - 1, 1.7976931348623157e308)
TRADED_AT = datetime(2025, 1, 6, 15, tzinfo=UTC)
SECONDS = 1_736_175_600
RARELY = 0.2

SHAPES = {
    "orderStatus": "orderId status filled remaining avgFillPrice permId parentId lastFillPrice"
    " clientId whyHeld mktCapPrice",
    "openOrder": "orderId Contract Order State",
    "completedOrder": "Contract Order State",
    "execDetails": "reqId Contract Execution",
    "commissionReport": "Report",
    "orderBound": "permId clientId orderId",
    "error": "reqId code text advancedOrderRejectJson",
    "nextValidId": "orderId",
    "managedAccounts": "accounts",
    "currentTime": "time",
    "currentTimeInMillis": "time",
    "newsBulletin": "msgId msgType message exchange",
    "accountValue": "key value currency account",
    "accountTime": "time",
    "accountDownloadEnd": "account",
    "portfolio": "Contract position marketPrice marketValue averageCost unrealizedPNL realizedPNL"
    " account",
    "position": "account Contract position averageCost",
    "positionMulti": "reqId account modelCode Contract position averageCost",
    "accountSummary": "reqId account tag value currency",
    "accountUpdateMulti": "reqId account modelCode key value currency",
    "softDollarTiers": "reqId tiers",
    "familyCodes": "codes",
    "receiveFA": "faDataType xml",
    "replaceFAEnd": "reqId text",
    "pnl": "reqId dailyPnL unrealizedPnL realizedPnL",
    "pnlSingle": "reqId position dailyPnL unrealizedPnL realizedPnL value",
    "contractDetails": "reqId Details",
    "bondContractDetails": "reqId Details",
    "securityDefinitionOptionParameter": "reqId exchange underlyingConId tradingClass multiplier"
    " expirations strikes",
    "symbolSamples": "reqId samples",
    "marketRule": "marketRuleId increments",
    "mktDepthExchanges": "exchanges",
    "smartComponents": "reqId components",
    "newsProviders": "providers",
    "tickPrice": "reqId tickType price size",
    "tickSize": "reqId tickType size",
    "tickGeneric": "reqId tickType value",
    "tickString": "reqId tickType value",
    "tickReqParams": "reqId minTick bboExchange snapshotPermissions",
    "marketDataType": "reqId marketDataType",
    "marketDepth": "reqId position operation side price size",
    "marketDepthL2": "reqId position marketMaker operation side price size isSmartDepth",
    "tickOptionComputation": "reqId tickType tickAttrib impliedVol delta optPrice pvDividend gamma"
    " vega theta undPrice",
    "realtimeBar": "reqId time open high low close volume wap barCount",
    "headTimestamp": "reqId time",
    "tickByTick": "reqId tickType time Tick",
    "histogramData": "reqId items",
    "historicalData": "reqId bars start end",
    "historicalDataEnd": "reqId start end",
    "historicalDataUpdate": "reqId Bar",
    "historicalTicks": "reqId ticks done",
    "historicalTicksBidAsk": "reqId ticks done",
    "historicalTicksLast": "reqId ticks done",
    "historicalSchedule": "reqId start end timeZone sessions",
    "newsArticle": "reqId articleType articleText",
    "tickNews": "reqId time providerCode articleId headline extraData",
    "historicalNews": "reqId time providerCode articleId headline",
    "historicalNewsEnd": "reqId hasMore",
    "wshMetaData": "reqId data",
    "wshEventData": "reqId data",
    "userInfo": "reqId whiteBrandingId",
    "displayGroupList": "reqId groups",
    "displayGroupUpdated": "reqId contractInfo",
    **dict.fromkeys(["verifyCompleted", "verifyAndAuthCompleted"], "isSuccessful errorText"),
    "scannerParameters": "xml",
    "fundamentalData": "reqId data",
    "rerouteMktDataReq": "reqId conId exchange",
    "rerouteMktDepthReq": "reqId conId exchange",
    **dict.fromkeys(
        [
            "execDetailsEnd",
            "accountSummaryEnd",
            "positionMultiEnd",
            "accountUpdateMultiEnd",
            "contractDetailsEnd",
            "securityDefinitionOptionParameterEnd",
            "tickSnapshotEnd",
        ],
        "reqId",
    ),
    **dict.fromkeys(["openOrderEnd", "positionEnd", "completedOrdersEnd"], ""),
}
# An attribute path, from one of the objects; the first that an object has is taken.
PATHS: dict[str, tuple[str, ...]] = {
    "deltaNeutralContract": ("deltaNeutralContract",),
    "dncConId": ("deltaNeutralContract.conId",),
    "dncDelta": ("deltaNeutralContract.delta",),
    "dncPrice": ("deltaNeutralContract.price",),
    "softDollarTierName": ("softDollarTier.name",),
    "softDollarTierValue": ("softDollarTier.val",),
    "softDollarTierDisplayName": ("softDollarTier.displayName",),
    "executionExchange": ("exchange",),
    "execClientId": ("clientId",),
    "yield": ("yield_",),
    "accountId": ("accountID",),
    "familyCode": ("familyCodeStr",),
    "letter": ("exchangeLetter",),
    "bidPrice": ("priceBid", "bidPrice"),
    "askPrice": ("priceAsk", "askPrice"),
    "bidSize": ("sizeBid", "bidSize"),
    "askSize": ("sizeAsk", "askSize"),
    "wap": ("average", "wap"),
    "ineligibilityReasons": ("ineligibilityReasonList",),
    "commission": ("commission", "commissionAndFees"),
    "minCommission": ("minCommission", "minCommissionAndFees"),
    "maxCommission": ("maxCommission", "maxCommissionAndFees"),
    "commissionCurrency": ("commissionCurrency", "commissionAndFeesCurrency"),
    "currency": ("currency",),
    "exch": ("exch", "exchange"),
    "size": ("size", "count"),
    "id": ("id_",),
    "start": ("startDateTime",),
    "end": ("endDateTime",),
    "conjunction": ("conjunction", "isConjunctionConnection"),
    "value": ("value", "val"),
}
# Texts a library takes apart or makes a number of, and choices that decide what follows.
SPECIAL: dict[str, Sequence[Scalar]] = {
    "orderType": ["MKT", "LMT", "PEG BENCH", "PEG MID"],
    "secType": ["STK", "BAG", "FUT", "FUND"],
    "deltaNeutralOrderType": ["", "None"],
    "hedgeType": ["", "D"],
    "algoStrategy": ["", "Twap"],
    "lastTradeDateOrContractMonth": ["", "20250321"],
    "maturity": ["", "20350321"],
    "conjunction": ["a", "o"],
    "fundDistributionPolicyIndicator": [""],
    "fundAssetType": [""],
    "longName": ["", "Apple", "Nestl\u00e9 \u2713", "back\\slash"],
    "multiplier": ["", "100"],
}
_COMPUTED = ("impliedVol", "delta", "optPrice", "pvDividend", "gamma", "vega", "theta", "undPrice")
IN_MESSAGE: dict[tuple[str, str], Sequence[Scalar]] = {
    ("execDetails", "time"): ["20250106 10:00:00 US/Eastern"],
    ("commissionReport", "realizedPNL"): ["1.5", "1.7976931348623157E308"],
    ("commissionReport", "yield"): ["1.7976931348623157E308"],
    **{
        ("tickOptionComputation", name): [Decimal("0.25"), Decimal(5)]  # below zero is "unset"
        for name in _COMPUTED
    },
    ("tickPrice", "price"): [Decimal(-1), Decimal("190.01")],
    ("historicalTicks", "time"): [SECONDS],
    ("historicalTicksBidAsk", "time"): [SECONDS],
    ("historicalTicksLast", "time"): [SECONDS],
    ("histogramData", "size"): [Decimal(0), Decimal(1200)],  # the libraries count in whole numbers
    ("bondContractDetails", "coupon"): [Decimal(0), Decimal(4)],  # some make it a whole number
    ("bondContractDetails", "longName"): ["", "Treasury"],
}
MAY_BE_UNSET = frozenset({"openOrder", "completedOrder", "contractDetails"})


@dataclass(frozen=True)
class Hearing:
    """How one library hears."""

    letters: str  # what a text may be made of
    unescapes: bool  # error texts come as they were written
    unheard: frozenset[tuple[str, str]]  # a message (or *) and a field it passes over
    unheard_messages: frozenset[str]
    shapes: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def names(self, known: Mapping[str, object]) -> list[str]:
        """The messages this library has a word for."""
        shapes = SHAPES | dict(self.shapes)
        return sorted(
            name for name in known if name in shapes and name not in self.unheard_messages
        )

    # -- drawing ----------------------------------------------------------------------------------

    def draw(self, lot: Random, name: str, rows: Rows, version: int) -> Record:
        """A message of this name with a value in every field."""
        record: Record = {}
        self._fill(lot, name, (rows, version), record)
        return record

    def _fill(self, lot: Random, name: str, table: tuple[Rows, int], record: Record) -> None:
        rows, version = table
        for row in rows:
            if not row.since <= version < row.until:
                continue
            match row:
                case Field():
                    record[row.name] = self._value(lot, name, row)
                case When(test=test, rows=inner):
                    if test(record):
                        self._fill(lot, name, (inner, version), record)
                case Many(name=many, rows=inner):
                    items: list[Record] = [{} for _ in range(lot.randint(0, 2))]
                    for item in items:
                        about = many if many == "conditions" else name  # never unset in these
                        self._fill(lot, about, (inner, version), item)
                    record[many] = items
                case Switch(on=on, cases=cases):
                    chosen = lot.choice(sorted(cases))
                    record[on] = chosen
                    self._fill(lot, name, (cases[chosen], version), record)
                case Fixed():
                    pass

    def _value(self, lot: Random, message: str, row: Field) -> Scalar:
        special = IN_MESSAGE.get((message, row.name)) or SPECIAL.get(row.name)
        if special is not None and row.kind in {TEXT, ESCAPED, REAL, LONG, WHOLE}:
            return lot.choice(special)
        may_be_unset = message in MAY_BE_UNSET and row.kind in {INT, LONG, REAL}
        if may_be_unset and lot.random() < RARELY:
            return None
        return self._of_kind(lot, row.kind)

    def _of_kind(self, lot: Random, kind: Kind) -> Scalar:
        if kind in {TEXT, ESCAPED}:
            return "".join(lot.choices(self.letters, k=lot.randint(0, 8)))
        if kind is FLAG:
            return lot.random() < RARELY
        if kind in {INT, KEY}:
            return lot.choice([0, 1, -(2**31), 2**31 - 2, lot.randint(-999, 999)])
        if kind is LONG:
            return lot.choice([0, 2**31, lot.randint(0, 2**53)])
        whole = Decimal(lot.randint(0 if kind is WHOLE else -(10**6), 10**6))
        return whole if kind is WHOLE else whole.scaleb(-lot.randint(0, 4))

    # -- comparing --------------------------------------------------------------------------------

    def check(self, name: str, table: tuple[Rows, int], record: Record, calls: list[Call]) -> None:
        """Raise AssertionError unless the calls carry the record, field by field."""
        if not calls:  # bars that are not there are not told
            assert record["bars"] == []
            return
        shape = (SHAPES | dict(self.shapes))[name].split()
        args = arguments(name, calls)
        assert len(args) >= len(shape), (name, args)
        given = dict(zip(shape, args, strict=False))
        self._walk(name, table, record, given)

    def _walk(
        self, message: str, table: tuple[Rows, int], record: Record, given: Mapping[str, Thing]
    ) -> None:
        rows, version = table
        for row in rows:
            if row.since <= version < row.until:
                self._step(message, (row, version), record, given)

    def _step(
        self, message: str, at: tuple[Row, int], record: Record, given: Mapping[str, Thing]
    ) -> None:
        row, version = at
        match row:
            case Field(name=name, kind=kind) if not self._is_unheard(message, name):
                self._same((message, name), kind, record[name], self._find(name, given))
            case When(test=test, rows=inner) if test(record):
                self._walk(message, (inner, version), record, given)
            case Many(name=name, rows=inner) if not self._is_unheard(message, name):
                items = self._find(name, given) or []
                self._items(message, (inner, version), record[name], items)
            case Switch(on=on, cases=cases):
                chosen = record[on]
                assert isinstance(chosen, int)
                self._walk(message, (cases[chosen], version), record, given)
            case _:
                pass

    def _items(
        self, message: str, table: tuple[Rows, int], wanted: Value, found: Sequence[Any]
    ) -> None:
        assert isinstance(wanted, list)
        if isinstance(found, set | frozenset):  # a library that keeps no order
            found = sorted(found)
            wanted = sorted(wanted, key=lambda one: next(iter(one.values())))  # type: ignore[arg-type,return-value]
            wanted = [one for at, one in enumerate(wanted) if one not in wanted[:at]]
        assert len(wanted) == len(found), (message, wanted, found)
        for one, heard in zip(wanted, found, strict=True):
            if isinstance(heard, str | float | int):
                (name,) = one
                self._walk(message, table, one, {name: heard})
            else:
                self._walk(message, table, one, {"Item": heard})

    def _is_unheard(self, message: str, name: str) -> bool:
        return (message, name) in self.unheard or ("*", name) in self.unheard

    def _find(self, name: str, given: Mapping[str, Thing]) -> Thing:
        if name in given:
            return given[name]
        objects = [one for key, one in given.items() if key[:1].isupper()]
        objects += [one.contract for one in objects if hasattr(one, "contract")]
        if name in {"executionExchange", "execClientId"}:
            objects.reverse()  # the contract has an exchange, too
        for path in {**PATHS, **self.paths}.get(name, (name,)):
            for one in objects:
                heard = _follow(one, path)
                if heard is not _NOTHING:
                    return heard
        raise AssertionError(f"`{name}` is carried by none of {list(given)}")

    def _same(self, where: tuple[str, str], kind: Kind, value: Value, heard: Thing) -> None:
        assert self._is_same(where, kind, value, heard), (where, value, heard)

    def _is_same(self, where: tuple[str, str], kind: Kind, value: Value, heard: Thing) -> bool:
        if isinstance(heard, datetime):
            return heard.timestamp() in {TRADED_AT.timestamp(), value}
        if where[1] == "conjunction":
            return heard in {value, value == "a"}
        if value is None:
            return heard in UNSET or not isinstance(heard, str | int | float)
        if kind is FLAG:
            return bool(heard) is value
        if isinstance(heard, str) or kind in {TEXT, ESCAPED}:
            is_raw = kind is ESCAPED and where[0] == "error" and not self.unescapes
            return _text(ESCAPED.show(value) if is_raw else value) == _text(heard)
        return float(heard) == float(str(value))


def _text(value: Thing) -> str:
    try:
        return str(float(value))
    except (TypeError, ValueError):
        return str(value or "")


_NOTHING = object()


def _follow(one: Thing, path: str) -> Thing:
    for step in path.split("."):
        is_mapping = isinstance(one, dict)
        one = one.get(step, _NOTHING) if is_mapping else getattr(one, step, _NOTHING)
        if one is _NOTHING:
            return _NOTHING
    return one


def arguments(name: str, calls: list[Call]) -> tuple[Any, ...]:
    """The arguments of the call; a message that is told piece by piece is put together."""
    if name == "historicalData":
        told = [one[1] for one in calls if one[0] == "historicalData"]
        ends = [one[1] for one in calls if one[0] == "historicalDataEnd"]
        bars = [one[1] for one in told]
        req_id = [one[0] for one in [*told, *ends]][:1]
        return (*(req_id or [None]), bars, *(ends[0][1:] if ends else ("", "")))
    if name == "tickByTick":
        return _tick(*calls[-1])
    if name in {"tickPrice", "fundamentalData"}:
        return calls[0][1]
    return calls[-1][1]


def _tick(callback: str, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The three callbacks of one message, alike: the number, the type, the time and the rest."""
    if callback == "tickByTickAllLast":
        names = ("price", "size", "attrib", "exchange", "specialConditions")
        return (*args[:3], dict(zip(names, args[3:], strict=True)))
    if callback == "tickByTickBidAsk":
        names = ("bidPrice", "askPrice", "bidSize", "askSize", "attrib")
        return (args[0], 3, args[1], dict(zip(names, args[2:], strict=True)))
    return (args[0], 4, args[1], {"midPoint": args[2]})
