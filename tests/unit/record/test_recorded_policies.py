"""Policy sets out of the record."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from riskgate.errors import PolicyError
from riskgate.model.events import PolicyActivated, Recorded
from riskgate.record.recorded_policies import MOST_SETS, RecordedPolicies
from tests.unit.conftest import NOON

TEXT = """\
riskgate: 1
policy: desk{0}
timezone: UTC
currency: USD
rules:
  - {{id: size, kind: fat_finger, max_quantity: 1, because: test}}
"""


class Record:
    """Activations, and how often they were read."""

    def __init__(self, *texts: str) -> None:
        self.events = [
            Recorded(
                seq,
                NOON,
                PolicyActivated(
                    digest=f"d{seq}",
                    policies=("desk",),
                    engine="1",
                    texts={"desk.yaml": text} if text else {},
                ),
            )
            for seq, text in enumerate(texts, 1)
        ]
        self.reads = 0
        self.sets = RecordedPolicies(self.read)
        for event in self.events:
            assert isinstance(event.payload, PolicyActivated)
            self.sets.note(event.seq, event.payload)

    def read(self, after: int) -> Iterator[Recorded]:
        self.reads += 1
        yield from (event for event in self.events if event.seq > after)


def test_a_set_is_compiled_once() -> None:
    record = Record(TEXT.format(1), TEXT.format(2))
    found = record.sets.find("d2")
    assert found is not None
    assert [one.name for one in found.bounds] == ["desk2/size"]
    assert record.sets.find("d2") is found
    assert record.reads == 1


def test_what_is_not_on_record_is_not_found() -> None:
    record = Record("")
    assert record.sets.find("d1") is None
    assert record.sets.find("d9") is None


def test_what_this_version_cannot_read_says_which_event_it_is() -> None:
    with pytest.raises(PolicyError, match="the policies of event 1 cannot be read"):
        Record("riskgate: 99\n").sets.find("d1")
    assert Record("riskgate: 99\n").sets.readable("d1") is None
    assert Record(TEXT.format(1)).sets.readable("d1") is not None


def test_places_are_noted_while_events_go_by() -> None:
    record = Record(TEXT.format(1))
    sets = RecordedPolicies(record.read)
    assert sets.find("d1") is None
    assert list(sets.noting()) == record.events
    assert list(sets.noting(1)) == []
    assert sets.find("d1") is not None


def test_only_the_latest_few_stay_compiled() -> None:
    record = Record(*(TEXT.format(number) for number in range(MOST_SETS + 1)))
    for number in range(1, MOST_SETS + 2):
        record.sets.find(f"d{number}")
    record.sets.find(f"d{MOST_SETS + 1}")
    assert record.reads == MOST_SETS + 1
    record.sets.find("d1")
    assert record.reads == MOST_SETS + 2
