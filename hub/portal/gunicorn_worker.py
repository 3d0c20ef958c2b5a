"""Gunicorn's threaded worker, closing connections aside.

The stock worker lingers up to two seconds on each connection that it closes, in the one thread that accepts all
others: twenty refused uploads would hold up everybody for forty seconds.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

CLOSING_THREADS = 32


class PortalWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """The threaded worker with threads of their own for lingering on connections that end."""

    def init_process(self) -> None:
        """Make the closing threads in the worker's own process, then run."""
        self.closing = ThreadPoolExecutor(CLOSING_THREADS, thread_name_prefix="closing")
        super().init_process()

    def finish_request(self, conn: Any, *rest: Any) -> None:
        """Finish as gunicorn does, but let the connection close elsewhere."""
        close = type(conn).close
        conn.close = lambda graceful=False: self.closing.submit(close, conn, graceful=graceful)
        super().finish_request(conn, *rest)
