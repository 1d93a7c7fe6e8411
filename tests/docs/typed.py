"""What a page tells its reader to type, and a reader who types it.

Rule 1: `<!-- run: CODE -->` before a block says how it ends, `<!-- file: NAME -->` that it is a
file, `<!-- beside -->`, also before code in a line, that it goes on in a terminal of its own, and
`<!-- shows -->` that each line of it begins a line of what the run before it printed; ` ... ` is
anything. So does what stands after `#>` in a run.
Rule 2: a page is typed as it is written. Only the port is another one, so that pages can be read
at the same time.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[2]
BLOCK: Final = re.compile(
    r"<!-- (?P<kind>run|file|shows|beside)(?:: (?P<mark>\S+))? -->"
    r"(?:\n```\w+\n(?P<text>.*?)```|`(?P<code>[^`]+)`)",
    re.DOTALL,
)
PRINTED: Final = re.compile(r"^#> ?(.*)$", re.MULTILINE)
PORT: Final = "7497"
PROGRAMS: Final = {"riskgate": "-m riskgate", "python": "", "pytest": "-m pytest"}
WAIT: Final = 90


class Block(NamedTuple):
    """A block that is marked, and how."""

    kind: str
    mark: str
    text: str


def blocks(page: str) -> list[Block]:
    return [
        Block(one["kind"], one["mark"] or "", one["text"] or one["code"])
        for one in BLOCK.finditer(page)
    ]


class Reader:
    """Somebody with a shell in `folder`, in whose environment riskgate is installed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self._surroundings = _surroundings(folder, self.port)

    def reads(self, page: str) -> None:
        """Type what the page says, in order; each block must end, and show, what it says."""
        said = ""
        with ExitStack() as terminals:
            for block in blocks(page):
                text = block.text.replace(PORT, str(self.port))
                if block.kind == "file":
                    (self.folder / block.mark).write_text(text, encoding="utf-8")
                elif block.kind == "beside":
                    terminals.enter_context(self._beside(text))
                elif block.kind == "run":
                    said = self.types(text, int(block.mark))
                    _is_printed(PRINTED.findall(text), said)
                else:
                    _is_printed(text.splitlines(), said)

    def types(self, script: str, code: int) -> str:
        """Run a block, check how it ends, and be where it leads. What it printed is returned."""
        done = subprocess.run(
            ["bash", "-ec", script],
            cwd=self.folder,
            env=self._surroundings,
            capture_output=True,
            text=True,
            timeout=WAIT,
            check=False,
        )
        said = done.stdout + done.stderr
        assert done.returncode == code, f"{script}\n{said}"
        assert "Traceback" not in said
        for moved in re.findall(r"(?:^|&& )cd (\S+)", script, re.MULTILINE):
            self.folder = (self.folder / moved).resolve()
        return said

    @contextmanager
    def _beside(self, script: str) -> Iterator[None]:
        """The same in another terminal, from its first line of output until Ctrl-C."""
        with subprocess.Popen(
            ["bash", "-ec", f"exec {script}"],
            cwd=self.folder,
            env=self._surroundings,
            stdout=subprocess.PIPE,
            start_new_session=True,
        ) as running:
            late = threading.Timer(WAIT, running.kill)
            late.start()
            try:
                assert running.stdout is not None
                assert running.stdout.readline(), f"`{script}` says nothing"
                yield
            finally:
                late.cancel()
                running.send_signal(signal.SIGINT)


def _surroundings(folder: Path, port: int) -> dict[str, str]:
    """The variables of a shell in which this Python's own riskgate is the one that is found."""
    scripts = folder.parent / f"{folder.name}-bin"
    scripts.mkdir(exist_ok=True)
    for name, words in PROGRAMS.items():
        program = scripts / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n', encoding="utf-8")
        program.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "RISKGATE_BROKER__PORT": str(port),
        "COLUMNS": "80",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "reader",
        "GIT_AUTHOR_EMAIL": "reader@firm.example",
        "GIT_COMMITTER_NAME": "reader",
        "GIT_COMMITTER_EMAIL": "reader@firm.example",
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _is_printed(lines: list[str], said: str) -> None:
    missing = [line for line in lines if not re.search(_begins(line), said, re.MULTILINE)]
    assert missing == [], said


def _begins(line: str) -> str:
    return "^" + ".*".join(map(re.escape, line.rstrip().split(" ... ")))
