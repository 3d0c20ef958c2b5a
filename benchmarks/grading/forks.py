"""CPU time of a fork of a warm process, before and after its memory is on huge pages: a table of two rows.

``python -m benchmarks.grading.forks [MODULE...]``: CPU time of fork, one small cell's work and exit, so that a busy
machine changes it less than wall time.
"""

from __future__ import annotations

import gc
import importlib
import os
import resource
import statistics
import subprocess
import sys

from graders.engine import student_shell
from graders.engine.huge_pages import collapse_heap
from graders.engine.student_shell import StudentShell
from graders.engine.zygote_environment import student_environment

_ROUNDS = 30


def main() -> None:
    """Start again in the environment of warm processes, measure there."""
    if sys.argv[1:2] == ["--inside"]:
        measure(sys.argv[2:])
        return
    command = [sys.executable, "-m", "benchmarks.grading.forks", "--inside", *sys.argv[1:]]
    subprocess.run(command, env=student_environment(), check=True)


def measure(modules: list[str]) -> None:
    """Warm up as the student's warm process does, then fork on small and on huge pages."""
    for name in modules:
        importlib.import_module(name)
    student_shell.rehearse(student_shell.make_shell())
    gc.collect()
    gc.freeze()
    before = statistics.median(_fork_seconds() for _ in range(_ROUNDS))
    moved = collapse_heap()
    after = statistics.median(_fork_seconds() for _ in range(_ROUNDS))
    print(f"small pages {1000 * before:.1f} ms   huge pages {1000 * after:.1f} ms   ({moved / 2**20:.0f} MB moved)")


def _fork_seconds() -> float:
    start = _cpu()
    child = os.fork()
    if child == 0:
        student_shell.run_source(StudentShell.instance(), "sum(range(10))")
        os._exit(0)
    os.waitpid(child, 0)
    return _cpu() - start


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


if __name__ == "__main__":
    main()
