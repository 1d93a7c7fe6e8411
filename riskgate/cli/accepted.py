"""What an option or argument takes: whole numbers, numbers, one of some words, a file, a folder.

Rule 1: commands take click's types from here, so that what is wrong is always said in our words:
what was given, what is taken, and what to write instead.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from riskgate.policy.suggest import closest, shown

if TYPE_CHECKING:
    Choice = click.Choice[str]
else:
    Choice = click.Choice  # it is no generic class before click 8.4

EXAMPLE: Final = 10  # where the lowest that is taken is nothing to write


class Whole(click.IntRange):
    """A whole number, from one to another; `least` and `most` are taken too."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401  # click
        """The number. Fail in our words."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(no_number(value, "whole number", self.min, self.max), param, ctx)


class Number(click.FloatRange):
    """A number with or without a fraction, from one to another."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401  # click
        """The number; never one that is infinite or none. Fail in our words."""
        try:
            found = super().convert(value, param, ctx)
        except click.BadParameter:
            found = math.nan
        if not math.isfinite(found):
            self.fail(no_number(value, "number", self.min, self.max), param, ctx)
        return found


class Word(Choice):
    """One of some words."""

    def __init__(self, words: Iterable[str]) -> None:
        super().__init__(tuple(words))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401  # click
        """The word. Fail in our words."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(none_of(str(value), self.choices), param, ctx)


class AnyPath(click.Path):
    """A file or a folder, there or not."""

    what = "path"

    def __init__(self, *, file_okay: bool = True, dir_okay: bool = True) -> None:
        super().__init__(file_okay=file_okay, dir_okay=dir_okay, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401  # click
        """The path. Fail in our words."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"`{shown(str(value))}` is no {self.what}; name another", param, ctx)


class File(AnyPath):
    """A path that is no folder."""

    what = "file"

    def __init__(self) -> None:
        super().__init__(dir_okay=False)


class Folder(AnyPath):
    """A path that is no file."""

    what = "folder"

    def __init__(self) -> None:
        super().__init__(file_okay=False)


def none_of(word: str, words: Iterable[str]) -> str:
    """What to say of a word that is none of those that are taken."""
    known = tuple(words)
    hint = closest(word, known)
    meant = f"; did you mean `{hint}`?" if hint else ""
    return f"`{shown(word)}` is none of {', '.join(known)}{meant}"


def no_number(given: object, what: str, least: float | None, most: float | None) -> str:
    """What to say of a number that is none, or is beyond what is taken."""
    taken = {
        (False, False): "",
        (False, True): f" from {least} on",
        (True, False): f" up to {most}",
        (True, True): f" from {least} to {most}",
    }[most is not None, least is not None]
    one = least or min(EXAMPLE, most or EXAMPLE)
    return f"`{shown(str(given))}` is no {what}{taken}; write one such as {one}"
