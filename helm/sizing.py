"""What a file of values asks the cluster for: ``python -m helm.sizing FILE...``, the table of docs/operations.md."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from helm.values_file import values_of
from helm.values_model import Values

_FACTORS = {"": 1, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def amount(text: str) -> float:
    """``"250m"`` -> 0.25, ``"4Gi"`` -> 4294967296.0; ValueError for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(m|k|M|G|Ki|Mi|Gi|Ti)?", text)
    if found is None:
        raise ValueError(f"not an amount: {text!r}")
    return float(found[1]) * _FACTORS[found[2] or ""]


@dataclass(frozen=True)
class Row:
    """Pods of one kind: how many at most, and what one of them reserves (cores, bytes)."""

    name: str
    pods: int
    cores: float
    memory: float

    @property
    def line(self) -> str:
        """A line of a table in Markdown, sums over all pods."""
        cores, memory = self.pods * self.cores, self.pods * self.memory / 2**30
        return f"| {self.name} | {self.pods} | {cores:g} | {memory:g} |"


def rows(values: Values) -> list[Row]:
    """Return what is reserved when everything that the values allow runs at the same time. The hub comes on top."""
    parts = {"portal": values.portal, "worker": values.worker, "jobs": values.jobs}
    ours = [
        Row(name, part.replicas, amount(part.cpu_request), amount(part.memory_request)) for name, part in parts.items()
    ]
    size, grading = values.grading.size, values.grading
    one = (amount(size.cpu_request), amount(size.memory_request))
    graders = [Row("grading, live", grading.replicas, *one)]
    graders += [Row("grading, Jobs", grading.most * values.worker.replicas, *one)] if grading.bulk else []
    seats = [
        Row(f"notebooks, {name}", pool.seats, pool.seat.cpu_guarantee, amount(pool.seat.memory_guarantee))
        for name, pool in values.notebooks.pools.items()
    ]
    return [*ours, *graders, *seats]


def main(files: list[str]) -> int:
    """Print a table for each file."""
    for file in files:
        sys.stdout.write(f"{Path(file).stem}\n| pods | at most | cores | memory, GiB |\n|---|---|---|---|\n")
        sys.stdout.writelines(f"{row.line}\n" for row in rows(values_of(Path(file))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
