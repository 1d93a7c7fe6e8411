"""`python -m riskgate`, and what the `riskgate` command starts."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        from riskgate.cli.app import run  # noqa: PLC0415  # importing this module costs nothing
    except KeyboardInterrupt:  # it takes a moment, and Ctrl-C may come in it
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
