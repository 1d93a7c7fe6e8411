"""A decision made again from its record, and what is said where that is not possible."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from riskgate.authoring.rehearsal import Rehearsal
from riskgate.calendars import ExchangeCalendars
from riskgate.errors import ConfigError, PolicyError
from riskgate.journal.memory import MemoryJournal
from riskgate.model.codes import Code
from riskgate.model.decision import Action, Finding
from riskgate.model.events import Decided, Payload, PolicyActivated, Recorded
from riskgate.policy.cases import given_of
from riskgate.policy.compiler import compile_policies
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import parse
from riskgate.record.recorded_policies import Read
from riskgate.replay.replaying import Chosen, Ground, Replay, Under, replay

CALENDARS = ExchangeCalendars()
PRICES = {"AAPL": "189.99 x 190.01", "MSFT": "99.99 x 100.01"}
NOON = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
POLICY = """\
riskgate: 1
policy: desk
timezone: America/New_York
currency: USD
rules:
  - id: size
    kind: fat_finger
    max_quantity: 100
    because: The test needs a limit.
  - id: hours
    kind: market_hours
    calendar: XNYS
    because: The test needs a calendar.
"""
COUNTING = (
    POLICY
    + """\
  - id: turnover
    kind: daily_volume
    max_orders: 5
    because: The test needs a counter.
"""
)
LINES = ("BUY 100 AAPL LMT 190 DAY", "BUY 101 AAPL LMT 190 DAY", "BUY lots AAPL", "SELL 1 XX MKT")


def policies_of(text: str = POLICY) -> PolicySet:
    document, problems = parse(text, "desk.yaml")
    assert document is not None, problems
    policies, wrong = compile_policies([document], lambda _: None)
    assert policies is not None, wrong
    return policies


def made(text: str = POLICY, lines: tuple[Any, ...] = LINES) -> list[Payload]:
    """All that is on record after some orders."""
    given = given_of({"now": NOON.isoformat(), "account": {"id": "DU1"}, "prices": PRICES})
    journal = MemoryJournal()
    stage = Rehearsal(policies_of(text), given, CALENDARS, journal)
    for line in lines:
        stage.submit(line)
    return [event.payload for event in journal.read()]


def reading(payloads: list[Payload]) -> Read:
    def read(after: int) -> Iterator[Recorded]:
        for seq, payload in enumerate(payloads[after:], after + 1):
            yield Recorded(seq, NOON, payload)

    return read


def changed(payloads: list[Payload], place: int, **changes: Any) -> list[Payload]:  # noqa: ANN401
    """The same events with another decision at one place among the decisions."""
    places = [n for n, payload in enumerate(payloads) if isinstance(payload, Decided)]
    decided: Any = payloads[places[place]]
    fields = {name: changes.pop(name) for name in ("unit_value", "snapshot") if name in changes}
    decision = msgspec.structs.replace(decided.decision, **changes)
    other = msgspec.structs.replace(decided, decision=decision, **fields)
    return [other if n == places[place] else payload for n, payload in enumerate(payloads)]


def told(found: Replay) -> list[tuple[str, str, str]]:
    return [(part.what, part.recorded, part.again) for part in found.first[0].parts]


def test_an_unchanged_record_gives_every_decision_again() -> None:
    found = replay(reading(made()))
    assert (found.decisions, found.different, found.is_what_if) == (4, 0, False)
    assert found.grounds == {Ground.SNAPSHOT: 3, Ground.WORDS: 1}


def test_the_policies_come_out_of_the_record_with_their_lines() -> None:
    activated = made()[0]
    assert isinstance(activated, PolicyActivated)
    assert activated.texts == {"desk.yaml": POLICY}


def test_no_calendar_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hours of then count, whatever a calendar says of that day by now."""
    payloads = made()

    def asked(*_: object) -> None:
        pytest.fail("a calendar was asked")

    for name in ("hours", "knows", "codes"):
        monkeypatch.setattr(ExchangeCalendars, name, asked)
    assert replay(reading(payloads)).different == 0


