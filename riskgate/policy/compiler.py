"""From the documents of policy files to a `PolicySet`, or to everything that is wrong with them.

Rule 1: all problems of all files are found in one go; a set with a problem is never made.
Rule 2: the schema has judged the shape; here stands what a schema cannot say: names that must
exist, names that must be unique, values that must be readable, parts that need each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from riskgate.model.decision import Action
from riskgate.model.order import OrderType, Side, Tif
from riskgate.model.sound import SEC_TYPES
from riskgate.policy import schema
from riskgate.policy.bound import Bound, Check, Waiver
from riskgate.policy.catalog import kinds
from riskgate.policy.groups import Groups, blank_fault, is_currency
from riskgate.policy.policies import Policy, PolicySet
from riskgate.policy.selectors import EVERYTHING, Selector, selector
from riskgate.policy.source import Document, Location, Problem
from riskgate.policy.wording import unknown_word
from riskgate.rulekit.base import Context, Limit, Parameter, Rule
from riskgate.rulekit.matching import names
from riskgate.rulekit.parameters import Calendar, Shocks, Words, time_of_day

ACTIONS: Final = {"deny": Action.DENY, "hold": Action.HOLD, "warn": Action.WARN}
RULE_KEYS: Final = frozenset(
    {"id", "kind", "match", "per", "on_breach", "mode", "because", "controls"}
)
# What an account may hold, though no order of ours can name it.
HELD_TYPES: Final = frozenset({"BILL", "CMDTY", "CRYPTO", "FUND", "IOPT", "WAR"})
CLOSED: Final[Mapping[str, tuple[str, ...]]] = {
    "side": tuple(Side),
    "order_type": tuple(OrderType),
    "tif": tuple(Tif),
    "sec_type": tuple(sorted(SEC_TYPES | HELD_TYPES)),
}
LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
CODES: Final[Mapping[str, str]] = {
    "RG201": "a list names what cannot be there: a group that is unknown, or holds itself",
    "RG202": "two policies have one name",
    "RG203": "two rules of a file have one id",
    "RG204": "a time zone is unknown",
    "RG205": "parameters that do not go together",
    "RG207": "a calendar is unknown",
    "RG208": "a waiver for a rule that is not in the file",
    "RG209": "a waiver of a limit that the rule does not have",
    "RG210": "a time that does not exist",
    "RG211": "a side, order type, time in force, security type or currency of no order",
    "RG212": "several names that are read as one, or the name of a group without its `@`",
}
KnowsCalendar = Callable[[str], str | None]


def compile_policies(
    documents: Iterable[Document], knows_calendar: KnowsCalendar
) -> tuple[PolicySet | None, tuple[Problem, ...]]:
    """Compile documents that have been read without problems.

    `knows_calendar` returns None for a known exchange code, else what to say about it.
    """
    build = _Build(knows_calendar)
    for document in sorted(documents, key=lambda item: item.path):
        found = schema.problems(document)
        build.problems.extend(found)
        if not found:
            _policy(build, document)
    if build.problems:
        return None, tuple(sorted(set(build.problems)))
    return PolicySet(build.policies, build.bounds, _digest(build.sources), build.off), ()


@dataclass
class _Build:
    """What has been compiled so far, and what was wrong."""

    knows_calendar: KnowsCalendar
    policies: list[Policy] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)
    off: list[Bound] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class _File:
    """One policy file while it is compiled."""

    build: _Build
    document: Document
    value: dict[str, Any]
    groups: Groups
    context: Context

    def say(self, code: str, location: Location, text: str, *, at_key: bool = False) -> None:
        mark = self.document.key_mark(location) if at_key else self.document.mark(location)
        self.build.problems.append(Problem(self.document.path, mark.line, mark.column, code, text))

    def spread(self, items: object, location: Location, key: str = "") -> tuple[str, ...]:
        """The items with their groups spread; what cannot be there is reported at its place.

        `key` is the selector key that the items are names for, if they are.
        """
        words: list[str] = []
        listed: list[Any] = items if isinstance(items, list) else [items]
        for place, item in enumerate(listed):
            found, problems = self.groups.spread(item)
            words += found
            at = (*location, place) if items is listed else location
            for text in problems:
                self.say("RG212" if "," in item else "RG201", at, text)
            if key and not problems:
                self._judge(item, found, key, at)
        return tuple(dict.fromkeys(words))

    def _judge(self, item: str, words: Iterable[str], key: str, location: Location) -> None:
        """What can match no order would make a limit be gone, in silence."""
        meant = self.groups.meant(item)
        if meant is not None and not _fits(item, key):
            self.say("RG212", location, meant)
            return
        for word in words:
            blank = None if _fits(word.replace(" ", "_"), key) else blank_fault(word, key)
            if blank is not None:
                home = location if word == item else self.groups.home(word)
                self.say("RG212", home, blank)
            elif (other := _misfit(word, key, location)) is not None:
                self.say("RG211", location, other)


def _policy(build: _Build, document: Document) -> None:
    value: Any = document.value
    file = _File(build, document, value, Groups(value.get("groups", {})), _context(value))
    for fault in file.groups.problems():
        inside = () if fault.place is None else (fault.place,)
        file.say(fault.code, ("groups", fault.name, *inside), fault.text)
    covers = _selector(file, value.get("applies_to"), ("applies_to",))
    _check_names(file)
    build.policies.append(_described(file, covers))
    waivers = _waivers(file)
    for place, rule in enumerate(value["rules"]):
        _rule(file, (place, rule), covers, waivers)
    build.sources.append(value)


def _context(value: Mapping[str, Any]) -> Context:
    starts = value.get("day_starts")
    return Context(
        value["currency"], value["timezone"], time(0) if starts is None else time_of_day(starts)
    )


def _described(file: _File, covers: Selector) -> Policy:
    value = file.value
    return Policy(
        name=value["policy"],
        description=value.get("description", ""),
        owner=value.get("owner", ""),
        selector=covers,
        currency=value["currency"],
        zone=value["timezone"],
        path=file.document.path,
        text=file.document.text,
    )


def _check_names(file: _File) -> None:
    """Policies must differ by name, and the rules of one file by id; the zone must exist."""
    name = file.value["policy"]
    for other in file.build.policies:
        if other.name == name:
            file.say("RG202", ("policy",), f"policy `{name}` is also in {other.path}")
    seen: dict[str, int] = {}
    for place, rule in enumerate(file.value["rules"]):
        at: Location = ("rules", place, "id")
        first = seen.setdefault(rule["id"], place)
        if first != place:
            line = file.document.mark(("rules", first, "id")).line
            file.say("RG203", at, f"rule id `{rule['id']}` is used twice, first on line {line}")
    zone = file.value["timezone"]
    if not _is_zone(zone):
        meant = unknown_word(zone, available_timezones()) or "; write one such as America/New_York"
        file.say("RG204", ("timezone",), f"time zone `{zone}` is unknown{meant}")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _selector(file: _File, keys: Mapping[str, Any] | None, location: Location) -> Selector:
    if keys is None:
        return EVERYTHING
    return selector({key: file.spread(items, (*location, key), key) for key, items in keys.items()})


def _fits(word: str, key: str) -> bool:
    """Whether the word is one of a closed vocabulary's."""
    listed = names((word.removeprefix("!").upper(),))
    return any(option in listed for option in CLOSED.get(key, ()))


