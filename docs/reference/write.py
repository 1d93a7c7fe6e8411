"""Writes the reference from the code: `python -m docs.reference.write`. A test says when it is old.

Each module beside this one that has `page()` makes the page of its name.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
OTHERS = frozenset({"text", "write"})


def pages() -> dict[Path, str]:
    """What each file should hold."""
    names = sorted(one.stem for one in HERE.glob("*.py") if one.stem not in OTHERS)
    return {HERE / f"{name}.md": import_module(f"docs.reference.{name}").page() for name in names}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
