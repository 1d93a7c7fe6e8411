"""Named lists: `@name` in a selector or a list stands for the group's items.

Rule 1: groups may hold wildcards and other groups, but never, in a circle, themselves.
Rule 2: `!@name` negates each item.
Rule 3: an item that can match no order is an error: behind it somebody meant a name.
Rule 4: what is wrong inside a group is said once, at the group, not wherever the group is used.
Rule 5: a group is spread once, so groups within groups cost no more than their items.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from riskgate.policy.wording import unknown_word


class GroupFault(NamedTuple):
    """What is wrong with a group; `place` is the item's, None where it is the whole group."""

    name: str
    place: int | None
    text: str


class Groups:
    """The groups of one policy file."""

    def __init__(self, groups: Mapping[str, Any]) -> None:
        self._groups = {name: _listed(items) for name, items in groups.items()}
        self._spread: dict[str, tuple[str, ...]] = {}

    def problems(self) -> Iterator[GroupFault]:
        """All that is wrong with the groups themselves."""
        for name, items in self._groups.items():
            for place, item in enumerate(items):
                yield from (GroupFault(name, place, text) for text in self._faults(item))
            if name in self._inside(name):
                yield GroupFault(name, None, f"group `{name}` holds itself")

    def spread(self, items: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The items with every group replaced by its own, and what is wrong with them."""
        listed = _listed(items)
        words = (word for item in listed for word in self._words(item))
        faults = (text for item in listed for text in self._faults(item))
        return tuple(dict.fromkeys(words)), tuple(faults)

    def _words(self, item: str) -> tuple[str, ...]:
        name = _group_named(item)
        if name is None:
            return (item,)
        words = self._members(name)
        return tuple(map(_negated, words)) if item.startswith("!") else words

    def _members(self, name: str) -> tuple[str, ...]:
        """The words of a group; a group that is being spread has none to add to itself."""
        if name not in self._spread:
            self._spread[name] = ()
            words = (word for item in self._groups.get(name, ()) for word in self._words(item))
            self._spread[name] = tuple(dict.fromkeys(words))
        return self._spread[name]

    def _inside(self, name: str) -> set[str]:
        """The groups that a group holds, directly or through others."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            held = {_group_named(item) for item in self._groups.get(waiting.pop(), ())}
            new = {group for group in held if group is not None} - found
            found |= new
            waiting += new
        return found

    def _faults(self, item: str) -> Iterator[str]:
        """Why no order can have this name."""
        bare, name = item.removeprefix("!"), _group_named(item)
        if name is not None and name not in self._groups:
            meant = unknown_word(name, self._groups)
            yield f"no group `{name}` in this file{meant}"
        elif not bare.strip():
            yield f"`{item}` names nothing; write a name" + (" after `!`" if item != bare else "")
        elif bare != bare.strip():
            yield f"`{item}` has blanks around its name, so it matches nothing; remove them"
        elif bare.startswith("!"):
            plain = bare.lstrip("!")
            yield f"`{item}` negates twice; write `{plain}` or `!{plain}`"


def _group_named(item: str) -> str | None:
    """The group that an item stands for, if it does."""
    bare = item.removeprefix("!")
    return bare[1:] if bare.startswith("@") else None


def _negated(item: str) -> str:
    return item[1:] if item.startswith("!") else f"!{item}"


def _listed(items: object) -> Sequence[str]:
    if isinstance(items, str):
        return [items]
    return [str(item) for item in items] if isinstance(items, Sequence) else []
