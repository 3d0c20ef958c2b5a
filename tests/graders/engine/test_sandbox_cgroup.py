"""Control groups in a real sandbox where this machine grants them, and why not where it does not."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from graders.engine import facilities, sandbox_cgroup
from graders.engine.sandbox_cgroup import Group, make_group

from .conftest import StartStudent

HERE = make_group(2**30, 50)
HERE.remove()
granted = pytest.mark.skipif(not HERE.layers, reason=f"control groups are refused: {'; '.join(HERE.refusals)}")


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine of files: ``version`` 1 or 2 with one group of its own."""

    def make(version: int, *, controllers: str = "memory pids") -> Path:
        (tmp_path / "proc/self").mkdir(parents=True)
        monkeypatch.setattr(facilities, "PROC", tmp_path / "proc")
        monkeypatch.setattr(sandbox_cgroup, "_ROOT", tmp_path / "groups")
        lines = "4:memory:/own\n3:pids:/own\n0::/\n" if version == 1 else "0::/own\n"
        (tmp_path / "proc/self/cgroup").write_text(lines)
        for name in ("memory/own", "pids/own") if version == 1 else ("own",):
            (tmp_path / "groups" / name).mkdir(parents=True)
        if version == 2:
            (tmp_path / "groups/cgroup.controllers").write_text(controllers)
        return tmp_path / "groups"

    return make


def limits(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.rglob("*") if path.is_file() and "axcampus" in str(path)}


def test_version_1_has_a_folder_for_each_controller(machine):
    root = machine(1)
    group = make_group(2**30, 50)
    assert group.layers == ("cgroup-memory", "cgroup-pids")
    assert limits(root) == {"memory.limit_in_bytes": str(2**30 + 256 * 2**20), "pids.max": "50"}


def test_version_2_has_one_folder(machine):
    root = machine(2)
    group = make_group(2**30, 50)
    assert len(group.folders) == 1
    assert limits(root) == {"memory.max": str(2**30 + 256 * 2**20), "pids.max": "50"}


def test_a_machine_without_the_controllers_says_so(machine):
    machine(2, controllers="hugetlb")
    group = make_group(2**30, 50)
    assert (group.folders, group.layers) == ((), ())
    assert group.refusals[0] == "memory: no controller memory on this machine"


def test_groups_of_killed_keepers_are_swept(machine):
    root = machine(2)
    (root / "own/axcampus-99999999").mkdir()
    make_group(2**30, 50)
    assert not (root / "own/axcampus-99999999").exists()


@pytest.mark.parametrize(
    ("text", "found"), [("oom_kill_disable 0\noom_kill 1\n", True), ("oom_kill 0\n", False), ("", False)]
)
def test_a_kill_for_memory_is_read_from_the_kernels_count(tmp_path, text, found):
    (tmp_path / "memory.events").write_text(text)
    assert Group((tmp_path,)).ran_out_of_memory() is found


@granted
def test_the_layers_are_named_and_the_group_goes_with_the_sandbox(start_student: StartStudent) -> None:
    student = start_student()
    assert set(HERE.layers) <= set(student.layers)
    before = {path for folder in HERE.folders for path in folder.parent.glob("axcampus-*")}
    student.close()
    deadline = time.monotonic() + 5
    while before & {path for folder in HERE.folders for path in folder.parent.glob("axcampus-*")} == before:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ended(group: Group, act: str) -> int:
    """Exit code (negative: signal) of a process in the group that does ``act``."""
    joining = f"open({str(group.folders[0])!r} + '/cgroup.procs', 'w').write('0')"
    others = [f"open({str(folder)!r} + '/cgroup.procs', 'w').write('0')" for folder in group.folders[1:]]
    return subprocess.run([sys.executable, "-S", "-c", "\n".join([joining, *others, act])], check=False).returncode


@granted
def test_the_kernel_ends_what_takes_too_much_memory() -> None:
    if "cgroup-memory" not in HERE.layers:
        pytest.skip("no memory controller")
    group = make_group(16 * 2**20, 50)
    try:
        assert ended(group, "x = bytearray(20 * 2**20)") == 0
        assert not group.ran_out_of_memory()
        assert ended(group, "x = b'x' * (600 * 2**20)") == -signal.SIGKILL
        assert group.ran_out_of_memory()
    finally:
        group.remove()
    assert not any(folder.exists() for folder in group.folders)


@granted
def test_the_kernel_starts_no_process_too_many() -> None:
    if "cgroup-pids" not in HERE.layers:
        pytest.skip("no pids controller")
    group = make_group(2**30, 3)
    fork = "        if os.fork() == 0: os.read(0, 1); os._exit(0)"
    forking = f"import os\ntry:\n    while True:\n{fork}\nexcept BlockingIOError: pass"
    counted = f"{forking}\nn = len(open({str(group.folders[-1])!r} + '/cgroup.procs').read().split())\nos._exit(n)"
    try:
        assert ended(group, f"import os\nr, w = os.pipe()\nos.dup2(r, 0)\n{counted}") == 3
    finally:
        for process in (group.folders[-1] / "cgroup.procs").read_text().split():
            os.kill(int(process), signal.SIGKILL)
        wait_until_empty(group)
        group.remove()


def wait_until_empty(group: Group) -> None:
    while any((folder / "cgroup.procs").read_text() for folder in group.folders):
        time.sleep(0.01)
