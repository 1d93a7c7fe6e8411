"""The events of a journal as text that an auditor can verify without riskgate.

Rule 1: what is hashed is written as it was hashed: the body stands as one text, never parsed.
Rule 2: events stream, each checked as it is read; what is not whole is not exported.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from riskgate.errors import ConfigError
from riskgate.journal.coding import Row, moment
from riskgate.model.moments import sortable

COLUMNS: Final = (*Row._fields[:2], "at", *Row._fields[2:])


def lines(rows: Iterable[Row], format_: str) -> Iterator[str]:
    """The events as `json`, one object on each line, or as `csv` under the names of its columns."""
    return _json(rows) if format_ == "json" else _csv(rows)


def _fields(row: Row) -> Mapping[str, Any]:
    """What was hashed as it is, and the moment as people read it."""
    return {**row._asdict(), "at": sortable(moment(row.at_ns)), "body": row.body.decode()}


def _json(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        yield msgspec.json.encode(_fields(row), order="deterministic").decode() + "\n"


def _csv(rows: Iterable[Row]) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(_fields(row))
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    yield text.getvalue()


def write(found: Iterable[str | bytes], to: Path) -> None:
    """Write a file whole or not at all. Raise ConfigError if it cannot be written.

    What is no file, such as a pipe or `/dev/null`, is written to as it is.
    """
    whole = not to.exists() or to.is_file()
    real = to.resolve() if whole else to  # a link to a pipe leads to a name that is none
    part = real.with_name(f".{real.name}.{os.getpid()}.part") if whole else real
    try:
        with part.open("wb") as file:
            file.writelines(one if isinstance(one, bytes) else one.encode() for one in found)
            file.flush()
            if whole:
                os.fsync(file.fileno())
        if whole:
            part.replace(real)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise ConfigError(f"`{to}` cannot be written: {why}; choose another path") from error
    finally:
        if whole:
            part.unlink(missing_ok=True)
