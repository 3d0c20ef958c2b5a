"""Keeps the finished rows of a calibration on disk, so that one that was cut off goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

Row = TypeVar("Row", bound=BaseModel)


@dataclass(frozen=True)
class Journal(Generic[Row]):
    """One line of JSON a row in ``path``; rows measured on another ``origin`` (digest of the sources) don't count."""

    path: Path
    origin: str
    model: type[Row]

    def rows(self) -> list[Row]:
        """Return the rows of this origin; a line that a killed process left unfinished is passed over."""
        if not self.path.is_file():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines()
        return [row for row in map(self._row, lines) if row is not None]

    def _row(self, line: str) -> Row | None:
        try:
            entry = json.loads(line)
            return self.model.model_validate(entry["row"]) if entry["origin"] == self.origin else None
        except (ValueError, KeyError, TypeError, ValidationError):
            return None

    def add(self, rows: Iterable[Row]) -> None:
        """Append rows, each on a line of its own even after an unfinished one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            for row in rows:
                entry = {"origin": self.origin, "row": row.model_dump(mode="json")}
                file.write("\n" + json.dumps(entry, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Remove the file: the calibration is complete."""
        self.path.unlink(missing_ok=True)
