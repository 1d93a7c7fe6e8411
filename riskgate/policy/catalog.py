"""Every rule kind there is: the files of `riskgate.rules`, and what others publish.

Rule 1: nothing is registered by hand. A file in `riskgate/rules/` is a kind; a third party
publishes its class under the entry-point group `riskgate.rules`.
Rule 2: a kind's name is its file's name; two kinds of one name are an error, never a choice.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from riskgate import rules
from riskgate.errors import PolicyError
from riskgate.rulekit.base import Rule

GROUP = "riskgate.rules"


@cache
def kinds() -> Mapping[str, type[Rule]]:
    """All kinds by name, sorted. Raise PolicyError if two share a name."""
    found: dict[str, type[Rule]] = {}
    for kind in (*_shipped(), *_published()):
        if found.setdefault(kind.kind, kind) is not kind:
            raise PolicyError(f"two rule kinds are named `{kind.kind}`; rename one of them")
    return dict(sorted(found.items()))


def _shipped() -> Iterable[type[Rule]]:
    for module in pkgutil.iter_modules(rules.__path__):
        yield _only_rule(f"{rules.__name__}.{module.name}")


def _only_rule(path: str) -> type[Rule]:
    module = import_module(path)
    found = [
        item
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Rule) and item.__module__ == path
    ]
    if len(found) != 1 or found[0].kind != path.rpartition(".")[2]:
        raise PolicyError(f"{path}: expected one rule whose kind is the file's name")
    return found[0]


def _published() -> Iterable[type[Rule]]:
    for entry in entry_points(group=GROUP):
        kind = entry.load()
        if not (isinstance(kind, type) and issubclass(kind, Rule)):
            raise PolicyError(f"entry point `{entry.name}` of {GROUP}: `{entry.value}` is no Rule")
        yield kind
