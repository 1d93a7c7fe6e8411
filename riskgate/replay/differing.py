"""How a decision that was made again differs from the one on record, part by part.

Rule 1: the whole decision is compared, byte by byte as it is recorded, with two exceptions: the
place of a rule in its file, which may have moved and means nothing, and the words of an exception
that a rule raised, which may differ from run to run; that it failed must be the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from riskgate.model.codes import Code
from riskgate.model.decision import Action, Decision, Finding
from riskgate.model.events import Decided, Recorded
from riskgate.model.money import text

NOTHING: Final = "nothing"
Named = tuple[str, str, str, str, int]

_encode = msgspec.json.Encoder(order="deterministic").encode


class Part(msgspec.Struct, frozen=True):
    """One part of a decision that is not the same: which, as recorded, and as decided again."""

    what: str
    recorded: str
    again: str


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One decision that comes out otherwise."""

    seq: int
    at: datetime
    order_id: int
    what: str
    text: str
    engine: str
    parts: tuple[Part, ...]


def difference(event: Recorded, decided: Decided, apart: tuple[Part, ...]) -> Difference:
    """What is to be told of a decision that is not the same in some parts."""
    changed = "modify" if decided.replaces else "new order"
    return Difference(
        seq=event.seq,
        at=event.at,
        order_id=decided.order_id,
        what="approval" if decided.approves else changed,
        text=decided.text,
        engine=decided.engine,
        parts=apart,
    )


def parts(decided: Decided, again: Decision, worth: Decimal | None) -> tuple[Part, ...]:
    """What is not the same; nothing if the whole decision is, and the value of a unit."""
    recorded = decided.decision
    same_worth = _encode(decided.unit_value) == _encode(worth)
    if same_worth and _encode(recorded) == _encode(again):
        return ()
    found = [
        Part(name.replace("_", " "), _shown(old), _shown(new))
        for name in recorded.__struct_fields__
        if name != "breaches"
        and _encode(old := getattr(recorded, name)) != _encode(new := getattr(again, name))
    ]
    if not same_worth:
        found.append(Part("unit value", _shown(decided.unit_value), _shown(worth)))
    found += _findings(recorded.breaches, again.breaches)
    return tuple(found)


def otherwise(recorded: Decision, again: Decision) -> tuple[Part, ...]:
    """What differs in effect under other policies: the answer, who breached, what that does."""
    found = []
    if recorded.action is not again.action:
        found.append(Part("action", recorded.action.word, again.action.word))
    before, after = _by_name(recorded.breaches), _by_name(again.breaches)
    found += [
        Part(_titled(name), _told(before.get(name)), _told(after.get(name)))
        for name in (*before, *(name for name in after if name not in before))
        if _does(before.get(name)) != _does(after.get(name))
    ]
    return tuple(found)


def _does(finding: Finding | None) -> tuple[bool, Action] | None:
    """What a finding does to an order; None where there is none."""
    return None if finding is None else (finding.enforced, finding.action)


def _findings(recorded: Iterable[Finding], again: Iterable[Finding]) -> Iterator[Part]:
    """Findings that are gone, new or other; where only their order is, that."""
    before, after = _by_name(recorded), _by_name(again)
    same = True
    for name in (*before, *(name for name in after if name not in before)):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            same = False
            yield Part(_titled(name), _told(old), _told(new))
            continue
        for field in _unlike(old, new):
            same = False
            shown = (_shown(getattr(one, field)) for one in (old, new))
            yield Part(f"{_titled(name)}, {field.replace('_', ' ')}", *shown)
    if same and list(before) != list(after):
        yield Part("order of findings", _listed(before), _listed(after))


def _unlike(old: Finding, new: Finding) -> list[str]:
    failed = old.code == Code.RULE_ERROR == new.code
    ignored = ("where", "text") if failed else ("where",)
    return [
        field
        for field in old.__struct_fields__
        if field not in ignored and _encode(getattr(old, field)) != _encode(getattr(new, field))
    ]


def _by_name(findings: Iterable[Finding]) -> dict[Named, Finding]:
    """The findings by whose they are; those of one name are numbered."""
    seen: Counter[tuple[str, str, str, str]] = Counter()
    named: dict[Named, Finding] = {}
    for finding in findings:
        name = (finding.name, finding.limit_name, finding.waiver, finding.leg)
        named[*name, seen[name]] = finding
        seen[name] += 1
    return named


def _titled(name: Named) -> str:
    return " ".join(word for word in name[:4] if word)


def _listed(names: Iterable[Named]) -> str:
    return ", ".join(map(_titled, names))


def _told(finding: Finding | None) -> str:
    if finding is None:
        return NOTHING
    mode = "" if finding.enforced else ", in shadow"
    said = finding.measured or finding.text
    return f"{finding.verdict} ({finding.action.word}{mode}){f': {said}' if said else ''}"


def _shown(value: object) -> str:
    if isinstance(value, Decimal):
        return text(value)
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value)) or NOTHING
    word = getattr(value, "word", None)
    return NOTHING if value is None or value == "" else str(word or value)