def _misfit(word: str, key: str, location: Location) -> str | None:
    """Why no order can have this word as its side, type, TIF or currency."""
    name = next(step for step in reversed(location) if isinstance(step, str))
    if key == "currency" and not is_currency(word.removeprefix("!").upper()):
        return f"`{name}` is three letters, such as USD; `{word}` matches no order"
    if key not in CLOSED or _fits(word, key):
        return None
    meant = unknown_word(word.removeprefix("!").upper(), CLOSED[key])
    return f"`{name}` is one of {', '.join(CLOSED[key])}; `{word}` matches no order{meant}"


def _rule(
    file: _File,
    numbered: tuple[int, dict[str, Any]],
    covers: Selector,
    waivers: Mapping[str, list[tuple[int, dict[str, Any]]]],
) -> None:
    place, value = numbered
    location: Location = ("rules", place)
    kind = kinds()[value["kind"]]
    per = value.get("per", ())
    mine = covers & _selector(file, value.get("match"), (*location, "match"))
    name = f"{file.value['policy']}/{value['id']}"
    given = {key: item for key, item in value.items() if key not in RULE_KEYS}
    rule = kind(name, _read(file, kind, given, location), file.context)
    if len(rule.given) == len(given):
        for parameter, text in rule.faults():
            file.say("RG205", (*location, parameter), f"`{parameter}` {text}", at_key=True)
    waived = tuple(_waiver(file, rule, given, item) for item in waivers.get(value["id"], ()))
    asked = file.build.off if value.get("mode") == "off" else file.build.bounds
    asked.append(
        Bound(
            name=name,
            rule=rule,
            selector=mine,
            per=(per,) if isinstance(per, str) else tuple(per),
            action=ACTIONS[value.get("on_breach", "deny")],
            enforced=value.get("mode", "enforce") == "enforce",
            because=value["because"],
            where=f"{file.document.path}:{file.document.mark(location).line}",
            checks=_checks(rule),
            tally=rule.tally() if _armed(rule) else None,
            waivers=waived,
            controls=tuple(value.get("controls", ())),
        )
    )


def _armed(rule: Rule) -> bool:
    """A rule whose parameters could be read; another one has a problem and is never asked."""
    needed = [p for p in rule.parameters.values() if p.required]
    return all(vars(rule)[parameter.name] is not None for parameter in needed)


