"""The limit: only the cells, in a warm process, without a sandbox. Run as a script it prints seconds a submission."""

from __future__ import annotations

import sys
import time

from benchmarks.grading.workloads import WORKLOADS
from graders.engine import student_shell
from graders.engine.outputs_capture import Capture
from graders.engine.student_shell import StudentShell
from graders.engine.zygote_main import warm_up


def main() -> None:
    """Run one workload's cells as often as asked and print the mean seconds."""
    name, count, *modules = sys.argv[1:]
    workload = next(each for each in WORKLOADS if each.name == name)
    warm_up(modules)
    shell = StudentShell.instance()
    real_output = sys.stdout
    student_shell.attach_streams(shell, Capture(1_000_000))
    began = time.monotonic()
    for _ in range(int(count)):
        for source in workload.plain_codes():
            shell.capture.begin()
            error = student_shell.run_source(shell, source, "cell")
            if error is not None:
                raise error
        shell.reset(new_session=True)  # type: ignore[no-untyped-call]
    print((time.monotonic() - began) / int(count), file=real_output)


if __name__ == "__main__":
    main()
