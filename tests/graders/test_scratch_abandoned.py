"""Folders without a lock are removed only if no living process could own them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from graders.scratch import sweep_scratch
from graders.scratch_abandoned import abandoned_folders

HOUR = 3600
NAME = "axcampus-slot-26qp_fms"


def folder(parent: Path, name: str = NAME, *, age_seconds: float = 0) -> Path:
    """A scratch folder that was last written to so long ago."""
    made = parent / name
    (made / "inside").mkdir(parents=True)
    then = time.time() - age_seconds
    os.utime(made, (then, then))
    return made


def test_a_folder_older_than_every_python_process_is_swept(tmp_path):
    old = folder(tmp_path, age_seconds=400 * 24 * HOUR)
    assert sweep_scratch(tmp_path) == [old]
    assert not old.exists()


def test_a_folder_that_was_just_written_to_stays(tmp_path):
    folder(tmp_path)
    assert abandoned_folders(tmp_path) == []


def test_a_folder_stays_while_a_process_as_old_as_it_lives(tmp_path):
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", "print(flush=True); input()"], stdin=pipe, stdout=pipe) as owner:
        assert owner.stdout is not None
        owner.stdout.readline()  # its command line is empty for a moment
        proc = machine_with(tmp_path, owner.pid)
        made = folder(tmp_path / "tmp", age_seconds=2 * HOUR)
        assert abandoned_folders(tmp_path / "tmp", proc) == [made]  # this process started after it
        started_long_ago(proc, owner.pid)
        assert abandoned_folders(tmp_path / "tmp", proc) == []
        owner.kill()


def machine_with(tmp_path: Path, pid: int) -> Path:
    """A folder like /proc of a machine with just this process."""
    (tmp_path / "tmp").mkdir()
    proc = tmp_path / "proc"
    (proc / str(pid)).mkdir(parents=True)
    (proc / "stat").write_text(Path("/proc/stat").read_text())
    for name in ("cmdline", "stat"):
        (proc / str(pid) / name).write_bytes(Path(f"/proc/{pid}/{name}").read_bytes())
    return proc


def started_long_ago(proc: Path, pid: int) -> None:
    """Let the process have started with the machine, and the machine a day ago."""
    lines = (proc / "stat").read_text().splitlines()
    booted = f"btime {int(time.time()) - 24 * HOUR}"
    (proc / "stat").write_text("\n".join(booted if line.startswith("btime ") else line for line in lines))
    words = (proc / str(pid) / "stat").read_text().rpartition(")")
    facts = words[2].split()
    facts[19] = "1"
    (proc / str(pid) / "stat").write_text(f"{words[0]}) {' '.join(facts)}")


def test_where_no_process_can_be_looked_at_everything_stays(tmp_path):
    folder(tmp_path, age_seconds=400 * 24 * HOUR)
    assert abandoned_folders(tmp_path, tmp_path / "no such folder") == []


@pytest.mark.parametrize(
    "name", ["axcampus-home", "axcampus-slot-mine", "axcampus-slot-26qp_fms.locked", "other-26qp_fms"]
)
def test_folders_of_other_names_stay(tmp_path, name):
    folder(tmp_path, name, age_seconds=400 * 24 * HOUR)
    assert abandoned_folders(tmp_path) == []


def test_a_link_stays(tmp_path):
    target = folder(tmp_path, "kept", age_seconds=400 * 24 * HOUR)
    (tmp_path / NAME).symlink_to(target)
    assert abandoned_folders(tmp_path) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_another_users_folder_stays(tmp_path):
    os.chown(folder(tmp_path, age_seconds=400 * 24 * HOUR), 65534, 65534)
    assert abandoned_folders(tmp_path) == []
