"""The setting `routing`: which venues orders of which sort go to (see `execution.route`).

Rule 1: everything that is wrong is found, each with its place inside the setting.
Rule 2: a word that can be checked is checked: sessions, order types and kinds of instruments by
their lists, venues by their shape. A typo must never send an order elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, get_args

from riskgate.config.broker_settings import SettingFault
from riskgate.execution.route import RouteRule, Routing, Session, When
from riskgate.model.money import countable
from riskgate.model.order import OrderType
from riskgate.model.sound import COMBO, SEC_TYPES
from riskgate.policy.source import closest

Location = tuple[str | int, ...]
SESSIONS: Final = get_args(Session)
QUANTITIES: Final = ("min_quantity", "max_quantity")
LONGEST: Final = 20  # characters of a venue's name


class _Reading:
    """One reading of the setting, which collects what is wrong with it."""

    def __init__(self) -> None:
        self.faults: list[SettingFault] = []

    def fault(self, location: Location, text: str, *, of_key: bool = False) -> None:
        """Note what is wrong."""
        self.faults.append(SettingFault(location, text, of_key))

    def mapping(
        self, value: object, known: Sequence[str], at: Location, what: str
    ) -> Mapping[str, Any]:
        """A mapping with these keys and no others."""
        if not isinstance(value, Mapping):
            self.fault(at, f"`{what}` must be a mapping with {', '.join(known)}")
            return {}
        for key in value:
            if key not in known:
                hint = closest(str(key), known)
                meant = f" (did you mean `{hint}`?)" if hint else f"; known are {', '.join(known)}"
                self.fault((*at, key), f"unknown key `{key}`{meant}", of_key=True)
        return value

    def words(
        self, value: object, at: Location, check: Callable[[str], str] = lambda _: ""
    ) -> tuple[str, ...]:
        """A list of words, or one word alone; `check` says what is wrong with one."""
        found = (value,) if isinstance(value, str) else value
        if not isinstance(found, Sequence) or not all(isinstance(w, str) and w for w in found):
            self.fault(at, f"`{at[-1]}` must be a list of names; quote what reads as a number")
            return ()
        for word in found:
            if wrong := check(word):
                self.fault(at, wrong)
        return tuple(found)

    def quantity(self, value: object, at: Location) -> Decimal | None:
        """A quantity; None where it is none."""
        number = Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(number, Decimal) and countable(number) and number >= 0:
            return number
        self.fault(at, f"`{at[-1]}` must be a quantity such as 1000")
        return None


def routing_of(value: object) -> tuple[Routing, list[SettingFault]]:
    """What the setting says, and everything that is wrong with it."""
    if isinstance(value, Routing):
        return value, []
    reading = _Reading()
    known = ("rules", "preferences", "exclude")
    given = reading.mapping(value, known, (), "routing")
    rules = given.get("rules", ())
    if not isinstance(rules, Sequence) or isinstance(rules, str):
        reading.fault(("rules",), "`rules` must be a list of rules")
        rules = ()
    named = given.get("preferences", {})
    if not isinstance(named, Mapping):
        reading.fault(("preferences",), "`preferences` must be a mapping of names to venues")
        named = {}
    made = Routing(
        rules=tuple(_rule(reading, rule, ("rules", at)) for at, rule in enumerate(rules)),
        preferences={
            str(name): _venues(reading, venues, ("preferences", name))
            for name, venues in named.items()
        },
        exclude=_venues(reading, given.get("exclude", ()), ("exclude",)),
    )
    _once(reading, made)
    return made, reading.faults


def _rule(reading: _Reading, value: object, at: Location) -> RouteRule:
    known = ("name", "when", "venues", "exclude")
    given = reading.mapping(value, known, at, "rule")
    name = given.get("name", "")
    if not isinstance(name, str):
        reading.fault((*at, "name"), "`name` must be a word")
    if given and given.keys() <= {"name", "when"}:
        reading.fault(at, "a rule needs `venues`, `exclude` or both")
    return RouteRule(
        name=str(name),
        when=_when(reading, given.get("when", {}), (*at, "when")),
        venues=_venues(reading, given.get("venues", ()), (*at, "venues")),
        exclude=_venues(reading, given.get("exclude", ()), (*at, "exclude")),
    )


def _when(reading: _Reading, value: object, at: Location) -> When:
    known = When.__struct_fields__
    given = reading.mapping(value, known, at, "when")
    checks = {
        "sec_types": _among(sorted(SEC_TYPES - {COMBO})),
        "order_types": _among(tuple(OrderType)),
        "sessions": _among(SESSIONS),
    }
    found: dict[str, Any] = {}
    for key in known:
        if key not in given:
            continue
        if key in QUANTITIES:
            found[key] = reading.quantity(given[key], (*at, key))
        else:
            found[key] = reading.words(given[key], (*at, key), checks.get(key, lambda _: ""))
    least, most = (found.get(key) for key in QUANTITIES)
    if least is not None and most is not None and least > most:
        reading.fault((*at, "min_quantity"), "`min_quantity` is above `max_quantity`")
    types = (OrderType.__members__.get(word) for word in found.get("order_types", ()))
    return When(**{**found, "order_types": tuple(one for one in types if one is not None)})


def _venues(reading: _Reading, value: object, at: Location) -> tuple[str, ...]:
    return reading.words(value, at, _no_venue)


def _no_venue(word: str) -> str:
    """Why a word is no exchange's name; empty where it can be one."""
    if word.isascii() and word.replace(".", "").isalnum() and len(word) <= LONGEST:
        return "" if word == word.upper() else f"venue `{word}` is written `{word.upper()}`"
    return f"venue `{word}` must be an exchange as the broker names it, such as SMART or ARCA"


def _among(words: Sequence[str]) -> Callable[[str], str]:
    """A check that a word is one of these."""

    def check(word: str) -> str:
        if word in words:
            return ""
        hint = closest(word, words)
        meant = f" (did you mean `{hint}`?)" if hint else f"; known are {', '.join(words)}"
        return f"unknown `{word}`{meant}"

    return check


def _once(reading: _Reading, made: Routing) -> None:
    """Each name, and each venue of one list, once; a preference needs a venue."""
    seen: set[str] = set(made.preferences)
    for at, rule in enumerate(made.rules):
        if rule.name and rule.name in seen:
            reading.fault(("rules", at, "name"), f"`{rule.name}` names two routes")
        seen.add(rule.name)
        out = [venue for venue in rule.venues if venue in {*rule.exclude, *made.exclude}]
        if out:
            reading.fault(("rules", at, "venues"), f"venue `{out[0]}` is also excluded")
    for name, venues in made.preferences.items():
        if not venues:
            reading.fault(("preferences", name), f"preference `{name}` names no venue")
