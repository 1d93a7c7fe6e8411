"""Whoever does the work of a replay: nobody is left behind, and who goes away is told of."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from riskgate.errors import ConfigError, WorkersLost
from riskgate.history.cluster import cluster as cluster_at
from riskgate.history.processes import processes

LocalCluster = Any  # of a library without types
ROOT = Path(__file__).parents[3]
LONG = 600.0  # seconds that nobody waits for
SOON = 30.0
# A process that has one worker, tells who that is, and is then ended with no chance to say so.
ABANDONS = """
import os, signal, time
from riskgate.history.processes import processes

if __name__ == "__main__":
    with processes(1) as workers:
        print(workers.submit(os.getpid).result(), flush=True)
        workers.submit(time.sleep, 600)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def is_there(process: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked after does not."""
    state = Path(f"/proc/{process}/stat")
    try:
        return state.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def ends_soon(process: int) -> bool:
    deadline = time.monotonic() + SOON
    while is_there(process) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_there(process)


def test_processes_do_what_they_are_given_in_any_number() -> None:
    with processes(2) as workers:
        assert workers.number == 2
        assert [one.result() for one in [workers.submit(pow, 2, n) for n in range(5)]] == [
            *(1, 2, 4, 8, 16)
        ]


def test_a_worker_that_is_killed_is_told_of_and_the_others_end() -> None:
    others = []

    def lose_one() -> None:
        with processes(2) as workers:
            others.append(workers.submit(os.getpid).result())
            first = workers.submit(time.sleep, 1)
            lost = workers.submit(os._exit, 9)
            first.result()
            lost.result()

    with pytest.raises(WorkersLost, match="ended from outside") as told:
        lose_one()
    assert told.value.exit_code == 7
    assert told.value.retryable
    assert ends_soon(others[0])


def test_who_leaves_with_an_exception_waits_for_nobody() -> None:
    begun, others = time.monotonic(), []

    def interrupted() -> None:
        with processes(1) as workers:
            others.append(workers.submit(os.getpid).result())
            workers.submit(time.sleep, LONG)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert time.monotonic() - begun < SOON
    assert ends_soon(others[0])


def test_a_worker_leaves_an_interrupt_to_who_began_it() -> None:
    with processes(1) as workers:
        process = workers.submit(os.getpid).result()
        os.kill(process, signal.SIGINT)
        assert workers.submit(os.getpid).result() == process


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="who runs is asked of /proc")
def test_a_worker_ends_when_the_process_that_began_it_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "abandons.py"
    script.write_text(ABANDONS)
    run = [sys.executable, str(script)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        run,
        check=False,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL
    assert ends_soon(int(done.stdout))


def enter(address: str) -> None:
    with cluster_at(address):
        pass


@pytest.fixture
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed", reason='pip install "riskgate-ib[dask]"')
    with distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address=None,
    ) as made:
        yield made


@pytest.mark.slow
def test_a_cluster_that_goes_away_is_told_of(cluster: LocalCluster) -> None:
    def lose_it() -> None:
        with cluster_at(cluster.scheduler_address) as workers:
            assert workers.submit(pow, 2, 5).result() == 32
            waiting = workers.submit(time.sleep, LONG)
            cluster.close(timeout=5)
            waiting.result()

    with pytest.raises(WorkersLost, match="went away") as told:
        lose_it()
    assert told.value.exit_code == 7


@pytest.mark.slow
def test_a_cluster_without_workers_is_told_of(cluster: LocalCluster) -> None:
    cluster.scale(0)
    deadline = time.monotonic() + SOON
    while cluster.scheduler.workers and time.monotonic() < deadline:
        time.sleep(0.02)
    with pytest.raises(ConfigError, match="has no workers; start one"):
        enter(cluster.scheduler_address)


@pytest.mark.slow
def test_who_is_no_scheduler_is_told_of_in_time() -> None:
    pytest.importorskip("distributed", reason='pip install "riskgate-ib[dask]"')
    with socket.create_server(("127.0.0.1", 0)) as listener:
        begun = time.monotonic()
        port = listener.getsockname()[1]
        with pytest.raises(ConfigError, match="nobody answers as one would"):
            enter(f"tcp://127.0.0.1:{port}")
    assert time.monotonic() - begun < SOON


@pytest.mark.slow
@pytest.mark.parametrize(
    "address", ["nonsense", "tcp://", "tls://127.0.0.1:1", "bogus://x", "127.0.0.1:abc", " "]
)
def test_an_address_that_is_none_is_one_line(address: str) -> None:
    pytest.importorskip("distributed", reason='pip install "riskgate-ib[dask]"')
    with pytest.raises(ConfigError, match=f"^no Dask cluster at `{address}`: .*check the address$"):
        enter(address)
