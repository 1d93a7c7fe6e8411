"""Policy files on disk: which there are, what is wrong with them, and the `PolicySet` they make.

Rule 1: nothing is passed over in silence. A path without a policy file, a file that cannot be read
and a link that leads nowhere are problems, because behind each may be a limit.
Rule 2: all problems of all files are found in one go, sorted by place.
Rule 3: a file that is reached by several ways is read once.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, Protocol

from riskgate.errors import ConfigError, PolicyError
from riskgate.policy import schema
from riskgate.policy.checked import Checked
from riskgate.policy.compiler import compile_policies
from riskgate.policy.policies import PolicySet
from riskgate.policy.source import Document, Problem, closest, parse
from riskgate.rulekit.sessions import CONTRACT_HOURS

SUFFIXES: Final = (".yaml", ".yml")
TEST_SUFFIXES: Final = (".test.yaml", ".test.yml")
ALWAYS: Final = "always"
SHIPPED: Final = "shipped"


class CalendarCodes(Protocol):
    """What is asked of calendars: which exchange codes there are."""

    def knows(self, code: str) -> bool:
        """Whether there is a calendar of that code."""
        ...

    def codes(self) -> Collection[str]:
        """Every known code."""
        ...


def load(paths: Sequence[Path | str], calendars: CalendarCodes) -> PolicySet:
    """The policies below the paths. Raise PolicyError with all that is wrong with any of them.

    Those that come with riskgate are called `shipped/...`, wherever it is installed.
    """
    checked = check(paths, calendars, named=_short_name)
    if checked.policies is None:
        raise PolicyError(checked.summary, checked.problems)
    return checked.policies


def find(paths: Sequence[Path | str]) -> tuple[Path, ...]:
    """The policy files below the paths, sorted. Raise PolicyError if a path has none."""
    files, problems = _policy_files(paths)
    if problems:
        raise PolicyError("; ".join(f"`{item.path}` {item.text}" for item in problems), problems)
    return files


def check(
    paths: Sequence[Path | str],
    calendars: CalendarCodes,
    *,
    tests: bool = False,
    named: Callable[[Path], str] | None = None,
) -> Checked:
    """Read and compile what is below the paths; with `tests`, judge the shape of test files too.

    `named` is what a file is called where it is spoken of; its path, unless said otherwise.
    """
    named = named or _name
    files, found = _policy_files(paths, tests=tests)
    problems = list(found)
    clean: list[Document] = []
    for path in files:
        document, wrong = _read(path, named)
        problems += wrong
        if document is None:
            continue
        if _is_test(path):
            problems += schema.test_problems(document)
        elif wrong:
            problems += _further(document, wrong)
        else:
            clean.append(document)
    policies, wrong = compile_policies(clean, lambda code: _complaint(code, calendars))
    problems += wrong
    names = tuple(named(path) for path in files)
    return Checked(names, tuple(sorted(problems)), None if problems else policies)


def check_texts(
    texts: Iterable[tuple[str, bytes]], calendars: CalendarCodes, found: Iterable[Problem] = ()
) -> tuple[Checked, tuple[Document, ...]]:
    """Compile named texts, wherever they come from; also the documents, to tell places in them.

    `found` is what was wrong before anything could be read.
    """
    names, problems = [], list(found)
    clean: list[Document] = []
    for name, raw in texts:
        names.append(name)
        document, wrong = parse(raw, name)
        problems += wrong
        if document is not None and wrong:
            problems += _further(document, wrong)
        elif document is not None:
            clean.append(document)
    policies, wrong = compile_policies(clean, lambda code: _complaint(code, calendars))
    problems += wrong
    checked = Checked(tuple(names), tuple(sorted(problems)), None if problems else policies)
    return checked, tuple(clean)


def texts(
    paths: Sequence[Path | str],
) -> tuple[tuple[tuple[str, bytes], ...], tuple[Problem, ...]]:
    """The policy files below the paths by name, unparsed, and what is wrong with the paths."""
    files, found = _policy_files(paths)
    read = [(_name(path), _bytes(path)) for path in files]
    unread = [item for _, item in read if isinstance(item, Problem)]
    named = tuple((name, item) for name, item in read if not isinstance(item, Problem))
    return named, (*found, *unread)


def is_policy(name: str) -> bool:
    """Whether a file of that name is a policy file."""
    return name.lower().endswith(SUFFIXES) and not name.lower().endswith(TEST_SUFFIXES)


def _further(document: Document, wrong: Iterable[Problem]) -> Iterator[Problem]:
    """What else is wrong with a file that could not be read as it should, at other places."""
    said = {(item.line, item.column) for item in wrong}
    return (i for i in schema.problems(document) if (i.line, i.column) not in said)


def tests(paths: Sequence[Path | str]) -> tuple[tuple[Document, ...], tuple[Problem, ...]]:
    """The policy tests at or below the paths, their shape judged, and all that is wrong."""
    files, found = _test_files(paths)
    problems = list(found)
    documents: list[Document] = []
    for path in files:
        document, wrong = _read(path, _name)
        wrong = wrong or (schema.test_problems(document) if document else ())
        problems += wrong
        if document is not None and not wrong:
            documents.append(document)
    return tuple(documents), tuple(sorted(problems))


def state(path: Path | str) -> Document:
    """The file of a state that `check` reads. Raise PolicyError with all that is wrong with it."""
    document, problems = _read(Path(path), _name)
    problems = problems or (schema.state_problems(document) if document else ())
    if document is None or problems:
        raise PolicyError(f"the state file `{path}` cannot be used", problems)
    return document


def shipped_policies() -> Path:
    """The folder of the policies that come with riskgate. Raise ConfigError if it is not there."""
    inside = _inside()
    checkout = Path(__file__).parents[2]
    beside = checkout / "policies"
    if inside.is_dir():
        return inside
    if (checkout / "pyproject.toml").is_file() and beside.is_dir():
        return beside
    raise ConfigError(f"the shipped policies are missing from `{inside}`; reinstall riskgate-ib")


def _inside() -> Path:
    """Where an installation has the policies that come with riskgate."""
    return Path(__file__).parents[1] / "shipped" / "policies"


def _complaint(code: str, calendars: CalendarCodes) -> str | None:
    """What to say about a calendar's code; None if it is known."""
    if code in (CONTRACT_HOURS, ALWAYS) or calendars.knows(code):
        return None
    hint = closest(code, sorted(calendars.codes()))
    meant = f" (did you mean `{hint}`?)" if hint else "; use an exchange code such as XNYS"
    return f"calendar `{code}` is unknown{meant}"


