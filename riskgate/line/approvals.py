"""Held orders: who may let them go, and what is forgiven when they are decided again.

Rule 1: another person than the submitter approves, by name and with a reason, once.
Rule 2: an approval decides again, against the world as it is then; only the breaches that held the
order are forgiven, anything else still denies (semantics.md, section 9).
Rule 3: an order of a group is approved with its group.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import msgspec

from riskgate.errors import ConfigError
from riskgate.ledger.book import Book
from riskgate.ledger.companions import Companions
from riskgate.ledger.life import Life
from riskgate.line import grouping, payload
from riskgate.line.judging import Judge, Moment
from riskgate.line.payload import Asked
from riskgate.model.codes import Code
from riskgate.model.decision import Action
from riskgate.model.events import ApprovalRefused, Decided
from riskgate.model.lifecycle import Status
from riskgate.model.order import Fault
from riskgate.model.report import NeverSent
from riskgate.model.spans import span

WRITTEN_OUT: Final = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U000[0-9a-f]{5}|U0010[0-9a-f]{4})")
NOTHING_HELD: Final = ("",)  # an order that only its group held: nothing is forgiven it


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's word for an order, or for a group of them."""

    lives: tuple[Life, ...]
    by: str
    reason: str
    hold_for: timedelta


def approval(
    book: Book, order_id: int, said: tuple[object, object], hold_for: timedelta
) -> Approval:
    """An approval that may be given. Raise ConfigError, saying why not, for any other."""
    by, reason = (payload.printable(words) for words in said)
    if not by or not reason:
        raise ConfigError("an approval needs `by` and `reason`, both not blank")
    life = _held(book, order_id, "approved")
    if not _person(life.actor):
        raise ConfigError(
            f"nobody knows who submitted order {order_id}, so nobody can approve it; refuse it, and"
            " have it submitted by somebody who is named: `actor` in the settings or the call"
        )
    if _person(by) == _person(life.actor):
        raise ConfigError(f"`{by}` submitted order {order_id}; another person must approve it")
    lives = tuple(_with_group(book, life))
    for one in lives:
        _held(book, one.order_id, f"approved with its group, as order {order_id}")
    return Approval(lives=lives, by=by, reason=reason, hold_for=hold_for)


def _person(name: str) -> str:
    """A name by which two spellings of one person are the same.

    What `printable` has written out, such as a joiner of no width, is read back and dropped.
    """
    said = WRITTEN_OUT.sub(lambda found: chr(int(f"0{found[0][2:]}", base=16)), name)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", said).casefold())
    seen = "".join(c for c in folded if unicodedata.category(c) != "Cf")
    return " ".join(seen.split())


def _held(book: Book, order_id: int, done: str) -> Life:
    life = book.orders.get(order_id)
    if life is None or life.status is not Status.HELD:
        what = "not on record" if life is None else life.status.value
        raise ConfigError(f"order {order_id} is {what}; only a held order can be {done}")
    return life


def _with_group(book: Book, life: Life) -> Iterator[Life]:
    if not life.group:
        yield life
        return
    number = life.group
    while (one := book.orders.get(number)) is not None and one.group == life.group:
        yield one
        number += 1


def decided(judge: Judge, book: Book, given: Approval, at: Moment) -> list[Decided]:
    """The orders decided again, with what was held forgiven."""
    first = given.lives[0]
    terms = grouping.Terms(
        bracket=bool(first.bracket), oca=bool(first.oca), intent=first.group_intent
    )
    asked = [Asked(order=life.order, text=life.text) for life in given.lives]
    if first.group:
        planned = grouping.plans(judge, asked, terms, first.order_id, at)
    else:
        planned = [(asked[0], Companions(number=first.order_id, parent=first.parent))]
    again = [
        (one, _forgiving(beside, life, given, at.now))
        for (one, beside), life in zip(planned, given.lives, strict=True)
    ]
    for life in given.lives:  # none of them is its own duplicate, or its neighbour's
        book.let_go(life)
    made = grouping.together(judge, book, again, at)
    return [
        msgspec.structs.replace(one, ref=life.ref, reason=given.reason, actor=given.by)
        for one, life in zip(made, given.lives, strict=True)
    ]


def refused(book: Book, order_id: int, said: tuple[object, object]) -> list[ApprovalRefused]:
    """A person's no to a held order, with its group. Raise ConfigError if it cannot be given."""
    by, reason = (payload.printable(words) for words in said)
    if not by or not reason:
        raise ConfigError("a refusal needs `by` and `reason`, both not blank")
    life = _held(book, order_id, "refused")
    return [
        ApprovalRefused(order_id=one.order_id, by=by, reason=reason)
        for one in _with_group(book, life)
        if one.status is Status.HELD
    ]


def expired(book: Book, hold_for: timedelta, now: datetime) -> list[ApprovalRefused]:
    """The end of what nobody approved in time."""
    why = f"nobody approved it within {span(hold_for)}"
    code = str(Code.APPROVAL_EXPIRED)
    return [
        ApprovalRefused(order_id=life.order_id, by="riskgate", reason=why, code=code)
        for life in book.held()
        if now - life.created_at > hold_for
    ]


def taken_back(book: Book, order_id: int, by: str) -> list[NeverSent]:
    """The end of an order that was withdrawn before anybody approved it, and of its group.

    Nothing for an order that is not held.
    """
    life = book.orders.get(order_id)
    if life is None or life.status is not Status.HELD:
        return []
    who = f" by {by}" if by else ""
    why = f"it was held, and cancelled{who} before anybody approved it"
    return [
        NeverSent(order_id=one.order_id, code=Code.APPROVAL_EXPIRED, text=why)
        for one in _with_group(book, life)
        if one.status is Status.HELD
    ]


def _forgiving(beside: Companions, life: Life, given: Approval, now: datetime) -> Companions:
    late = now - life.created_at > given.hold_for
    expired = Fault(Code.APPROVAL_EXPIRED, f"it was held for longer than {span(given.hold_for)}")
    return msgspec.structs.replace(
        beside,
        held_at=life.created_at,
        forgiven=_held_by(life),
        emergency=life.emergency,
        faults=(*beside.faults, expired) if late else beside.faults,
    )


def _held_by(life: Life) -> tuple[str, ...]:
    """The limits whose breach held the order, as `rule limit`, with the leg of a combo."""
    held = (
        f.limit_of_rule for f in life.decision.breaches if f.enforced and f.action is Action.HOLD
    )
    return tuple(dict.fromkeys(held)) or NOTHING_HELD
