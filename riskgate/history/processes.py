"""Processes of this machine that do the work, and end with this one, however it ends.

Rule 1: Ctrl-C is this process's to answer; a worker goes when its line to this process is cut.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from riskgate.errors import WorkersLost
from riskgate.history.working import Workers


@contextmanager
def processes(number: int) -> Iterator[Workers]:
    """So many of them; what is left to do when an exception ends this is not done.

    Raise WorkersLost if one is ended from outside.
    """
    spawn = get_context("spawn")
    # Nothing is ever sent: whoever holds the other end hears when this end is gone.
    heard, line = spawn.Pipe(duplex=False)
    pool = ProcessPoolExecutor(
        number, mp_context=spawn, initializer=_end_with_line, initargs=(heard,)
    )
    try:
        yield Workers(number, pool.submit)
    except BaseException as error:
        line.close()
        if isinstance(error, BrokenProcessPool):
            raise WorkersLost(
                "a worker process was ended from outside (is there too little memory?) and nothing"
                " was counted; run it again, perhaps with fewer --jobs"
            ) from None
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        line.close()
        heard.close()


def _end_with_line(heard: Connection) -> None:
    """Do not hear Ctrl-C, and end at once when the process that began this one is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def wait() -> None:
        heard.poll(None)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