@pytest.mark.parametrize(
    ("place", "changes", "expected"),
    [
        (0, {"action": Action.DENY}, ("action", "deny", "allow")),
        (0, {"notes": ("a", "b")}, ("notes", "a, b", "nothing")),
        (0, {"reduction": True}, ("reduction", "True", "False")),
        (0, {"unit_value": Decimal(7)}, ("unit value", "7", "190")),
        (0, {"digest": "f" * 64}, None),
        (1, {"breaches": ()}, None),
        (2, {"action": Action.HOLD}, ("action", "hold", "deny")),
    ],
)
def test_any_part_that_is_not_the_same_is_named(
    place: int, changes: dict[str, Any], expected: tuple[str, str, str] | None
) -> None:
    payloads = changed(made(), place, **changes)
    if "digest" in changes:
        with pytest.raises(ConfigError, match=r"event .* under policies `ffff.*--policies PATH"):
            replay(reading(payloads))
        return
    found = replay(reading(payloads))
    assert (found.different, found.first[0].order_id) == (1, place + 1)
    if expected is None:
        over = "BREACH (deny): max_quantity 101 units > limit 100 units (101 %)"
        expected = ("desk/size max_quantity", "nothing", over)
    assert told(found) == [expected]


def test_a_finding_is_compared_field_by_field() -> None:
    payloads = made()
    decided = [p for p in payloads if isinstance(p, Decided)][1]
    other = msgspec.structs.replace(decided.decision.breaches[0], observed=Decimal(102), where="x")
    found = replay(reading(changed(payloads, 1, breaches=(other,))))
    assert told(found) == [("desk/size max_quantity, observed", "102", "101")]


def test_a_rule_that_moved_within_its_file_is_the_same_rule() -> None:
    found = replay(reading(made()), policies_of("# a remark\n" + POLICY))
    assert (found.different, found.is_what_if) == (0, False)


def test_words_that_are_read_otherwise_by_now_are_a_difference() -> None:
    payloads = made(lines=("BUY lots AAPL",))
    (decided,) = [p for p in payloads if isinstance(p, Decided)]
    sound = msgspec.structs.replace(decided, text="BUY 1 AAPL MKT")
    found = replay(reading([payloads[0], sound]))
    assert "it is read as an order now: BUY 1 AAPL MKT" in told(found)[-1][2]


@pytest.mark.parametrize("source", [{"side": "BUY", "quantity": True}, 7, "BUY 1 " + "x" * 300])
def test_what_its_words_do_not_say_stands_as_a_refusal(source: object) -> None:
    payloads = made(lines=(source,))
    found = replay(reading(payloads))
    assert (found.different, found.grounds) == (0, {Ground.RECORD: 1})
    by_rule = (Finding(rule="desk/size", code="BAD_ORDER", text="-"),)
    assert replay(reading(changed(payloads, 0, breaches=by_rule))).different == 1


def test_a_rule_that_fails_again_fails_the_same_whatever_the_words() -> None:
    payloads = made(COUNTING)
    decided = next(p for p in payloads if isinstance(p, Decided))
    assert decided.snapshot is not None
    blind = msgspec.structs.replace(decided.snapshot, readings={})
    failed = Finding(
        rule="desk/turnover",
        kind="daily_volume",
        limit_name="max_orders",
        verdict="UNKNOWN",  # type: ignore[arg-type]
        limit=Decimal(5),
        code=Code.RULE_ERROR,
        text="the rule failed: KeyError at 0x7f00",
        because="The test needs a counter.",
    )
    record = changed(
        payloads, 0, action=Action.DENY, breaches=(failed,), snapshot=blind, unit_value=None
    )
    found = replay(reading(record))
    assert found.first == []
    assert found.different == 0
    mended = changed(payloads, 0, action=Action.DENY, breaches=(failed,), unit_value=None)
    assert replay(reading(mended)).different == 1


