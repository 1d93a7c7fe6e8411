"""The outermost shell: how commands are found, and how whatever happens ends."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from riskgate.cli import app
from riskgate.errors import NotConnected, PolicyError, RiskgateError
from riskgate.policy.source import Problem
from riskgate.version import VERSION

ROOT = Path(__file__).parents[3]
HEAVY = {"exchange_calendars", "ib_async", "ib_insync", "pandas", "peewee", "rich"}
PLAYS = {"asyncio", "cerberus"}  # what only the commands need that play orders
POLICY = "tests/unit/cli/size.yaml"
STATE = "examples/state.yaml"
ORDER = "BUY 1 AAPL LMT 190 DAY"
COMMANDS = app.riskgate.list_commands(click.Context(app.riskgate))


def riskgate(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A real process, as users start it."""
    return subprocess.run(
        [sys.executable, "-m", "riskgate", *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Makes every command raise."""

    def install(error: BaseException) -> None:
        def fail(_self: object, _ctx: object) -> None:
            raise error

        monkeypatch.setattr(click.Group, "invoke", fail)

    monkeypatch.delenv("RISKGATE_DEBUG", raising=False)
    return install


@pytest.mark.parametrize("words", [(), ("-h",), ("--help",)])
def test_help_lists_every_command(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(words) == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {name} " in shown for name in COMMANDS)
    assert "70\n  internal error" in shown or "70 internal error" in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_a_file_with_one_line_of_help(name: str) -> None:
    path = app.HERE / f"{name.replace('-', '_')}.py"
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    assert app.summary(name) == docstring.partition("\n")[0].removesuffix(".")
    command = app.riskgate.get_command(click.Context(app.riskgate), name)
    assert command is not None
    assert command.name == name
    assert (command.help or "").strip()


def test_the_shell_completes_names_without_importing_them() -> None:
    completion = ShellComplete(app.riskgate, {}, "riskgate", "_RISKGATE_COMPLETE")
    found = {item.value: item.help for item in completion.get_completions([], "val")}
    assert found == {"validate": app.summary("validate")}
    assert "--help" in {item.value for item in completion.get_completions([], "--")}


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["--version"]) == 0
    said = capsys.readouterr().out
    assert re.fullmatch(rf"riskgate {VERSION} \(Python 3\.\d+\.\d+(, ib_\w+ [\d.]+)*\)\n", said)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["valdate"],
            "error: no such command `valdate`; did you mean `validate`?; `riskgate",
        ),
        (["nonsense"], "error: no such command `nonsense`; `riskgate --help` says more"),
        (["validate"], "error: missing argument `PATH...`; `riskgate validate --help` says more"),
        (["schema", "--colour"], "error: no such option `--colour`; `riskgate schema --help`"),
        (["kill", "--raeson", "x"], "error: no such option `--raeson`; did you mean `--reason`?;"),
        (["resolve", "3"], "error: missing option `--as`; choose from: filled, dead;"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_2(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app.run(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(expected)
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code"), [(RiskgateError("it broke"), 70), (NotConnected("it broke"), 7)]
)
def test_an_error_of_ours_is_one_line_and_its_exit_code(
    error: RiskgateError,
    code: int,
    failing: Callable[[BaseException], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    failing(error)
    assert app.run(["validate", "x"]) == code
    assert capsys.readouterr().err == "error: it broke\n"


def test_a_policy_error_shows_every_problem(
    failing: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    problem = Problem("a.yaml", 1, 1, "RG101", "missing key `policy`")
    failing(PolicyError("1 error in 1 of 1 file", (problem,)))
    assert app.run(["validate", "x"]) == 2
    assert capsys.readouterr().err == f"{problem}\nerror: 1 error in 1 of 1 file\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interrupt_is_one_line_and_exit_130(
    error: BaseException,
    failing: Callable[[BaseException], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    failing(error)
    assert app.run(["validate", "x"]) == 130
    assert capsys.readouterr().err.strip() == "interrupted"


def test_what_nobody_foresaw_is_exit_70_and_no_traceback(
    failing: Callable[[BaseException], None], capsys: pytest.CaptureFixture[str]
) -> None:
    failing(ZeroDivisionError("two\nlines"))
    assert app.run(["validate", "x"]) == 70
    assert capsys.readouterr().err == (
        "internal error: ZeroDivisionError: two lines; nothing was sent;"
        " set RISKGATE_DEBUG=1 to see where, and please report it\n"
    )
    failing(ZeroDivisionError())
    assert app.run(["validate", "x"]) == 70
    assert "internal error: ZeroDivisionError; nothing" in capsys.readouterr().err


@pytest.mark.parametrize("error", [ZeroDivisionError("x"), RiskgateError("x")])
def test_debug_shows_where(
    error: Exception,
    failing: Callable[[BaseException], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    failing(error)
    monkeypatch.setenv("RISKGATE_DEBUG", "1")
    assert app.run(["validate", "x"]) == 70
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_a_command_s_exit_code_is_that_of_the_process(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert app.run(["validate", str(Path(__file__).parent / "size.yaml")]) == 0
    assert app.run(["validate", "nowhere"]) == 2
    assert app.run(["schema"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_the_script_that_asks_for_completions(shell: str) -> None:
    done = riskgate("completion", shell)
    assert done.returncode == 0
    assert f"_RISKGATE_COMPLETE={shell}_complete" in done.stdout


def test_bash_completes_a_command_with_what_the_script_defines() -> None:
    script = riskgate("completion", "bash").stdout
    typed = "COMP_WORDS=(riskgate valid); COMP_CWORD=1; _riskgate_completion riskgate"
    shown = f'riskgate() {{ "{sys.executable}" -m riskgate "$@"; }}'
    done = subprocess.run(
        ["bash", "-c", f"{script}\n{shown}\ncomplete -p riskgate; {typed}; echo ${{COMPREPLY[@]}}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )
    assert "_riskgate_completion riskgate" in done.stdout
    assert done.stdout.split()[-1] == "validate", done.stderr


def test_the_shell_asks_for_completions_through_the_environment() -> None:
    words = {"COMP_WORDS": "riskgate val", "COMP_CWORD": "1"}
    done = riskgate(_RISKGATE_COMPLETE="bash_complete", **words)
    assert (done.returncode, done.stdout) == (0, "plain,validate\n")


def closed_pipe() -> int:
    """A pipe's writing end whose reader has gone."""
    read, write = os.pipe()
    os.close(read)
    return write


@pytest.mark.parametrize("words", [["--help"], ["schema"]])
def test_a_reader_that_goes_away_is_no_error(words: list[str]) -> None:
    write = closed_pipe()
    done = subprocess.run(
        [sys.executable, "-m", "riskgate", *words],
        cwd=ROOT,
        stdout=write,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device here")
@pytest.mark.parametrize("words", [["--help"], ["schema"]])
def test_output_that_finds_no_room_is_one_line_and_exit_2(words: list[str]) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "riskgate", *words],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    told = b"error: the output cannot be written: no space left on device; choose another place\n"
    assert (done.returncode, done.stderr) == (2, told)


def test_a_command_without_a_standard_output_is_done_all_the_same() -> None:
    shell = f"exec {shlex.quote(sys.executable)} -m riskgate rules >&-"
    done = subprocess.run(
        ["sh", "-c", shell], cwd=ROOT, stderr=subprocess.PIPE, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_closed_standard_error_changes_no_exit_code() -> None:
    write = closed_pipe()
    done = subprocess.run(
        [sys.executable, "-m", "riskgate", "nonsense"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=write,
        timeout=60,
        check=False,
    )
    os.close(write)
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("words", "heavy"),
    [
        (["--help"], HEAVY | PLAYS | {"ruamel.yaml", "jsonschema", "yaml", "riskgate.rules"}),
        (["validate", POLICY], HEAVY | PLAYS | {"ruamel.yaml"}),
        (["schema", "test"], HEAVY | PLAYS | {"ruamel.yaml", "jsonschema"}),
        (["rules"], HEAVY | PLAYS | {"ruamel.yaml", "jsonschema"}),
        (["rules", "stress"], HEAVY | PLAYS | {"ruamel.yaml", "jsonschema"}),
        (["diff", POLICY, POLICY], HEAVY | PLAYS | {"ruamel.yaml"}),
        (["controls", POLICY], HEAVY | PLAYS | {"ruamel.yaml"}),
        (["fmt", "--check", "policies/futures.yaml"], HEAVY | PLAYS),
        (["lint", "--no-tests", POLICY], HEAVY | {"ruamel.yaml"}),
        (["test", "tests/conformance/euro.test.yaml"], HEAVY | {"ruamel.yaml"}),
        (["check", ORDER, "--policies", POLICY, "--state", STATE], HEAVY | {"ruamel.yaml"}),
    ],
)
def test_a_command_imports_nothing_heavy_that_it_does_not_need(
    words: list[str], heavy: set[str]
) -> None:
    code = (
        "import sys; from riskgate.cli.app import run;"
        f"code = run({words!r}); print(code, sorted({heavy!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr.splitlines()[-1] == "0 []"


def test_help_imports_no_policy_and_no_command() -> None:
    code = (
        "import sys; from riskgate.cli.app import run; run(['--help']);"
        "ours = {m for m in sys.modules if m.startswith('riskgate.')};"
        "print(sorted(ours), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == (
        "['riskgate.cli', 'riskgate.cli.app', 'riskgate.errors', 'riskgate.version']\n"
    )


def test_python_dash_m_and_the_exit_code_of_a_process() -> None:
    done = riskgate("validate", "tests/golden/bad_no_limit.yaml")
    assert done.returncode == 2
    assert done.stdout.endswith("1 error in 1 of 1 file\n")
    assert done.stderr == ""
