"""Progress and cancelling of a job while it holds the one write transaction: by small files instead of rows.

SQLite has one writer. A job that changes thousands of rows as a whole could neither write its progress into the table
nor be cancelled there before it ends. Portal and jobs process share a folder on such a machine; the row is kept for
installations on PostgreSQL, where both may run elsewhere.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class JobSignals:
    """The files of one job under ``folder``."""

    folder: Path
    job_id: int

    @property
    def _progress(self) -> Path:
        return self.folder / f"job-{self.job_id}.progress"

    @property
    def _stop(self) -> Path:
        return self.folder / f"job-{self.job_id}.stop"

    def show(self, done: int, total: int) -> None:
        """Say how far the job is; whoever reads sees the old or the new word, never half of one."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, draft = tempfile.mkstemp(prefix=".job-", dir=self.folder)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump([done, total], file)
        Path(draft).replace(self._progress)

    def progress(self) -> tuple[int, int] | None:
        """Return (done, total); None while nothing was said."""
        try:
            done, total = json.loads(self._progress.read_text(encoding="ascii"))
            return int(done), int(total)
        except (OSError, ValueError, TypeError):
            return None

    def ask_to_stop(self) -> None:
        """Have the job stop at its next look; it leaves everything as it was."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._stop.touch(mode=0o600)

    def should_stop(self) -> bool:
        """Whether somebody asked it to stop."""
        return self._stop.exists()

    def forget(self) -> None:
        """Remove the files: the job has ended."""
        for path in (self._progress, self._stop):
            with suppress(OSError):
                path.unlink(missing_ok=True)
