"""Draws `demo.svg`, what `riskgate demo` prints at 80 columns: `python docs/img/draw.py`.

Rule 1: every line is one that the demo printed to somebody who has cloned the project; scenes that
are left out are marked by three dots. The colours are the picture's own.
Rule 2: the picture brings its own background, so it reads alike on a light page and on a dark one,
and fetches nothing. A test fails when it is behind.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
WIDTH: Final = 80
SCENES: Final = (1, 2, 4, 5, 6, 7)
STYLES: Final = {
    r"^\d+\. .*": "bold",
    r"^\$ .*": "bold cyan",
    r"^allowed( with a warning)?": "bold green",
    r"^denied": "bold red",
    r"^held": "bold yellow",
    r"^ +because: .*(\n {6}\S.*)*": "bright_black",
    r"^   -> .*": "cyan",
}
THEME: Final = TerminalTheme(
    (27, 32, 40),
    (222, 226, 232),
    [
        (27, 32, 40),
        (255, 123, 114),
        (126, 211, 133),
        (240, 200, 90),
        (121, 184, 255),
        (210, 168, 255),
        (112, 208, 216),
        (222, 226, 232),
    ],
    [(154, 164, 178)],
)
# rich's own frame asks a font server for its font; this one takes what the reader has.
FRAME: Final = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
 font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g></g></svg>
"""


def drawn(said: str) -> str:
    """The picture of what the demo said."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), legacy_windows=False)
    text = Text("$ riskgate demo\n" + excerpt(said))
    for pattern, style in STYLES.items():
        text.highlight_regex(re.compile(pattern, re.MULTILINE), style)
    console.print(text, soft_wrap=True)
    picture = console.export_svg(
        title="riskgate demo", theme=THEME, code_format=FRAME, unique_id="demo"
    )
    return "\n".join(line.rstrip() for line in picture.splitlines()) + "\n"


def excerpt(said: str) -> str:
    """The head and the scenes that are shown, with dots for what is between them."""
    head, *scenes = re.split(r"\n(?=\d+\. )", said)
    kept = [head.rstrip()]
    for number, scene in enumerate(scenes, 1):
        if number in SCENES:
            kept.append(scene.rstrip())
        elif kept[-1] != "...":
            kept.append("...")
    return "\n\n".join(kept)


def printed() -> str:
    """What the demo prints in a folder with the project's policies."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(ROOT / "policies", Path(name) / "policies")
        words = [sys.executable, "-m", "riskgate", "demo"]
        return subprocess.run(  # noqa: S603  # words of our own
            words, cwd=name, capture_output=True, text=True, check=True, timeout=60
        ).stdout


if __name__ == "__main__":
    (HERE / "demo.svg").write_text(drawn(printed()), encoding="utf-8")
