"""Rows of the record, shown: a screenful of the newest for people, every one for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from riskgate.cli import options
from riskgate.cli.filters import Wanted, say_why_nothing
from riskgate.cli.output import Output, not_the_journal, progress
from riskgate.reporters.columns import Column, Sheet

if TYPE_CHECKING:
    from riskgate.journal.archive import Archive

Row = Mapping[str, Any]


class Listed(NamedTuple):
    """What is listed: `orders` or `fills`, and its columns for people."""

    what: str
    columns: tuple[Column, ...]


def show(listed: Listed, journal: str, wanted: Wanted, output: Output, newest: int | None) -> None:
    """Write the rows that are wanted: a table the newest first, anything else the oldest first."""
    not_the_journal(output, journal)
    with options.archive_of(journal) as archive:
        if output.for_people:
            _table(archive, listed, wanted, output, newest)
        else:
            _stream(archive, listed, wanted, output, newest)


def _table(
    archive: Archive, listed: Listed, wanted: Wanted, output: Output, newest: int | None
) -> None:
    most = options.at_most(newest, output.format)
    filter_ = wanted.filter(limit=most)
    found = archive.orders(filter_) if listed.what == "orders" else archive.fills(filter_)
    if not found:
        say_why_nothing(archive, wanted, listed.what)
    output.send(found, _sheet(listed))
    options.say_there_is_more(len(found), newest, most, listed.what)


def _stream(
    archive: Archive, listed: Listed, wanted: Wanted, output: Output, newest: int | None
) -> None:
    each = archive.each_order if listed.what == "orders" else archive.each_fill
    found = each(wanted.filter(limit=newest))
    first = next(found, None)
    if first is None:
        say_why_nothing(archive, wanted, listed.what)
    rows: Iterator[Row] = chain(() if first is None else (first,), found)
    with progress(listed.what) as counted:
        output.send(counted(rows), _sheet(listed))


def _sheet(listed: Listed) -> Sheet:
    from riskgate.journal.facts_files import (  # noqa: PLC0415  # it brings a database
        EXECUTION_KINDS,
        ORDER_KINDS,
    )

    return Sheet(listed.columns, ORDER_KINDS if listed.what == "orders" else EXECUTION_KINDS)
