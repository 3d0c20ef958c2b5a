from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from graders.engine.landlock import abi_version
from hub.launch import EXIT_NO_ACCESS, Plan, closed_folders, load_plan

needs_landlock = pytest.mark.skipif(abi_version() == 0, reason="this kernel has no Landlock")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change its user id")
SYSTEM = ("/usr", "/bin", "/lib", *(["/lib64"] if Path("/lib64").exists() else []))
USER_ID = 54_321


def make_plan(home: Path, user_id: int | None = None, execute: tuple[str, ...] = ()) -> Plan:
    home.mkdir(mode=0o700)
    if user_id is not None:
        os.chown(home, user_id, user_id)
    return Plan(
        home=str(home),
        temporary=str(home / ".cache" / "tmp"),
        user_id=user_id,
        read=("/etc", "/proc"),
        execute=(*SYSTEM, *execute),
        write=(str(home), "/dev/null"),
    )


def launch(plan: Plan, *command: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-I", "-m", "hub.launch", plan.to_json(), "--", *command]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)


def test_a_plan_survives_the_command_line(open_tmp: Path) -> None:
    plan = make_plan(open_tmp / "home", 20_001)
    assert load_plan(plan.to_json()) == plan


@needs_landlock
def test_a_server_reads_its_home_and_neither_the_database_nor_another_home(open_tmp: Path) -> None:
    plan = make_plan(open_tmp / "kim")
    for name in ("axcampus.db", "lee"):
        (open_tmp / name).write_text("secret")
    done = launch(plan, "/bin/sh", "-c", f"echo mine > own; cat own; cat {open_tmp}/axcampus.db; cat {open_tmp}/lee")
    assert done.stdout == "mine\n"
    assert done.stderr.count("Permission denied") == 2


@needs_landlock
def test_a_server_can_not_list_the_folder_of_homes(open_tmp: Path) -> None:
    done = launch(make_plan(open_tmp / "kim"), "/bin/ls", str(open_tmp))
    assert done.returncode != 0
    assert "kim" not in done.stdout


@needs_landlock
def test_a_server_can_not_signal_processes_outside(open_tmp: Path) -> None:
    with subprocess.Popen(["sleep", "30"]) as outside:
        done = launch(make_plan(open_tmp / "kim"), "/bin/sh", "-c", f"kill {outside.pid}")
        alive = outside.poll() is None
        outside.kill()
    assert done.returncode != 0
    assert alive


@needs_root
def test_under_root_the_server_is_a_user_of_its_own_without_any_capability(open_tmp: Path) -> None:
    done = launch(make_plan(open_tmp / "kim", USER_ID), "/bin/sh", "-c", "id -u; id -G; grep CapEff /proc/self/status")
    assert done.stdout.split() == [str(USER_ID), str(USER_ID), "CapEff:", "0000000000000000"]


@needs_root
def test_under_root_a_person_can_not_start_processes_without_end(open_tmp: Path) -> None:
    done = launch(make_plan(open_tmp / "kim", USER_ID), "/bin/bash", "-c", "ulimit -u; ulimit -c")
    assert done.stdout.split() == ["2048", "0"]


@needs_landlock
def test_no_server_can_gain_privileges(open_tmp: Path) -> None:
    done = launch(make_plan(open_tmp / "kim"), "/bin/grep", "NoNewPrivs", "/proc/self/status")
    assert done.stdout.split() == ["NoNewPrivs:", "1"]


@needs_root
def test_under_root_the_environment_of_the_hub_can_not_be_read(open_tmp: Path) -> None:
    done = launch(make_plan(open_tmp / "kim", USER_ID), "/bin/cat", f"/proc/{os.getpid()}/environ")
    assert done.stdout == ""
    assert "Permission denied" in done.stderr


@needs_root
def test_a_program_in_a_folder_closed_to_others_is_reached_through_a_passage(open_tmp: Path) -> None:
    closed = open_tmp / "closed"
    (closed / "python").mkdir(parents=True)
    (closed / "secret").write_text("secret")
    program = closed / "python" / "hello"
    program.write_text("#!/bin/sh\necho hello; ls " + str(closed))
    program.chmod(0o755)
    closed.chmod(0o700)
    plan = make_plan(open_tmp / "kim", USER_ID, execute=(str(closed / "python"),))
    done = launch(plan, str(program))
    assert done.stdout.splitlines()[0] == "hello"
    assert "secret" not in done.stdout
    assert closed.stat().st_mode & 0o777 == 0o700


@needs_root
def test_a_program_that_the_user_may_not_run_has_its_own_exit_status(open_tmp: Path) -> None:
    program = open_tmp / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    done = launch(make_plan(open_tmp / "kim", USER_ID), str(program))
    assert done.returncode == EXIT_NO_ACCESS
    assert f"user {USER_ID} may not run" in done.stderr


def test_code_in_the_home_is_not_run_by_the_launcher(open_tmp: Path) -> None:
    plan = make_plan(open_tmp / "kim")
    (open_tmp / "kim" / "json.py").write_text("raise SystemExit('hijacked')")
    argv = [sys.executable, "-I", "-m", "hub.launch", plan.to_json(), "--", "/bin/echo", "fine"]
    done = subprocess.run(argv, cwd=plan.home, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "fine\n"


def test_closed_folders_are_named_by_the_topmost_one(open_tmp: Path) -> None:
    inner = open_tmp / "closed" / "inner"
    inner.mkdir(parents=True)
    (open_tmp / "closed").chmod(0o700)
    assert closed_folders([inner, open_tmp]) == {(open_tmp / "closed").resolve(): [inner.resolve()]}


#: What a course imports, and more memory than the plan allows: the interpreter must survive to say so.
GREEDY = """
import numpy as np, pandas as pd, pyarrow, scipy.linalg, matplotlib.pyplot
print(float((np.ones((400, 400)) @ np.ones((400, 400))).sum()))
try:
    np.ones(3 * 2**30, dtype=np.uint8)
except MemoryError as error:
    print("refused:", error)
print(len(pd.DataFrame({"a": range(1000)})))
"""


def test_a_notebook_that_asks_for_too_much_memory_hears_it_and_lives_on(open_tmp: Path) -> None:
    executables = (sys.prefix, sys.base_prefix)
    plan = replace(make_plan(open_tmp / "kim", execute=executables), memory_bytes=2 * 2**30)
    done = launch(plan, sys.executable, "-c", GREEDY)
    assert done.returncode == 0, done.stderr
    total, refused, length = done.stdout.splitlines()
    assert (total, length) == ("64000000.0", "1000")
    assert refused.startswith("refused: Unable to allocate 3.00 GiB")


def test_without_a_limit_memory_is_the_machines(open_tmp: Path) -> None:
    done = launch(make_plan(open_tmp / "kim"), "/bin/sh", "-c", "ulimit -d")
    assert done.stdout == "unlimited\n"
