"""What other answers would have meant: orders stopped and let through, by rule, strategy, symbol.

Rule 1: TIGHTENED is an answer that is harsher than that of then, LOOSENED one that is milder;
CHANGED is the same answer for other reasons.
Rule 2: effects of parts add up to the effects of the whole, whatever order they come in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from riskgate.model.decision import Action
from riskgate.replay.differing import Difference

MOST_TOLD: Final = 10


class Tally(msgspec.Struct):
    """How many answers are harsher, milder, or the same for other reasons."""

    tightened: int = 0
    loosened: int = 0
    changed: int = 0

    @property
    def all(self) -> int:
        """All that are not as they were."""
        return self.tightened + self.loosened + self.changed

    def add(self, other: Tally) -> None:
        """Count the others too."""
        self.tightened += other.tightened
        self.loosened += other.loosened
        self.changed += other.changed


TIGHTENED: Final = Tally(tightened=1)
LOOSENED: Final = Tally(loosened=1)
CHANGED: Final = Tally(changed=1)
Tallies = dict[str, Tally]


class Effects(msgspec.Struct, kw_only=True):
    """What changes. `moves` are counted as `allow to deny`, `denied` is how many are denied now.

    A rule has tightened an answer where it breaches now and did not then. `exposed` is how many of
    the answers that are the same rest on something that an earlier changed order counts in.
    """

    total: Tally = msgspec.field(default_factory=Tally)
    denied: int = 0
    untold: int = 0
    exposed: int = 0
    moves: dict[str, int] = {}
    by_rule: Tallies = {}
    by_strategy: Tallies = {}
    by_symbol: Tallies = {}
    first: list[Difference] = []

    @property
    def counts(self) -> dict[str, int]:
        """What a condition such as `loosened>0` may name."""
        total = self.total
        return {
            "tightened": total.tightened,
            "loosened": total.loosened,
            "changed": total.all,
            "denied": self.denied,
            "untold": self.untold,
        }

    def note(
        self, answers: tuple[Action, Action], whose: tuple[str, str], rules: tuple[Names, Names]
    ) -> None:
        """Count an answer that is not as it was: then and now, of whom in what, by which rules."""
        then, now = answers
        one = CHANGED if then is now else TIGHTENED if now > then else LOOSENED
        self.total.add(one)
        if then is not now:
            move = f"{then.word} to {now.word}"
            self.moves[move] = self.moves.get(move, 0) + 1
        _count(self.by_strategy, whose[0] or "(none)", one)
        _count(self.by_symbol, whose[1], one)
        before, after = map(frozenset, rules)
        for name in after - before:
            _count(self.by_rule, name, TIGHTENED)
        for name in before - after:
            _count(self.by_rule, name, LOOSENED)

    def tell(self, example: Difference, most: int = MOST_TOLD) -> None:
        """Keep one of the first examples."""
        if len(self.first) < most:
            self.first.append(example)

    def add(self, other: Effects, most: int = MOST_TOLD) -> None:
        """Count those of another part too."""
        self.total.add(other.total)
        self.denied += other.denied
        self.untold += other.untold
        self.exposed += other.exposed
        for move, count in other.moves.items():
            self.moves[move] = self.moves.get(move, 0) + count
        for name in ("by_rule", "by_strategy", "by_symbol"):
            ours: Tallies = getattr(self, name)
            for key, tally in getattr(other, name).items():
                _count(ours, key, tally)
        self.first = sorted((*self.first, *other.first), key=lambda item: item.seq)[:most]


Names = Iterable[str]


def _count(tallies: Tallies, name: str, one: Tally) -> None:
    known = tallies.get(name)
    if known is None:
        known = tallies[name] = Tally()
    known.add(one)
