"""Policy tests: what a `*.test.yaml` says, as values, and whether a decision is what it expects.

Rule 1: this module reads and compares; it decides nothing. A case is played by `rehearsal`.
Rule 2: `by` is complete: every breach must be named, by its rule or its code, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec

from riskgate.model.account import Account
from riskgate.model.codes import Code
from riskgate.model.decision import Action, Decision, Finding
from riskgate.model.instrument import Instrument, Terms, key_of
from riskgate.model.market import LIVE, Quote
from riskgate.model.order_line import number, terms_of
from riskgate.model.trading import TradingState
from riskgate.policy.case_shape import GIVEN
from riskgate.policy.source import Document, Location, Problem
from riskgate.policy.suggest import closest, shown
from riskgate.rulekit.parameters import duration

CODES: Final[Mapping[str, str]] = {
    "RG401": "a value in a policy test that cannot be read",
    "RG402": "a policy test names something that is neither a rule nor a code",
    "RG403": "two cases of one policy test have the same name",
}
PAPER_ACCOUNT: Final = "DU1234567"
HOURS_ZONE: Final = "America/New_York"  # in which a test writes an instrument's own `hours`
LIVE_ACCOUNT: Final = "U1234567"
LONE_STEPS: Final = ("order", "bracket", "basket")
ACCOUNTS: Final = frozenset({"account", "accounts"})
EXPECTING: Final = ("expect", "by", "shadow", "intent")
Json = Mapping[str, Any]


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """The world at the start of a case."""

    now: datetime | None = None
    mode: str = "paper"
    accounts: tuple[Account, ...] = ()
    instruments: Mapping[str, Instrument] = {}
    unknown: tuple[str, ...] = ()
    quotes: Mapping[str, tuple[Quote, timedelta]] = {}
    fx: Mapping[str, Decimal] = {}
    adv: Mapping[str, Decimal] = {}
    positions: Mapping[str, Decimal] = {}
    working: tuple[Any, ...] = ()
    today: Mapping[str, Json] = {}
    state: TradingState = TradingState.ACTIVE
    strategy: str | None = None
    reconciled: bool = True
    connected: bool = True
    journal_writable: bool = True


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One case: its world, its steps, and where it stands."""

    name: str
    given: Given
    steps: tuple[Json, ...]
    path: str
    line: int


class TestFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of policy tests; `policies` are paths relative to it."""

    __test__ = False
    path: str
    policies: tuple[str, ...]
    cases: tuple[Case, ...]


def read_tests(document: Document) -> tuple[TestFile | None, tuple[Problem, ...]]:
    """The cases of a file whose shape the schema has judged, or what is wrong with its values."""
    value: Any = document.value
    problems: list[Problem] = []
    cases = tuple(_cases(document, value, problems))
    problems += _same_names(document, value)
    if problems:
        return None, tuple(sorted(problems))
    listed = value["policies"]
    paths = tuple([listed] if isinstance(listed, str) else listed)
    return TestFile(path=document.path, policies=paths, cases=cases), ()


def _cases(document: Document, value: Json, problems: list[Problem]) -> Iterator[Case]:
    shared = value.get("given") or {}
    for place, case in enumerate(value["cases"]):
        location: Location = ("cases", place)
        mark = document.mark(location)
        try:
            given = given_of(_replaced(shared, case))
        except ValueError as error:
            problems.append(Problem(document.path, mark.line, mark.column, "RG401", str(error)))
            continue
        yield Case(
            name=case["name"],
            given=given,
            steps=tuple(_steps(case)),
            path=document.path,
            line=mark.line,
        )


def _same_names(document: Document, value: Json) -> Iterator[Problem]:
    """The names that an earlier case has: a report could not tell the two apart."""
    lines: dict[str, int] = {}
    for place, case in enumerate(value["cases"]):
        mark = document.mark(("cases", place, "name"))
        first = lines.setdefault(case["name"], mark.line)
        if first != mark.line:
            text = f"the case in line {first} is named `{shown(case['name'])}` too; rename one"
            yield Problem(document.path, mark.line, mark.column, "RG403", text)


def _replaced(shared: Json, case: Json) -> Json:
    """What is given to a case: a key that it states, in `given` or beside it, replaces that key.

    `account` and `accounts` are one key.
    """
    own = {**(case.get("given") or {}), **{key: case[key] for key in GIVEN if key in case}}
    gone = ACCOUNTS if ACCOUNTS & own.keys() else frozenset()
    return {**{key: item for key, item in shared.items() if key not in gone}, **own}


def _steps(case: Json) -> Iterable[Json]:
    if "steps" in case:
        return [dict(step) for step in case["steps"]]
    verb = next(name for name in LONE_STEPS if name in case)
    asked = {key: case[key] for key in EXPECTING if key in case}
    return [{"submit" if verb == "order" else verb: case[verb], **asked}]


def given_of(value: Json) -> Given:
    """Read the keys of `given`. Raise ValueError with what cannot be read."""
    now = _moment(value["now"]) if value.get("now") is not None else None
    mode = value.get("mode", "paper")
    instruments = {
        name: _instrument(name, item) for name, item in (value.get("instruments") or {}).items()
    }
    return Given(
        now=now,
        mode=mode,
        accounts=_accounts(value, mode),
        instruments=instruments,
        unknown=tuple(value.get("unknown") or ()),
        quotes={name: quote_of(item) for name, item in (value.get("prices") or {}).items()},
        fx=dict(value.get("fx") or {}),
        adv=dict(value.get("adv") or {}),
        positions=dict(value.get("positions") or {}),
        working=tuple(value.get("working") or ()),
        today=dict(value.get("today") or {}),
        state=TradingState(value.get("state", "ACTIVE")),
        strategy=value.get("strategy"),
        reconciled=value.get("reconciled", True),
        connected=value.get("connected", True),
        journal_writable=value.get("journal_writable", True),
    )


def account_of(value: Json, mode: str = "paper") -> Account:
    """An account's values."""
    default = LIVE_ACCOUNT if mode == "live" else PAPER_ACCOUNT
    amounts = {name: value.get(name) for name in ("net_liquidation", "available_funds", "day_pnl")}
    return Account(
        id=str(value.get("id", default)), currency=value.get("currency", "USD"), **amounts
    )


