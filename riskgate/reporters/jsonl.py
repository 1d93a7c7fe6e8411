"""JSON lines for programs that stream: one object on each line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from riskgate.reporters.json import plain

if TYPE_CHECKING:
    from riskgate.reporters.columns import Sheet


def records(found: Iterable[Mapping[str, Any]], sheet: Sheet) -> Iterator[str]:  # noqa: ARG001  # one shape
    """A line for each row, with all its fields; amounts are text, so nothing is rounded."""
    for row in found:
        yield json.dumps(dict(row), default=plain) + "\n"