def test_a_record_without_texts_names_the_digest_and_takes_the_policies() -> None:
    payloads = made()
    payloads[0] = msgspec.structs.replace(payloads[0], texts={})
    digest = policies_of().digest
    with pytest.raises(ConfigError, match=rf"event \d+ was decided under policies `{digest}`"):
        replay(reading(payloads))
    found = replay(reading(payloads), policies_of())
    assert (found.decisions, found.different, found.is_what_if) == (4, 0, False)


def test_texts_that_no_version_of_ours_reads_are_told_with_their_place() -> None:
    payloads = made()
    other = {"desk.yaml": POLICY.replace("fat_finger", "thin_finger")}
    payloads[0] = msgspec.structs.replace(payloads[0], texts=other)
    with pytest.raises(PolicyError, match="event 1 cannot be read by this version") as raised:
        replay(reading(payloads))
    assert "thin_finger" in str(raised.value.problems[0])


def test_other_policies_are_a_what_if_of_effects_alone() -> None:
    looser = policies_of(POLICY.replace("100", "101"))
    found = replay(reading(made()), looser)
    assert (found.is_what_if, found.others, found.different) == (True, 4, 1)
    assert found.grounds == {}
    before = "BREACH (deny): max_quantity 101 units > limit 100 units (101 %)"
    assert told(found) == [
        ("action", "deny", "allow"),
        ("desk/size max_quantity", before, "nothing"),
    ]


def test_what_a_new_rule_would_have_counted_is_counted_again() -> None:
    found = replay(reading(made()), policies_of(COUNTING))
    assert (found.different, found.untold, found.uncounted) == (0, 0, set())
    none = policies_of(COUNTING.replace("max_orders: 5", "max_orders: 0"))
    assert [replay(reading(made(text)), none).different for text in (POLICY, COUNTING)] == [3, 3]


def test_what_rests_on_the_marks_of_others_cannot_be_told() -> None:
    lines = ("BUY 10 AAPL LMT 190 DAY", "BUY 10 MSFT LMT 100 DAY", "BUY 10 AAPL LMT 190 DAY")
    limited = COUNTING.replace("kind: daily_volume", "kind: exposure")
    found = replay(reading(made(lines=lines)), policies_of(limited.replace("_orders", "_gross")))
    assert (found.different, found.untold, found.uncounted) == (1, 2, {"desk/turnover"})


def test_hours_of_another_exchange_are_looked_up_where_there_are_calendars() -> None:
    other = policies_of(POLICY.replace("XNYS", "XLON"))
    found = replay(reading(made()), other)
    assert (found.different, found.untold, found.uncounted) == (0, 3, {"desk/hours"})
    found = replay(reading(made()), Under(other, CALENDARS))
    assert (found.different, found.untold) == (3, 0)  # London has closed at that hour


def test_a_time_and_an_order_choose_the_decisions() -> None:
    payloads = made()
    one = replay(reading(payloads), chosen=Chosen(order_id=2))
    assert (one.decisions, one.grounds) == (1, {Ground.SNAPSHOT: 1})
    late = Chosen(since=NOON + timedelta(seconds=1))
    assert replay(reading(payloads), chosen=late).decisions == 0
    assert replay(reading(payloads), chosen=Chosen(until=NOON)).decisions == 0
    assert replay(reading(payloads), chosen=Chosen(since=NOON)).decisions == 4


def test_only_the_first_differences_are_kept() -> None:
    payloads = made(lines=("BUY 101 AAPL LMT 190 DAY",) * 15)
    found = replay(reading(payloads), policies_of(POLICY.replace("100", "500")))
    assert (found.different, len(found.first)) == (15, 10)


def test_many_policy_sets_are_each_found_again() -> None:
    payloads = []
    for size in range(100, 107):
        payloads += made(POLICY.replace("100", str(size)))
    found = replay(reading([*payloads, *(p for p in payloads if isinstance(p, Decided))]))
    assert (found.decisions, found.different) == (56, 0)


def test_progress_is_told() -> None:
    payloads = made()
    done: list[int] = []
    replay(reading(payloads[:1] + payloads[1:] * 200), progress=done.append)
    assert done == [500]


def test_an_empty_record_has_nothing_to_differ() -> None:
    assert replay(reading([])).decisions == 0
