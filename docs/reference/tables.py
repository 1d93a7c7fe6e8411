"""Makes the page of the journal's tables: columns, how they are stored, what may be NULL."""

from __future__ import annotations

import inspect

import peewee

from docs.reference.text import table
from riskgate.journal import tables

STORED = {
    "WordField": "text",
    "ActionField": "text: allow, warn, hold or deny",
    "DecimalField": "decimal text",
    "MomentField": "text, ISO 8601 in UTC with microseconds",
    "OwnerField": "integer, of `orders`",
    "FlagField": "integer, 1 or 0",
    "IntegerField": "integer",
    "TextField": "text",
}


def page() -> str:
    """The page, whole."""
    lines = ["# Tables of a journal", "", "For auditors and whoever queries a journal with SQL. "]
    lines[-1] += "What each column means: [tables and files](../record.md)."
    models: tuple[type[peewee.Model], ...] = (*tables.TABLES, tables.DecisionRow)
    for model in models:
        lines += ["", *_of(model)]
    return "\n".join(lines) + "\n"


def _of(model: type[peewee.Model]) -> list[str]:
    said = inspect.cleandoc(model.__doc__ or "")
    rows = (
        (f"`{field.column_name}`", STORED[type(field).__name__], "yes" if field.null else "")
        for field in tables.columns(model)
    )
    name = model._meta.table_name  # noqa: SLF001  # peewee's documented way to it
    return [f"## `{name}`", "", said, "", *table(("column", "stored as", "NULL"), rows)]
