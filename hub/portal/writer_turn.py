"""One writer of this process after the other, in the order in which they asked.

SQLite has one writer at a time and no queue: whoever finds it busy sleeps and asks again, up to a tenth of a second
later, and whoever has just come may pass. In a deadline's burst that made some wait for seconds and kept all awake.
Writers of other processes still meet SQLite's own lock, a few at a time.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy.exc import TimeoutError as DatabaseTimeoutError


@dataclass(frozen=True)
class WriterTurn:
    """A lock that is handed to whoever has waited longest; ``patience`` in seconds, then DatabaseTimeoutError."""

    patience: float
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _line: deque[threading.Event] = field(default_factory=deque)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold the turn inside; it passes on however the block ends."""
        mine = self._stand_in_line()
        if not mine.wait(self.patience) and self._leave(mine):
            raise DatabaseTimeoutError(f"other writers took longer than {self.patience} s")
        try:
            yield
        finally:
            self._pass_on()

    def _stand_in_line(self) -> threading.Event:
        mine = threading.Event()
        with self._lock:
            self._line.append(mine)
            self._line[0].set()
        return mine

    def _leave(self, mine: threading.Event) -> bool:
        """Leave the line; False if the turn came at the last moment."""
        with self._lock:
            if mine.is_set():
                return False
            self._line.remove(mine)
            return True

    def _pass_on(self) -> None:
        """The first in the line is who holds the turn."""
        with self._lock:
            self._line.popleft()
            if self._line:
                self._line[0].set()
