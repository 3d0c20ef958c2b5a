"""One supervised process: starts it, sees whether it is well, and says when it may be tried again."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import psutil
import requests
import structlog

from hub.parts import Part

BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)

#: A part that ran this long has recovered: its next end counts as its first.
STABLE_SECONDS = 60.0

#: A part that is up but does not answer this long is ended and started again.
SILENCE_SECONDS = 45.0

#: A part that does not answer but computes is busy, not stuck: in a deadline's rush on a loaded machine this question
#: waits behind those of students, and ending it would drop them all. Only after this long it must be a loop.
BUSY_SILENCE_SECONDS = 300.0
#: The share of one core above which a silent part counts as busy.
BUSY_SHARE = 0.01

#: How long a part may take until its first answer: a first start makes its tables.
FIRST_ANSWER_SECONDS = 90.0

PROBE_SECONDS, FIRST_PROBE_SECONDS = 5.0, 0.4
MAX_LOG_BYTES = 10 * 2**20

logger = structlog.get_logger()


class Child:
    """The process of one part. Times are ``time.monotonic()``."""

    def __init__(self, part: Part, log_path: Path) -> None:
        self.part, self._log_path = part, log_path
        self._process: subprocess.Popen[bytes] | None = None
        self.restarts = 0
        self.is_healthy = False
        self.has_returned = False  # it answers again after a restart; whoever acts on it sets it back
        self._failures = 0
        self._born, self._next_start, self._next_probe, self._last_answer = 0.0, 0.0, 0.0, 0.0
        self._computed = 0.0  # processor seconds at the last answer

    @property
    def pid(self) -> int | None:
        """The process's number while there is one."""
        return self._process.pid if self._process else None

    def must_start(self, now: float) -> bool:
        """Say whether the part is down and its waiting time over."""
        return self._process is None and now >= self._next_start

    def start(self, now: float) -> None:
        """Start the part in a session of its own, so that Ctrl-C reaches only the supervisor."""
        rotate(self._log_path)
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self.part.command,
                cwd=self.part.folder,
                env=self.part.environment or None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._born = self._last_answer = now
        self._next_probe = now
        self.is_healthy = False
        logger.info("started", part=self.part.name, pid=self._process.pid, restarts=self.restarts)

    def look(self, now: float) -> None:
        """Notice that the part ended, or ask whether it is well when it is time to."""
        if self._process is None:
            return
        status = self._process.poll()
        if status is not None:
            self._note_end(status, now)
        elif now >= self._next_probe:
            self._probe(now)

    def _note_end(self, status: int, now: float) -> None:
        self._process, self.is_healthy = None, False
        self._failures = 1 if now - self._born > STABLE_SECONDS else self._failures + 1
        wait = BACK_OFF_SECONDS[min(self._failures, len(BACK_OFF_SECONDS)) - 1]
        self._next_start = now + wait
        self.restarts += 1
        logger.warning("ended", part=self.part.name, status=status, next_try_seconds=wait, log=str(self._log_path))

    def _probe(self, now: float) -> None:
        if self.part.health_url is None or answers(self.part.health_url):
            self.has_returned |= self.restarts > 0 and not self.is_healthy
            self.is_healthy, self._last_answer = True, now
            self._computed = processor_seconds(self.pid)
        else:
            self._end_if_silent(now)
        self._next_probe = time.monotonic() + (PROBE_SECONDS if self.is_healthy else FIRST_PROBE_SECONDS)

    def _end_if_silent(self, now: float) -> None:
        """End a part that hangs. Before its first answer it is given longer, and while it computes."""
        silence = now - self._last_answer
        patience = SILENCE_SECONDS if self.is_healthy else FIRST_ANSWER_SECONDS
        if self._process is None or silence <= patience:
            return
        if silence <= BUSY_SILENCE_SECONDS and self._is_busy(silence):
            logger.warning("silent but busy", part=self.part.name, seconds=round(silence))
            return
        logger.error("silent, ending it", part=self.part.name, seconds=round(silence))
        self._process.kill()

    def _is_busy(self, silence: float) -> bool:
        return processor_seconds(self.pid) - self._computed > BUSY_SHARE * silence


def processor_seconds(pid: int | None) -> float:
    """Return what a process and its children have computed until now; 0 for one that is gone."""
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
        return float(sum(sum(process.cpu_times()[:2]) for process in family))
    except psutil.Error:
        return 0.0


def answers(url: str, timeout_seconds: float = 1.5) -> bool:
    """Say whether a health address answers with success."""
    try:
        return requests.get(url, timeout=timeout_seconds, proxies={"http": "", "https": ""}).ok
    except requests.RequestException:
        return False


def rotate(log_path: Path) -> None:
    """Put a large log aside as ``.1`` before it is written on."""
    if log_path.exists() and log_path.stat().st_size > MAX_LOG_BYTES:
        log_path.replace(log_path.with_suffix(".log.1"))
