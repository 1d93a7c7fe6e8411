"""A strategy as a service: trades until told to stop, and ends with riskgate's exit codes."""

import signal
import sys
import threading

import riskgate


def main() -> int:
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    try:
        with riskgate.connect() as gate:  # $RISKGATE_CONFIG says where the settings are
            gate.prepare("AAPL")
            decide(gate)
            while not stopped.wait(timeout=60):
                decide(gate)
    except riskgate.RiskgateError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


def decide(gate: riskgate.Gate) -> None:
    # A key of our own: after a restart, too, the same order is not sent twice.
    ticket = gate.submit("BUY 10 AAPL LMT 195 DAY strategy=service key=opening")
    print(ticket.order_id, ticket.wait(timeout=5).value, flush=True)  # noqa: T201  # to the log of the service


if __name__ == "__main__":
    sys.exit(main())