def _read(
    file: _File, kind: type[Rule], given: Mapping[str, Any], location: Location
) -> dict[str, object]:
    """Read the given parameters; those that cannot be read are reported and left out."""
    values: dict[str, object] = {}
    for name, item in given.items():
        parameter = kind.parameters[name]
        where = (*location, name)
        known = len(file.build.problems)
        words = _spread(file, parameter, item, where)
        if len(file.build.problems) > known:
            continue
        try:
            values[name] = parameter.type.read(words)
        except ValueError as error:
            file.say("RG104", where, f"`{name}` {error}")
        else:
            _check_calendar(file, parameter, values[name], where)
    return values


def _spread(file: _File, parameter: Parameter, item: Any, location: Location) -> object:  # noqa: ANN401  # the type reads it
    """What is written under a parameter, with the groups in its lists spread."""
    if isinstance(parameter.type, Words):
        return file.spread(item, location, "" if parameter.type.options else parameter.type.of)
    if isinstance(parameter.type, Shocks):
        return [
            {**one, "symbol": file.spread(one["symbol"], (*location, place, "symbol"), "symbol")}
            if "symbol" in one
            else one
            for place, one in enumerate(item)
        ]
    return item


def _check_calendar(file: _File, parameter: Parameter, value: object, location: Location) -> None:
    if isinstance(parameter.type, Calendar):
        complaint = file.build.knows_calendar(str(value))
        if complaint is not None:
            file.say("RG207", location, complaint)


def _checks(rule: Rule) -> tuple[Check, ...]:
    return tuple(
        _check(rule, limit, vars(rule)[name])
        for name, limit in rule.limits().items()
        if vars(rule)[name] is not None
    )


def _check(rule: Rule, limit: Limit, value: object) -> Check:
    unit = rule.context.currency if limit.type.unit == "money" else limit.type.unit
    return Check(limit.name, limit.measure.__get__(rule), limit.passes, value, unit)


def _waivers(file: _File) -> dict[str, list[tuple[int, dict[str, Any]]]]:
    """The waivers of a file by the rule they are for."""
    ids = [rule["id"] for rule in file.value["rules"]]
    found: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for place, waiver in enumerate(file.value.get("waivers", ())):
        if waiver["rule"] not in ids:
            meant = unknown_word(waiver["rule"], ids)
            text = f"no rule `{waiver['rule']}` in this file{meant}"
            file.say("RG208", ("waivers", place, "rule"), text)
        found.setdefault(waiver["rule"], []).append((place, waiver))
    return found


def _waiver(
    file: _File, rule: Rule, given: Mapping[str, Any], numbered: tuple[int, dict[str, Any]]
) -> Waiver:
    """A waiver of a rule that was given these parameters."""
    place, value = numbered
    location: Location = ("waivers", place)
    limits = dict(_waived_limits(file, rule, given, (value["set"], (*location, "set"))))
    values = _read(file, type(rule), limits, (*location, "set"))
    other = type(rule)(rule.name, {**rule.given, **values}, rule.context)
    checks = {check.name: check for check in _checks(other) if check.name in values}
    return Waiver(
        name=f"{rule.name} until {value['until']}",
        selector=_selector(file, value["match"], (*location, "match")),
        checks=checks,
        tighter={name: rule.parameters[name].tighter or "" for name in checks},
        until=_until(file, value["until"], (*location, "until")),
        approved_by=value["approved_by"],
        because=value["because"],
    )


def _waived_limits(
    file: _File,
    rule: Rule,
    given: Mapping[str, Any],
    waived: tuple[Mapping[str, Any], Location],
) -> Iterator[tuple[str, Any]]:
    """What of a waiver's `set` the rule limits; there must be something to waive."""
    limits = rule.limits().items()
    known = [name for name, limit in limits if name in given or limit.default is not None]
    for name, item in waived[0].items():
        if name in known:
            yield name, item
            continue
        meant = unknown_word(name, known) or f"; it has {', '.join(known)}"
        text = f"`{rule.name}` has no limit `{name}` to waive{meant}"
        file.say("RG209", (*waived[1], name), text, at_key=True)


def _until(file: _File, text: str, location: Location) -> datetime:
    """The moment a waiver ends; the schema has seen to its form, not to whether it exists."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        file.say("RG210", location, f"`until` must be a time that exists; found `{text}`")
        return LONG_AGO


def _digest(sources: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 over the meaning of all files: the order of files, rules and keys does not count."""
    ordered = sorted((_ordered(source) for source in sources), key=lambda item: item["policy"])
    body = msgspec.json.encode(ordered, enc_hook=str, order="deterministic")
    return hashlib.sha256(body).hexdigest()


def _ordered(source: Mapping[str, Any]) -> dict[str, Any]:
    encoded = {
        key: sorted(items, key=lambda item: msgspec.json.encode(item, order="deterministic"))
        for key, items in source.items()
        if key in ("rules", "waivers")
    }
    return {**source, **encoded}
