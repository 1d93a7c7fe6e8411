"""What a replay and an audit found, in the words that people read."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from riskgate.record.audited import Audit, Fault
from riskgate.replay.differing import Difference, Part
from riskgate.replay.replaying import Ground, Replay
from riskgate.reporters import formats, text
from riskgate.reporters import json as as_json
from riskgate.version import VERSION

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DIFFERENCE = Difference(
    seq=9,
    at=NOON,
    order_id=4,
    what="modify",
    text="BUY 1 X MKT",
    engine="0.0.1",
    parts=(Part("action", "deny", "allow"),),
)


def test_both_can_be_written_as_text_and_json() -> None:
    assert formats("audited") == ["text", "json"]
    assert formats("replayed") == formats("replayed_history") == ["text", "json", "markdown"]


def test_a_replay_that_differs_tells_the_first_and_how_many_and_who_decided() -> None:
    found = Replay(
        events=30,
        decisions=20,
        different=12,
        first=[DIFFERENCE],
        grounds={Ground.SNAPSHOT: 20},
        engines={"0.0.1", VERSION},
    )
    assert text.replayed(found, "j.db").splitlines() == [
        "j.db: 12 of 20 decisions came out otherwise",
        "  20 from snapshots",
        f"  decided by riskgate 0.0.1; this is {VERSION}",
        "event 9, order 4 (modify, 2026-03-02 12:00:00.000000 UTC): BUY 1 X MKT",
        "  action: recorded deny; again allow",
        "... and 11 more",
    ]
    said = json.loads(as_json.replayed(found, "j.db"))
    assert (said["identical"], said["different"]) == (False, 12)
    assert said["engines"] == ["0.0.1", VERSION]
    assert said["first"][0]["parts"] == [{"what": "action", "recorded": "deny", "again": "allow"}]


def test_a_what_if_says_so_and_what_it_cannot_tell() -> None:
    found = Replay(decisions=1, others=1, asked="c0ffee" * 9, untold=1, uncounted={"p/b", "p/a"})
    assert text.replayed(found, "j.db").splitlines() == [
        "j.db: 0 of 1 decision would have come out otherwise",
        "  what if: 1 decision under policies c0ffeec0ffee instead",
        "  1 cannot be told: what these count was not recorded: p/a, p/b",
    ]


def test_an_audit_tells_its_faults_and_then_its_remarks() -> None:
    bad = Fault(text="it was changed", seq=7, kind="fill", at=NOON)
    found = Audit(events=6, head="ab", faults=(bad, Fault(text="a table is gone")), remarks=("m",))
    assert text.audited(found, "j.db").splitlines() == [
        "j.db: event 7 (fill, 2026-03-02 12:00:00.000000 UTC): it was changed",
        "j.db: a table is gone",
        "j.db: note: m",
        "j.db: 2 faults; 6 events before the first bad one",
    ]
    whole = Audit(events=1, head="ab")
    assert text.audited(whole, "j.db") == (
        "j.db: 1 event, chain whole, tables agree\n  head 1 ab\n"
    )
    said = json.loads(as_json.audited(found, "j.db"))
    assert (said["whole"], said["faults"][0]["at"]) == (False, "2026-03-02T12:00:00+00:00")
