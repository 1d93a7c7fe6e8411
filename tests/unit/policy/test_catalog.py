"""Kinds are files; others may publish theirs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from riskgate import rules
from riskgate.errors import PolicyError
from riskgate.policy import catalog
from riskgate.rulekit.base import Rule

CLIP = '''"""Deny an order that is too large."""
from riskgate.rulekit.base import Rule

class Clip(Rule):
    """The largest order."""
    kind = "{kind}"
{more}
'''


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """`kinds` remembers; a test that publishes more must not be remembered."""
    catalog.kinds.cache_clear()
    yield
    catalog.kinds.cache_clear()
    for name in ("clip", "clap"):
        sys.modules.pop(f"riskgate.rules.{name}", None)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second folder of rules, as if its files lay in `riskgate/rules`."""
    monkeypatch.setattr(rules, "__path__", [*rules.__path__, str(tmp_path)])
    return tmp_path


def published(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    entry = EntryPoint(name="clip", value=value, group=catalog.GROUP)
    monkeypatch.setattr(catalog, "entry_points", lambda group: [entry] * (group == catalog.GROUP))


def test_every_file_in_rules_is_a_kind_of_that_name() -> None:
    files = {path.stem for path in Path(rules.__path__[0]).glob("*.py")} - {"__init__"}
    assert set(catalog.kinds()) == files
    assert list(catalog.kinds()) == sorted(files)
    assert all(name == kind.kind for name, kind in catalog.kinds().items())


def test_a_new_file_is_a_new_kind(folder: Path) -> None:
    (folder / "clip.py").write_text(CLIP.format(kind="clip", more=""))
    assert catalog.kinds()["clip"].__name__ == "Clip"


@pytest.mark.parametrize(
    ("kind", "more"), [("clap", ""), ("clip", "class Second(Rule):\n    kind = 'clip'\n")]
)
def test_a_file_that_is_not_one_kind_of_its_name_is_refused(
    folder: Path, kind: str, more: str
) -> None:
    (folder / "clip.py").write_text(CLIP.format(kind=kind, more=more))
    with pytest.raises(PolicyError, match="one rule whose kind is the file's name"):
        catalog.kinds()


def test_a_third_party_publishes_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    published(monkeypatch, f"{__name__}:Lot")
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    assert catalog.kinds()["lot"] is Lot


def test_what_is_published_must_be_a_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    published(monkeypatch, "decimal:Decimal")
    with pytest.raises(PolicyError, match="`decimal:Decimal` is no Rule"):
        catalog.kinds()


def test_two_kinds_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    published(monkeypatch, f"{__name__}:Impostor")
    with pytest.raises(PolicyError, match="two rule kinds are named `position`"):
        catalog.kinds()


class Lot(Rule):
    """Whole lots only."""

    kind = "lot"


class Impostor(Rule):
    """A kind that calls itself by another's name."""

    kind = "position"
