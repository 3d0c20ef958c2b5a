"""Gunicorn's threaded worker, closing connections aside, and telling its arbiter once a second that it lives.

The stock worker lingers up to two seconds on each connection that it closes, in the one thread that accepts all
others: twenty refused uploads would hold up everybody for forty seconds. It also touches a file for every event, which
was a twelfth of what a class of watchers cost.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

CLOSING_THREADS = 32
#: Far below any ``--timeout``, after which the arbiter ends a worker that says nothing.
ALIVE_SECONDS = 1.0


class PortalWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """The threaded worker with threads of their own for lingering on connections that end."""

    told_alive_at = float("-inf")

    def init_process(self) -> None:
        """Make the closing threads in the worker's own process, then run."""
        self.closing = ThreadPoolExecutor(CLOSING_THREADS, thread_name_prefix="closing")
        super().init_process()

    def notify(self) -> None:
        """Say that this worker is alive, but not for every event."""
        now = time.monotonic()
        if now - self.told_alive_at >= ALIVE_SECONDS:
            self.told_alive_at = now
            super().notify()

    def finish_request(self, conn: Any, *rest: Any) -> None:
        """Finish as gunicorn does, but let the connection close elsewhere."""
        close = type(conn).close
        conn.close = lambda graceful=False: self.closing.submit(close, conn, graceful=graceful)
        super().finish_request(conn, *rest)
