"""One Chromium for all tests of pages. Debian's package `chromium` has it.

Without it these tests are skipped on a person's machine; where CI is true, they fail.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Final

import pytest

from tests.browser.chromium import Chromium

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
HOW: Final = "no Chromium here: `apt-get install chromium` brings one"


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    program = next((path for name in NAMES if (path := shutil.which(name))), None)
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail(HOW)
        pytest.skip(HOW)
    browser = Chromium(program, tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()
