"""A pytest plugin: a case of a collected `*.test.yaml` is a test, and `tws` is a simulated TWS.

Rule 1: pytest loads this module in every project where riskgate is installed, so nothing of
riskgate is imported before a policy test is found or the fixture is asked for.
Rule 2: a failure is told as `riskgate test` tells it; nobody sees a traceback of ours.
"""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from riskgate.authoring.playing import Failure
    from riskgate.authoring.policy_tests import KnownCalendars, Test
    from riskgate.simulator import Running

SUFFIXES: Final = (".test.yaml", ".test.yml")
STARTED_WITH: Final = ("scenario", "prices", "clock", "options", "faults")  # see `running`


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known to `--strict-markers`."""
    line = "tws(scenario=, prices=, clock=, options=, faults=): how the `tws` fixture starts"
    config.addinivalue_line("markers", line)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Raise UsageError for a mark that the fixture could not follow."""
    for item in items:
        mark = item.get_closest_marker("tws")
        if mark is not None and "tws" in getattr(item, "fixturenames", ()):
            _check(mark, item.nodeid)


def _check(mark: pytest.Mark, where: str) -> None:
    if mark.args:
        told = f"`{mark.args[0]!r}`: name it, such as `scenario=`: {', '.join(STARTED_WITH)}"
        raise pytest.UsageError(f"{where}: @pytest.mark.tws: {told}")
    for word in sorted(mark.kwargs.keys() - set(STARTED_WITH)):
        near = get_close_matches(word, STARTED_WITH, n=1)
        told = f"did you mean `{near[0]}`?" if near else f"there is: {', '.join(STARTED_WITH)}"
        raise pytest.UsageError(f"{where}: @pytest.mark.tws: `{word}`: {told}")


@pytest.fixture
def tws(request: pytest.FixtureRequest) -> Iterator[Running]:
    """A simulated TWS on a free port, for one test: `tws.port`, `tws.set_price`, `tws.inject` ...

    `@pytest.mark.tws(scenario="42")` starts it as `riskgate.simulator.running` would with this.
    """
    from riskgate.simulator import running  # noqa: PLC0415  # see rule 1

    marker = request.node.get_closest_marker("tws")
    with _a_loop(), running(**(marker.kwargs if marker else {})) as simulator:
        yield simulator


@contextmanager
def _a_loop() -> Iterator[None]:
    """The thread's event loop, which ib_insync takes, where `asyncio.run` has left none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            asyncio.get_event_loop()
        except RuntimeError:
            made = asyncio.new_event_loop()
        else:
            yield
            return
    asyncio.set_event_loop(made)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        made.close()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take the file if its name says that it is a policy test."""
    if not file_path.name.lower().endswith(SUFFIXES):
        return None
    return PolicyTests.from_parent(parent, path=file_path)


class CaseFailed(Exception):  # noqa: N818  # what happened, not what broke
    """A case did not come out as expected."""

    def __init__(self, failures: tuple[Failure, ...]) -> None:
        super().__init__("\n".join(_told(failures)))


class PolicyTests(pytest.File):
    """One file of policy tests."""

    def collect(self) -> Iterator[PolicyCase]:
        """Every case as a test. Raise CollectError with all that is wrong with the file."""
        from riskgate.authoring import policy_tests  # noqa: PLC0415  # only where there is a policy test
        from riskgate.calendars import ExchangeCalendars  # noqa: PLC0415
        from riskgate.errors import PolicyError  # noqa: PLC0415

        calendars = ExchangeCalendars()
        try:
            tests = policy_tests.find([_shown(self.path)], calendars)
        except PolicyError as error:
            lines = (*(str(problem) for problem in error.problems), str(error))
            raise self.CollectError("\n".join(lines)) from None
        for test in tests:
            yield PolicyCase.from_parent(self, name=test.case.name, of=(test, calendars))


class PolicyCase(pytest.Item):
    """One case of a file of policy tests."""

    def __init__(self, *, of: tuple[Test, KnownCalendars], **given: Any) -> None:  # noqa: ANN401  # pytest's own
        super().__init__(**given)
        self._test, self._calendars = of

    def runtest(self) -> None:
        """Play the case. Raise CaseFailed if it does not come out as expected."""
        from riskgate.authoring.playing import play  # noqa: PLC0415
        from riskgate.journal.memory import MemoryJournal  # noqa: PLC0415  # see rule 1

        test = self._test
        failures = play(test.case, test.policies, self._calendars, MemoryJournal())
        if failures:
            raise CaseFailed(failures)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *given: Any) -> Any:  # noqa: ANN401  # pytest's own
        """What was expected and what came; a traceback only of what nobody foresaw."""
        if isinstance(excinfo.value, CaseFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *given)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case stands; pytest counts lines from 0."""
        return self.path, self._test.case.line - 1, self.name


def _shown(path: Path) -> Path:
    """The path as messages show it: from here, where the file is below."""
    here = Path.cwd()
    return Path(os.path.relpath(path, here)) if path.is_relative_to(here) else path


def _told(failures: tuple[Failure, ...]) -> Iterator[str]:
    """A line for each failure; below it each finding that was not told before."""
    told: set[str] = set()
    for failure in failures:
        yield str(failure)
        for finding in failure.told:
            if finding not in told:
                told.add(finding)
                yield f"    {finding}"
