"""What holds for all tests of the package."""

from __future__ import annotations

# The tests here play policy tests themselves, and some are wrong on purpose, so the plugin that
# ships with the package must not collect them a second time.
collect_ignore_glob = ["*.test.yaml"]