def _read(path: Path, named: Callable[[Path], str]) -> tuple[Document | None, tuple[Problem, ...]]:
    """A file's document, or why it cannot be read."""
    raw = _bytes(path)
    return (None, (raw,)) if isinstance(raw, Problem) else parse(raw, named(path))


def _bytes(path: Path) -> bytes | Problem:
    """A file's content, or why it cannot be read. Only regular files are opened: others block."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return _at(path, "RG020", "is no regular file")
        return path.read_bytes()
    except OSError as error:
        return _at(path, "RG020", f"cannot be read: {_reason(error)}")


def _policy_files(
    paths: Sequence[Path | str], *, tests: bool = False
) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
    """The files to read, each once, and what is wrong with the paths."""
    files: dict[str, Path] = {}
    problems: list[Problem] = []
    for given in paths:
        wrong: list[Problem] = []
        below = sorted(item for item in _below(Path(given), wrong) if tests or not _is_test(item))
        for item in below:
            files.setdefault(os.path.realpath(item), item)
        problems += wrong or (() if below else (_nothing(Path(given)),))
    return tuple(sorted(files.values())), tuple(sorted(problems))


def _test_files(paths: Sequence[Path | str]) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
    """The policy tests to play, each once, and what is wrong with the paths."""
    files: dict[str, Path] = {}
    problems: list[Problem] = []
    for given in paths:
        wrong: list[Problem] = []
        below = sorted(item for item in _below(Path(given), wrong) if _is_test(item))
        for item in below:
            files.setdefault(os.path.realpath(item), item)
        nothing = _at(Path(given), "RG022", "holds no policy test; policy tests end in .test.yaml")
        problems += wrong or (() if below else (nothing,))
    return tuple(sorted(files.values())), tuple(sorted(problems))


def _nothing(path: Path) -> Problem:
    if path.is_dir():
        return _at(path, "RG021", "holds no policy file; policy files end in .yaml or .yml")
    if _is_test(path):
        return _at(path, "RG021", "is a policy test; name the policy file beside it")
    return _at(path, "RG021", "is no policy file; policy files end in .yaml or .yml")


def _below(path: Path, problems: list[Problem]) -> Iterator[Path]:
    """The YAML files at or below a path. Links are followed, a folder is entered once."""
    try:
        if not stat.S_ISDIR(path.stat().st_mode):
            yield from (path,) if _is_yaml(path) else ()
            return
    except OSError as error:
        problems.append(_at(path, "RG020", _reason(error)))
        return

    def report(error: OSError) -> None:
        problems.append(_at(Path(error.filename), "RG020", f"cannot be read: {_reason(error)}"))

    entered: set[str] = set()
    for folder, folders, names in os.walk(path, onerror=report, followlinks=True):
        here = os.path.realpath(folder)
        if here in entered:
            folders.clear()
            continue
        entered.add(here)
        folders.sort()
        yield from (item for name in names if _is_yaml(item := Path(folder, name)))


def _is_yaml(path: Path) -> bool:
    return path.name.lower().endswith(SUFFIXES)


def _is_test(path: Path) -> bool:
    return path.name.lower().endswith(TEST_SUFFIXES)


def _at(path: Path, code: str, text: str) -> Problem:
    return Problem(_name(path), 0, 0, code, text)


def _name(path: Path) -> str:
    """The path on one printable line; a file's name may hold anything."""
    name = str(path)
    return name if name.isprintable() else name.encode("unicode_escape").decode("ascii")


def _short_name(path: Path) -> str:
    """`shipped/futures.yaml`: installations are deep down, and a line has eighty columns."""
    inside = _inside()
    return f"{SHIPPED}/{path.relative_to(inside)}" if path.is_relative_to(inside) else _name(path)


def _reason(error: OSError) -> str:
    """`no such file or directory`: what the system says, in our case."""
    return (error.strerror or str(error)).lower()
