"""One file for each output format.

Rule 1: a file here is a format; what it can write, its public functions say. Nothing is registered.
What formats share is in files whose names are of two words, such as `use_tables`.
Rule 2: a reporter makes text from what it is handed; it reads, prints and decides nothing.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def formats(subject: str) -> list[str]:
    """The formats that can write a subject such as `problems`; text first. Nothing is imported."""
    files = (path for path in HERE.glob("*.py") if "_" not in path.stem)
    names = [path.stem for path in files if f"def {subject}(" in path.read_text(encoding="utf-8")]
    return sorted(names, key=lambda name: (name != "text", name))


def reporter(name: str) -> Any:  # noqa: ANN401  # a module: its functions are its interface
    """The format's module."""
    return import_module(f"{__name__}.{name}")
