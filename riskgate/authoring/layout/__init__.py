"""The canonical layout of a policy file: key order, indentation, blank lines. Comments stay.

Rule 1: what a scalar says is never touched: numbers, quotes and words are copied as they are.
Rule 2: the new text is read by our own reader before it is handed out. If its values are not those
of the old text, or a comment is missing, it is refused: a layout must not change a limit.
Rule 3: a text that is laid out already is left as it is.
"""

from __future__ import annotations

from riskgate.authoring.layout.tree import read_tree
from riskgate.authoring.layout.writing import write
from riskgate.errors import PolicyError
from riskgate.policy.source import parse

__all__ = ["laid_out"]


def laid_out(text: str, path: str) -> str:
    r"""The text of a policy file in canonical layout. Raise PolicyError where that is impossible.

    Line ends stay what they are: a file of `\r\n` lines keeps them.
    """
    before, problems = parse(text, path)
    if before is None or problems:
        raise PolicyError(f"{path}: cannot be laid out before it can be read", problems)
    tree = read_tree(text)
    written = write(tree)
    after, problems = parse(written, path)
    if after is None or problems or after.value != before.value:
        raise PolicyError(f"{path}: left as it is: the layout would change what it says; report it")
    if read_tree(written).comments != tree.comments:
        raise PolicyError(f"{path}: left as it is: a comment would be lost; put it above a key")
    return written.replace("\n", "\r\n") if "\r\n" in text else written
