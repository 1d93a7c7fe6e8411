"""Many values of one kind, as notebooks and programs want them: dictionaries, a frame, a table.

Rule 1: it is a tuple, and stays one: whoever wants the values takes them.
Rule 2: amounts stay Decimal and times aware, in the frame too; pandas is imported when it is asked
for, and never before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from importlib import import_module
from typing import Any, Final, Literal, TypeVar

import msgspec

from riskgate.errors import ConfigError
from riskgate.model import html

Kind = Literal["text", "decimal", "moment", "whole", "flag"]
MOST_SHOWN: Final = 50
One_co = TypeVar("One_co", bound="msgspec.Struct | Mapping[str, Any]", covariant=True)


class Rows(tuple[One_co, ...]):
    """Values of one kind, in their order."""

    __slots__ = ()

    def to_dicts(self) -> list[dict[str, Any]]:
        """Each as a dictionary of its fields; what is a value of its own is its text."""
        return [dict(_items(one)) for one in self]

    def to_df(self) -> Any:  # noqa: ANN401  # a DataFrame, of a library that need not be there
        """A pandas DataFrame with a row for each. Raise ConfigError without pandas."""
        try:
            pandas = import_module("pandas")
        except ImportError as error:
            raise ConfigError(
                "a frame needs pandas: pip install pandas; `to_dicts()` does without"
            ) from error
        return pandas.DataFrame(self.to_dicts())

    def _repr_html_(self) -> str:
        """The first rows as a table, for notebooks."""
        dicts = Rows(self[:MOST_SHOWN]).to_dicts()
        if not dicts:
            return "<p>none</p>"
        more = len(self) - len(dicts)
        note = f"and {more:,} more" if more else ""
        return html.table(tuple(dicts[0]), (tuple(row.values()) for row in dicts), note)


def _items(one: msgspec.Struct | Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields of a value, or of a row."""
    if isinstance(one, Mapping):
        yield from one.items()
        return
    for name in type(one).__struct_fields__:
        yield name, plain(getattr(one, name))


def plain(value: Any) -> Any:  # noqa: ANN401  # whatever a field holds
    """A value without types of ours: words are text."""
    if isinstance(value, Enum):
        return str(getattr(value, "word", value))
    return str(value) if isinstance(value, msgspec.Struct) else value
