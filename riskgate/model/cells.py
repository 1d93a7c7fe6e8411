"""Text as a cell of a CSV file that a spreadsheet shows and does not run, and back.

Rule 1: what a spreadsheet would take for a formula gets a `'` before it, as OWASP advises against
CSV injection; numbers stay numbers. https://owasp.org/www-community/attacks/CSV_Injection
Rule 2: nothing is lost: `meant(harmless(text)) == text` for every text.
Rule 3: a file of others is read by the same rule, for nothing in a file tells who wrote it, and
others who follow OWASP write the same mark, some before negative numbers too. A text that truly
begins with a `'` before a sign needs a second one there; in our own files it has it.
"""

from __future__ import annotations

import re
from typing import Final

MARK: Final = "'"
# Full-width signs are formulas where East Asian input is set; a text that begins as what we mark
# is marked too, so that the mark can be told from it.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]").match  # noqa: RUF001  # those are meant
_MARKED: Final = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]").match  # noqa: RUF001  # same
_NUMBER: Final = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?").fullmatch


def harmless(said: str) -> str:
    """Text as a cell that no spreadsheet runs."""
    return MARK + said if _FORMULA(said) and not _NUMBER(said) else said


def meant(cell: str) -> str:
    """The text that a cell was written for."""
    return cell[1:] if cell[:1] == MARK and _MARKED(cell) else cell
