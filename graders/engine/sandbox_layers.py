"""The table of sandbox layers in docs/sandbox.md, tried on this machine: ``python -m graders.engine.sandbox_layers``.

Each column is a pair of real processes, the student's and the one of the tests, started as that kind of user.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from graders.contract import Limits
from graders.engine import sandbox, seccomp, trusted_cage
from graders.engine.student import StudentProcess, StudentSettings
from graders.engine.trusted import TrustedZygote
from graders.engine.trusted_model import TrustedNotebook
from graders.engine.zygote import Zygote
from graders.files import FileSet
from graders.grade_folders import make_folders

#: Layer, without the kernel's version -> what it stops.
LAYERS = {
    "no_new_privs": "set-uid programs give nothing",
    "landlock-files": "files other than the system, Python, the own folders",
    "landlock-tcp": "TCP in and out (ABI 4)",
    "landlock-signals": "signals and abstract sockets to the outside (ABI 6)",
    "seccomp": "every new socket, ptrace, mounts, keys, namespaces, bpf, io_uring, SysV memory, memfd, newer calls",
    "seccomp-no-programs": "executing any program: always for tests, for students where `!commands` are forbidden",
    "rlimits": "memory, CPU time, file size, open files, core dumps (and processes, where counted apart)",
    "cgroup-memory": "memory of all processes together, counted by the kernel, scratch files included",
    "cgroup-pids": "more processes and threads than allowed, counted by the kernel",
    "namespace-pid": "seeing or reaching other processes; nothing outlives pid 1",
    "own-proc": "the machine's own /proc",
    "namespace-mount": "the rest of the file tree is absent; system read-only; own `/tmp`, `/dev/shm` with a quota",
    "namespace-net": "the machine's network",
    "namespace-ipc": "the machine's queues and shared memory",
    "namespace-uts": "the machine's name",
    "namespace-user": "nobody else to become",
    "own-uid": "files and processes of the grader's own user",
    "no-capabilities": "what root may do, also in programs started later",
}

_ORDINARY_USER = "1001"
Found = dict[str, list[str]]


def plain_name(layer: str) -> str:
    """``landlock-files-abi7`` -> ``landlock-files``."""
    return re.sub(r"-abi\d+$", "", layer)


def find_layers() -> Found:
    """Start one process of each kind here and ask which layers are on."""
    with make_folders(FileSet({}), FileSet({}), 0) as folders:
        settings = StudentSettings(folders.work, Limits(), 0, folders.home, folders.user)
        with Zygote() as zygote, StudentProcess(zygote, settings) as student:
            of_student = list(student.layers)
        book = TrustedNotebook(name="", cells=(), folder=str(folders.trusted))
        with TrustedZygote() as tests, tests.start(book) as process:
            of_tests = [layer.removeprefix(trusted_cage.PREFIX) for layer in process.layers]
    return {"student": of_student, "tests": of_tests}


def make_table(columns: Mapping[str, Found]) -> str:
    """Return the Markdown table: S where the student's process has a layer, T where that of the tests has it."""
    head = ["layer", "what it stops", "required", *columns]
    lines = [_row(head), _row(["---"] * len(head))]
    for name, what in LAYERS.items():
        required = "yes" if name in sandbox.REQUIRED_ON_LINUX else ""
        lines.append(_row([f"`{name}`", what, required, *(_marks(found, name) for found in columns.values())]))
    return "\n".join(lines) + "\n"


def _marks(found: Found, name: str) -> str:
    marks = {"student": "S", "tests": "T"}
    return " ".join(mark for kind, mark in marks.items() if name in map(plain_name, found[kind]))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _columns() -> dict[str, Found]:
    if os.geteuid() != 0:
        return {"this user": find_layers(), "this user, no namespaces": _ask((), is_closed=True)}
    columns = {"root": find_layers(), "root, no namespaces": _ask((), is_closed=True)}
    as_other = ("setpriv", "--reuid", _ORDINARY_USER, "--regid", _ORDINARY_USER, "--clear-groups")
    try:
        columns["ordinary user"] = _ask(as_other)
        columns["ordinary user, no namespaces (as in a pod)"] = _ask(as_other, is_closed=True)
    except subprocess.CalledProcessError:
        sys.stderr.write(f"no columns for an ordinary user, to whom {sys.executable} may be closed\n")
    return columns


def _ask(before: Sequence[str], *, is_closed: bool = False) -> Found:
    """The layers of another kind of user; ``is_closed``: behind a filter that refuses namespaces."""
    option = "--closed" if is_closed else "--json"
    command = [*before, sys.executable, "-m", "graders.engine.sandbox_layers", option]
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o777)
        environment = {**os.environ, "TMPDIR": scratch, "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: Found = json.loads(done.stdout)
    return found


def main() -> None:
    """Print the table; with ``--json`` the layers of this very user, ``--closed``: without namespaces."""
    if "--closed" in sys.argv:
        seccomp.restrict_self(allow_programs=True)
    if {"--closed", "--json"} & set(sys.argv):
        sys.stdout.write(json.dumps(find_layers()))
        return
    sys.stdout.write(make_table(_columns()))


if __name__ == "__main__":
    main()
