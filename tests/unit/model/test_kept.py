from __future__ import annotations

import msgspec
import pytest

from riskgate.model.kept import kept


class Counted(msgspec.Struct, frozen=True, dict=True):
    """Something that counts how often it is worked out."""

    asked: list[int]

    @kept
    def size(self) -> int:
        """How many there are."""
        self.asked.append(1)
        if len(self.asked) == 1:
            raise LookupError
        return len(self.asked)


def test_a_kept_value_is_computed_once() -> None:
    counted = Counted([0])
    assert [counted.size, counted.size] == [2, 2]
    assert counted.asked == [0, 1]


def test_what_could_not_be_computed_is_tried_again() -> None:
    counted = Counted([])
    with pytest.raises(LookupError):
        _ = counted.size
    assert counted.size == 2


def test_a_kept_value_is_no_part_of_what_is_compared_or_recorded() -> None:
    one, other = Counted([0]), Counted([0, 1])
    assert one.size == 2
    assert one == other
    assert msgspec.json.encode(one) == b'{"asked":[0,1]}'


def test_a_class_shows_how_its_value_is_computed() -> None:
    assert Counted.size.__doc__ == "How many there are."
