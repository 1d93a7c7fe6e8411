"""What an audit of a journal found, as lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from riskgate.record.audited import Audit


def audit_lines(found: Audit, name: str) -> Iterator[str]:
    """Every fault, what else is worth knowing, and in the last line whether all is well."""
    for fault in found.faults:
        yield f"{name}: {fault}"
    for remark in found.remarks:
        yield f"{name}: note: {remark}"
    count = f"{found.events:,} event{'' if found.events == 1 else 's'}"
    if found.faults:
        faults = f"{len(found.faults)} fault{'' if len(found.faults) == 1 else 's'}"
        yield f"{name}: {faults}; {count} before the first bad one"
        return
    yield f"{name}: {count}, chain whole, tables agree"
    yield f"  head {found.events} {found.head}"
