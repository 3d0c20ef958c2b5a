"""How often one person may ask, and one address with tokens that nobody has: a deadline burst of a class passes, one
person's loop does not, and a flood of invented tokens does not reach the hub.

Counts are in this process's memory and safe between its threads; with several portal processes each allows as much.
What must hold across processes (submissions in a minute, a day, their bytes) is counted in the database (acceptance).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from math import ceil

from hub.portal.errors import TooManyError

#: Requests that may come at once, and how many a second after that. A panel asks every 3 s, `nbgrader collect` of a
#: class of 300 asks 300 times in a row.
BURST = 600.0
PER_SECOND = 10.0
#: What one call costs: bodies are large and parsed before anything can be counted.
READ_COST, WRITE_COST = 1.0, 10.0
MAX_PEOPLE = 10_000
#: Tokens that the hub did not know, at once and a second after that, from one address. All notebook servers of a
#: machine share one, so the burst is more than the portal has threads: each may be asking about a good one.
UNKNOWN_BURST, UNKNOWN_PER_SECOND = 300.0, 2.0


@dataclass
class _Bucket:
    left: float
    at: float


class Throttle:
    """A bucket of ``burst`` for each person or address that refills by ``per_second``."""

    def __init__(
        self, burst: float = BURST, per_second: float = PER_SECOND, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst, self._per_second, self._clock = burst, per_second, clock
        self._buckets: OrderedDict[Hashable, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, who: Hashable, cost: float = READ_COST) -> None:
        """Count one call; TooManyError says when to come back. A refused call costs nothing more."""
        with self._lock:
            missing = self._take(who, cost)
        if missing > 0:
            raise _too_many(ceil(missing / self._per_second))

    def put_back(self, who: Hashable, cost: float = READ_COST) -> None:
        """Undo a call that turned out to be harmless."""
        with self._lock:
            if who in self._buckets:
                self._buckets[who].left = min(self._burst, self._buckets[who].left + cost)

    def _take(self, who: Hashable, cost: float) -> float:
        now = self._clock()
        bucket = self._buckets.setdefault(who, _Bucket(self._burst, now))
        self._buckets.move_to_end(who)
        while len(self._buckets) > MAX_PEOPLE:
            self._buckets.popitem(last=False)
        bucket.left = min(self._burst, bucket.left + max(0.0, now - bucket.at) * self._per_second)
        bucket.at = now
        if bucket.left < cost:
            return cost - bucket.left
        bucket.left -= cost
        return 0.0


def _too_many(seconds: int) -> TooManyError:
    return TooManyError(
        "too_many_requests",
        f"요청이 너무 잦습니다. {seconds}초 뒤에 다시 시도해 주십시오. 내 파일과 앞선 제출은 그대로 있습니다.",
        f"Too many requests. Try again in {seconds} s. Your files and earlier submissions are safe.",
        details={"retry_after_seconds": seconds},
    )
