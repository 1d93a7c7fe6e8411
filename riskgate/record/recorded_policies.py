"""The policies of each decision, compiled again from the texts that are on record.

Rule 1: nothing but the record is asked: no file, no calendar.
Rule 2: only the places of all sets and the latest few compiled ones are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from riskgate.authoring import policy_files
from riskgate.errors import PolicyError
from riskgate.model.events import PolicyActivated, Recorded
from riskgate.policy.policies import PolicySet

MOST_SETS: Final = 4
Read = Callable[[int], Iterable[Recorded]]


class RecordedPolicies:
    """Policy sets by digest; `read` gives a journal's events after a number."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._noted: dict[str, int] = {}
        self._compiled: OrderedDict[str, PolicySet] = OrderedDict()

    def note(self, seq: int, activated: PolicyActivated) -> None:
        """Remember where the texts of a digest are."""
        if activated.texts:
            self._noted[activated.digest] = seq

    def noting(self, after: int = 0) -> Iterator[Recorded]:
        """The events after a number as they are read; where texts are is remembered."""
        for event in self._read(after):
            if isinstance(event.payload, PolicyActivated):
                self.note(event.seq, event.payload)
            yield event

    def find(self, digest: str) -> PolicySet | None:
        """The set of a digest; None if no text of it was noted.

        Raise PolicyError if this version cannot read the texts.
        """
        if digest not in self._compiled and digest in self._noted:
            self._compiled[digest] = self._read_at(self._noted[digest])
            if len(self._compiled) > MOST_SETS:
                self._compiled.popitem(last=False)
        return self._compiled.get(digest)

    def readable(self, digest: str) -> PolicySet | None:
        """The set of a digest; None also if this version cannot read it."""
        try:
            return self.find(digest)
        except PolicyError:
            return None

    def _read_at(self, seq: int) -> PolicySet:
        activated = next(iter(self._read(seq - 1))).payload
        texts = activated.texts.items() if isinstance(activated, PolicyActivated) else ()
        named = [(name, text.encode()) for name, text in texts]
        checked, _ = policy_files.check_texts(named, _AnyCalendar())
        if checked.policies is None:
            what = f"the policies of event {seq} cannot be read by this version of riskgate"
            raise PolicyError(what, checked.problems)
        return checked.policies


class _AnyCalendar:
    """Knows every code: the hours of each decision are on record."""

    def knows(self, code: str) -> bool:  # noqa: ARG002  # the shape of calendars
        return True

    def codes(self) -> Collection[str]:
        return ()
