"""Line ends are nobody's taste: a file keeps its own."""

from __future__ import annotations

from riskgate.authoring.layout import laid_out

POLICY = """riskgate: 1
policy: p
timezone: UTC
currency: USD
rules:
  - {id: a, kind: fat_finger, max_quantity: 5, because: b}
"""


def test_a_file_of_windows_lines_keeps_them() -> None:
    plain = laid_out(POLICY, "p.yaml")
    windows = laid_out(POLICY.replace("\n", "\r\n"), "p.yaml")
    assert windows == plain.replace("\n", "\r\n")
    assert laid_out(windows, "p.yaml") == windows