def _accounts(value: Json, mode: str) -> tuple[Account, ...]:
    if value.get("accounts") is not None:
        return tuple(account_of(item, mode) for item in value["accounts"])
    return (account_of(value.get("account") or {}, mode),)


def _moment(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError(f"`{text}` is no time with an offset, such as 2026-03-02T10:00:00-05:00")
    return moment


def moment_of(text: object) -> datetime:
    """An absolute time with its offset. Raise ValueError for anything else."""
    return _moment(text)


def quote_of(value: object) -> tuple[Quote, timedelta]:
    """A quote written as `bid x ask` or as a mapping, and how old it is."""
    if isinstance(value, str):
        bid, _, ask = value.partition(" x ")
        prices = (number(bid.strip()), number(ask.strip()))
        if None in prices:
            raise ValueError(f"`{value}` is no quote; write it as `189.99 x 190.01`")
        return Quote(bid=prices[0], ask=prices[1], type=LIVE), timedelta(0)
    given: Any = value or {}
    prices_given = {name: given.get(name) for name in ("bid", "ask", "last", "close")}
    age = given.get("age")
    old = timedelta(0) if age in (None, "0s") else duration(age)
    return Quote(**prices_given, type=given.get("type", LIVE)), old


def _instrument(name: str, given: Json) -> Instrument:
    """An instrument as a test lists it; its name may carry suffix and keys of an order line."""
    stated = terms_of(name)
    terms = Terms(
        symbol=stated.symbol,
        sec_type=given.get("sec_type", stated.sec_type or "STK"),
        currency=given.get("currency", stated.currency or "USD"),
        expiry=_day(given.get("expiry")) or stated.expiry,
        strike=given.get("strike", stated.strike),
        right=given.get("right", stated.right),
    )
    usual = Decimal(100) if terms.sec_type in ("OPT", "FOP") else Decimal(1)
    extra = {
        name: given[name]
        for name in (
            *("min_tick", "lot", "underlying", "exchange", "negative_prices"),
            *("tradable", "halted", "hours", "margin_rate"),
        )
        if given.get(name) is not None
    }
    return Instrument(
        key=key_of(terms),
        symbol=terms.symbol,
        sec_type=terms.sec_type or "STK",
        currency=terms.currency or "USD",
        expiry=terms.expiry,
        strike=terms.strike,
        right=terms.right,
        multiplier=given.get("multiplier", stated.multiplier or usual),
        listed=_day(given.get("listed")),
        zone=HOURS_ZONE if given.get("hours") else None,
        **extra,
    )


def _day(text: object) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f"`{text}` is no date such as 2026-06-19") from None


def unknown_names(step: Json, rules: Iterable[str]) -> list[str]:
    """The names in `by` and `shadow` that are neither a rule nor a built-in code."""
    known = {*rules, *Code}
    lists = (step.get("by"), step.get("shadow"))  # `by` of a halt is a person, and text
    named = [name for listed in lists if isinstance(listed, list | tuple) for name in listed]
    return [name for name in named if name not in known]


def unknown_name(name: str, rules: Iterable[str]) -> str:
    """What to say of a name that is neither a rule nor a code."""
    near = _meant(name, tuple(rules))
    hint = f" (did you mean `{near}`?)" if near else ""
    return f"`{shown(name)}` is neither a rule of these policies nor a code{hint}"


def _meant(name: str, rules: tuple[str, ...]) -> str | None:
    """The rule or code that a name most probably stands for; a rule may lack its policy."""
    near = closest(name, (*rules, *Code))
    if near or "/" in name:
        return near
    full = {rule.partition("/")[2]: rule for rule in sorted(rules, reverse=True)}
    return full.get(name) or full.get(closest(name, full) or "")


def mismatches(step: Json, decision: Decision) -> Iterator[str]:
    """In what a decision differs from what the step expects."""
    wanted = step.get("expect")
    if isinstance(wanted, str) and Action[wanted.upper()] is not decision.action:
        yield f"expected {wanted}, got {decision.action.word}"
    if "by" in step:
        enforced = [finding for finding in decision.breaches if finding.enforced]
        yield from _unmatched("by", step["by"], enforced)
    if "shadow" in step:
        watched = [finding for finding in decision.breaches if not finding.enforced]
        yield from _unmatched("shadow", step["shadow"], watched)


def _unmatched(key: str, names: Iterable[str], findings: list[Finding]) -> Iterator[str]:
    named = set(names)
    missing = [n for n in sorted(named) if not any(n in (f.rule, f.code) for f in findings)]
    extra = [f for f in findings if not {f.rule, f.code} & named]
    if missing:
        yield f"expected {key} {', '.join(missing)}, which did not breach"
    if extra:
        found = dict.fromkeys(finding.name for finding in extra)
        yield f"{key} does not name {', '.join(found)}, which breached"
