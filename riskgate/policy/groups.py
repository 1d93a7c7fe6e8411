"""Named lists: `@name` in a selector or a list stands for the group's items.

Rule 1: groups may hold wildcards and other groups, but never, in a circle, themselves.
Rule 2: `!@name` negates each item.
Rule 3: an item that can match no order is an error: behind it somebody meant a name.
Rule 4: what is wrong inside a group is said once, at the group, not wherever the group is used.
Rule 5: a group is spread once, so groups within groups cost no more than their items.
Rule 6: several names that were written as one match nothing, so they are an error too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from riskgate.policy.source import Location
from riskgate.policy.wording import flow, unknown_word

FREE_KEYS: Final = frozenset({"account", "strategy", "tag"})
"""Names that people make up may hold blanks."""

SYMBOL_KEYS: Final = frozenset({"symbol", "underlying"})
COUNTS: Final[Mapping[int, str]] = {2: "two", 3: "three", 4: "four"}
_WITH_SUFFIX: Final = re.compile(r"[A-Z0-9.*?]{1,6} ([A-Z*?]{1,2}|PR[A-Z])").fullmatch
"""A share class, a warrant, a unit or a preferred share: `BRK B`, `ABC WS`, `BAC PRL`."""


class GroupFault(NamedTuple):
    """What is wrong with a group; `place` is the item's, None where it is the whole group."""

    name: str
    place: int | None
    text: str
    code: str = "RG201"


class Groups:
    """The groups of one policy file."""

    def __init__(self, groups: Mapping[str, Any]) -> None:
        self._groups = {name: _listed(items) for name, items in groups.items()}
        self._spread: dict[str, tuple[str, ...]] = {}

    def problems(self) -> Iterator[GroupFault]:
        """All that is wrong with the groups themselves."""
        for name, items in self._groups.items():
            for place, item in enumerate(items):
                code = "RG212" if "," in item else "RG201"
                yield from (GroupFault(name, place, text, code) for text in self._faults(item))
                meant = self.meant(item)
                if meant is not None and _bare(item).casefold() != name.casefold():
                    yield GroupFault(name, place, meant, "RG212")
            if name in self._inside(name):
                yield GroupFault(name, None, f"group `{name}` holds itself")

    def spread(self, items: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The items with every group replaced by its own, and what is wrong with them."""
        listed = _listed(items)
        words = (word for item in listed for word in self._words(item))
        faults = (text for item in listed for text in self._faults(item))
        return tuple(dict.fromkeys(words)), tuple(faults)

    def meant(self, item: str) -> str | None:
        """Why a word that is the name of a group is probably not meant as a word."""
        bare = _bare(item)
        name = next((one for one in self._groups if one.casefold() == bare.casefold()), None)
        if name is None:
            return None
        not_ = "!" if item != bare else ""
        return f'`{bare}` is the name of a group; write `"{not_}@{name}"` for its members'

    def home(self, word: str) -> Location:
        """Where in the groups a word that came out of one is written."""
        places = (
            ("groups", name, place)
            for name, items in self._groups.items()
            for place, item in enumerate(items)
            if _bare(item) == _bare(word)
        )
        return next(places, ("groups",))

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
        bare, name = _bare(item), _group_named(item)
        if "," in item:
            yield _joined(item)
        elif name is not None and name not in self._groups:
            meant = unknown_word(name, self._groups)
            yield f"no group `{name}` in this file{meant}"
        elif not bare.strip():
            yield f"`{item}` names nothing; write a name" + (" after `!`" if item != bare else "")
        elif bare != bare.strip():
            yield f"`{item}` has blanks around its name, so it matches nothing; remove them"
        elif bare.startswith("!"):
            plain = bare.lstrip("!")
            yield f"`{item}` negates twice; write `{plain}` or `!{plain}`"


def blank_fault(word: str, key: str) -> str | None:
    """Why a name with a blank in it can be no name under this selector key."""
    bare = _bare(word)
    if key in FREE_KEYS or len(bare.split()) < 2:  # noqa: PLR2004  # one name
        return None
    if key in SYMBOL_KEYS and _WITH_SUFFIX(bare.upper()):
        return None
    return _joined(word)


def is_currency(word: str) -> bool:
    """Whether it is three letters, where `?` is any one of them and `*` any number."""
    shown = word.replace("*", "")
    fits = len(shown) <= 3 if "*" in word else len(shown) == 3  # noqa: PLR2004  # ISO 4217
    return fits and all(letter == "?" or "A" <= letter <= "Z" for letter in shown)


def _joined(item: str) -> str:
    """That several names were written as one, and how to write them."""
    by_comma = "," in item
    parts = [part.strip() for part in item.split(",")] if by_comma else item.split()
    parts = [part for part in parts if part]
    if not parts:
        return f"`{item}` names nothing; write a name"
    if len(parts) == 1:
        return f"`{item}` holds a comma, so it matches nothing; write `{parts[0]}`"
    if not by_comma and parts[0].casefold() == "not":
        return f'`{item}` is one name; write `"!{" ".join(parts[1:])}"` to exclude'
    return f"`{item}` is one name; write `{flow(parts)}` for {COUNTS.get(len(parts), 'several')}"


def _bare(item: str) -> str:
    return item.removeprefix("!")


def _group_named(item: str) -> str | None:
    """The group that an item stands for, if it does."""
    bare = _bare(item)
    return bare[1:] if bare.startswith("@") else None


def _negated(item: str) -> str:
    return item[1:] if item.startswith("!") else f"!{item}"


def _listed(items: object) -> Sequence[str]:
    if isinstance(items, str):
        return [items]
    return [str(item) for item in items] if isinstance(items, Sequence) else []
