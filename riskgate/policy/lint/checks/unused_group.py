"""A group that nothing uses.

Why
    A list of names that is kept up to date and limits nothing is a limit that somebody believes in.
    Mostly a rule lost its `@name`.
Finds
    Groups that no selector, no list of a rule and no other used group names.
For example
    groups:
      mega-caps: [AAPL, MSFT]
    rules:
      - id: size
        kind: fat_finger
        match: {symbol: AAPL}
        max_quantity: 500
        because: Desk mandate.
What to do
    Use it as `"@mega-caps"`, with the `@` and in quotes, or delete it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from riskgate.policy.lint.desk import Desk, PolicyFile, Suspicion, at_key

CODE = "RG315"
TEXTS = frozenset({"id", "kind", "because", "controls", "approved_by", "until", "rule"})


def find(desk: Desk) -> Iterator[Suspicion]:
    """Groups that are reached from nowhere."""
    for file in desk.files:
        used = _used(file)
        for name in file.value.get("groups", {}):
            if name not in used:
                text = f'nothing uses group `{name}`; it is used as "@{name}"'
                yield at_key(file.document, ("groups", name), text)


def _used(file: PolicyFile) -> set[str]:
    """The groups that rules and selectors name, directly or through groups."""
    groups: Mapping[str, Any] = file.value.get("groups", {})
    parts = [file.value.get(key, ()) for key in ("applies_to", "rules", "waivers")]
    found: set[str] = set()
    waiting = list(_named(parts))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _named(groups.get(name, ()))
    return found


def _named(value: Any) -> Iterator[str]:  # noqa: ANN401  # any part of a policy file
    """The groups that a value names."""
    if isinstance(value, str):
        bare = value.removeprefix("!")
        if bare.startswith("@"):
            yield bare[1:]
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _named(item) if key not in TEXTS else ()
    elif isinstance(value, list):
        for item in value:
            yield from _named(item)
