"""Files as they are in a git revision, read through the `git` that is installed.

Rule 1: nothing is passed over in silence: a link that cannot be followed and a submodule are
problems, because behind each may be a limit.
Rule 2: git is only asked to read; the working tree, the index and the repository stay as they are.
Rule 3: paths are git's: from the root of the repository, or from here if they begin with `./`.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple

from riskgate.errors import PolicyError
from riskgate.policy.source import Problem

# The colon that parts a revision from a path does not stand in braces: `main@{10:00}:policies`.
SPEC: Final = re.compile(r"((?:[^:{]|\{[^}]*\})+):(.*)", re.DOTALL)
PATIENCE: Final = 60.0  # seconds; git reads what is on this disk
LINK: Final = "120000"
SUBMODULE: Final = "160000"
QUIET: Final = {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
UNREADABLE: Final = "RG020"
Wanted = Callable[[str], bool]
Texts = tuple[tuple[str, bytes], ...]


class _Entry(NamedTuple):
    """A file of a revision: its mode, its object and its path from the root."""

    mode: str
    object: str
    path: str


def parted(spec: str) -> tuple[str, str] | None:
    """The revision and the path of `REV:path`; None if it is not written so."""
    match = SPEC.fullmatch(spec)
    return (match[1], match[2]) if match else None


def is_revision(name: str) -> bool:
    """Whether git knows a revision of that name here."""
    return shutil.which("git") is not None and _tree(name) is not None


def texts(spec: str, wanted: Wanted) -> tuple[Texts, tuple[Problem, ...]]:
    """The wanted files at or below `REV:path`, and what is there that cannot be read.

    A file that is named itself is read whether it is wanted or not. Raise PolicyError.
    """
    both = parted(spec)
    if both is None:
        raise PolicyError(f"`{spec}` names no revision; write one such as HEAD:policies")
    revision, given = both
    if shutil.which("git") is None:
        raise PolicyError(f"`{spec}` needs git, which is not installed; give a path instead")
    tree = _tree(revision)
    if tree is None:
        raise PolicyError(_why_unknown(spec, revision))
    path = _from_root(spec, given)
    kind = _git("cat-file", "-t", f"{tree}:{path}")
    if kind.returncode:
        raise PolicyError(
            f"`{spec}`: no `{path}` in `{revision}`; paths start at the root of the"
            " repository, or write ./ for this folder"
        )
    is_file = kind.stdout.strip() != b"tree"
    found = list(_entries(tree, path, is_file=is_file))
    problems: list[Problem] = []
    chosen = list(_chosen(found, tree, problems, (lambda _: True) if is_file else wanted))
    named = tuple((f"{revision}:{entry.path}", raw) for entry, raw in _contents(chosen))
    return named, tuple(
        Problem(f"{revision}:{item.path}", 0, 0, item.code, item.text) for item in sorted(problems)
    )


def _git(*words: str, told: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """What git answers. Raise PolicyError if it does not end."""
    try:
        return subprocess.run(  # noqa: S603  # words of ours, a revision never leads with a dash
            [shutil.which("git") or "git", *words],
            input=told,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
            env={**os.environ, **QUIET},
        )
    except subprocess.TimeoutExpired:
        raise PolicyError(f"git did not answer within {PATIENCE:.0f} s: {words[0]}") from None


def _tree(revision: str) -> str | None:
    """The tree of a revision; None if there is none of that name."""
    if revision.startswith("-") or "\0" in revision:
        return None
    done = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{tree}}")
    return done.stdout.decode().strip() if done.returncode == 0 else None


def _why_unknown(spec: str, revision: str) -> str:
    inside = _git("rev-parse", "--git-dir")
    if inside.returncode:
        return f"`{spec}`: {_said(inside)}; give paths, or call this inside the repository"
    return f"`{spec}`: git knows no revision `{revision}`; `git log --oneline --all` shows them"


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    """The last that git complained of, without its `fatal:`."""
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return lines[0].partition(": ")[2] if lines else "git failed"


def _from_root(spec: str, given: str) -> str:
    """The path from the root of the repository; empty for the root."""
    path = given
    if given in (".", "..") or given.startswith(("./", "../")):
        prefix = _git("rev-parse", "--show-prefix").stdout.decode().rstrip("\n")
        path = posixpath.join(prefix, given)
    plain = posixpath.normpath(path) if path else "."
    if plain.startswith(("../", "/")) or plain == "..":
        raise PolicyError(f"`{spec}` leads out of the repository; paths start at its root")
    return "" if plain == "." else plain


def _entries(tree: str, path: str, *, is_file: bool) -> Iterator[_Entry]:
    """The files at or below a path."""
    if is_file:
        folder, name = posixpath.split(path)
        listed = _git("ls-tree", "--full-tree", "-z", f"{tree}:{folder}")
    else:
        folder, name = path, ""
        listed = _git("ls-tree", "--full-tree", "-r", "-z", f"{tree}:{folder}")
    for line in listed.stdout.decode(errors="surrogateescape").split("\0"):
        terms, _, below = line.partition("\t")
        if below and name in ("", below):
            mode, _, object_ = terms.split(" ")
            yield _Entry(mode, object_, posixpath.join(folder, below))


def _chosen(
    entries: Iterable[_Entry], tree: str, problems: list[Problem], wanted: Wanted
) -> Iterator[_Entry]:
    """The entries to read, links followed; what cannot be read is a problem."""
    for entry in entries:
        if entry.mode == SUBMODULE:
            problems.append(_at(entry, "is a submodule; its files are not in this revision"))
        elif entry.mode == LINK:
            target = _target(entry, tree)
            if target.endswith(" blob"):
                if wanted(entry.path):
                    yield entry._replace(object=target.split(" ")[0])
            elif target.endswith(" tree") or wanted(entry.path):
                problems.append(_at(entry, "is a link that leads to no file of this revision"))
        elif wanted(entry.path):
            yield entry


def _target(link: _Entry, tree: str) -> str:
    """Where a link leads inside its revision: an object and its type; else something else."""
    asked = f"{tree}:{link.path}\n".encode(errors="surrogateescape")
    check = "--batch-check=%(objectname) %(objecttype)"
    done = _git("cat-file", check, "--follow-symlinks", told=asked)
    lines = done.stdout.decode(errors="replace").splitlines()
    return lines[0] if len(lines) == 1 else ""


def _contents(entries: list[_Entry]) -> Iterator[tuple[_Entry, bytes]]:
    """Each entry with its bytes, all read by one git."""
    asked = "".join(f"{entry.object}\n" for entry in entries).encode()
    rest = _git("cat-file", "--batch", told=asked).stdout if entries else b""
    for entry in entries:
        head, _, rest = rest.partition(b"\n")
        words = head.split()
        if len(words) != 3:  # noqa: PLR2004  # object, type, size
            raise PolicyError(f"git cannot read `{entry.path}`: {head.decode(errors='replace')}")
        size = int(words[2])
        yield entry, rest[:size]
        rest = rest[size + 1 :]


def _at(entry: _Entry, text: str) -> Problem:
    return Problem(entry.path, 0, 0, UNREADABLE, text)
