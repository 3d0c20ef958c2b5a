"""Landlock: each rule is tried by a process that runs behind it."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from graders.engine import landlock

pytestmark = pytest.mark.skipif(landlock.abi_version() == 0, reason="this kernel has no Landlock")
needs_scopes = pytest.mark.skipif(landlock.abi_version() < 6, reason="signals are scoped from ABI 6 on")


def behind(code: str, *options: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "graders.engine.landlock", *map(str, options), "--", sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret" / "grades.txt"
    path.parent.mkdir()
    path.write_text("42")
    return path


def test_a_file_outside_the_rules_cannot_be_read(secret: Path) -> None:
    result = behind(f"open({str(secret)!r})")
    assert "PermissionError" in result.stderr


def test_a_file_inside_a_readable_folder_can_be_read(secret: Path) -> None:
    result = behind(f"print(open({str(secret)!r}).read())", "--read", secret.parent)
    assert result.stdout == "42\n", result.stderr


def test_a_readable_folder_cannot_be_written(secret: Path) -> None:
    result = behind(f"open({str(secret)!r}, 'w')", "--read", secret.parent)
    assert "PermissionError" in result.stderr
    assert secret.read_text() == "42"


def test_a_readable_folder_cannot_be_emptied(secret: Path) -> None:
    result = behind(f"import os; os.unlink({str(secret)!r})", "--read", secret.parent)
    assert "PermissionError" in result.stderr
    assert secret.exists()


def test_a_program_in_a_readable_folder_cannot_be_executed(secret: Path) -> None:
    secret.write_text("#!/bin/sh\necho ran\n")
    secret.chmod(0o755)
    code = f"import subprocess; print(subprocess.run([{str(secret)!r}]))"
    assert "PermissionError" in behind(code, "--read", secret.parent).stderr
    assert "ran" in behind(code, "--execute", secret.parent).stdout


def test_an_own_home_can_be_written_and_renamed_in(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    code = "import os; os.mkdir('d'); open('d/a', 'w').close(); os.rename('d/a', 'b'); print(os.listdir())"
    result = behind(f"import os; os.chdir({str(home)!r}); {code}", "--write", home)
    assert "'b'" in result.stdout, result.stderr


def test_other_homes_are_invisible(tmp_path: Path) -> None:
    for name in ("mine", "theirs"):
        (tmp_path / name).mkdir()
    result = behind(f"import os; os.listdir({str(tmp_path / 'theirs')!r})", "--write", tmp_path / "mine")
    assert "PermissionError" in result.stderr


def test_children_stay_behind_the_rules(secret: Path) -> None:
    result = behind(f"import subprocess; subprocess.run(['cat', {str(secret)!r}])")
    assert "Permission denied" in result.stderr


@needs_scopes
def test_a_process_outside_cannot_be_signalled() -> None:
    result = behind(f"import os; os.kill({os.getpid()}, 0)")
    assert "PermissionError" in result.stderr


@needs_scopes
def test_its_own_children_can_be_signalled() -> None:
    code = "import subprocess; p = subprocess.Popen(['sleep', '60']); p.kill(); print(p.wait())"
    assert behind(code).stdout.strip() == str(-signal.SIGKILL)


@pytest.mark.parametrize("name", ["environ", "mem", "maps"])
def test_another_process_of_the_same_ordinary_user_cannot_be_looked_into(name: str) -> None:
    # Root may look anyway (CAP_PERFMON): whoever starts this as root switches to an ordinary user as well.
    user = 65534 if os.geteuid() == 0 else os.geteuid()
    with subprocess.Popen(["sleep", "60"], user=user) as other:
        result = behind(f"import os; os.setuid({user}); open('/proc/{other.pid}/{name}', 'rb').read(1)")
        other.kill()
    assert "PermissionError" in result.stderr


@pytest.mark.skipif(landlock.abi_version() < 4, reason="TCP rules exist from ABI 4 on")
def test_tcp_ports_that_are_not_named_are_refused() -> None:
    code = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    assert "PermissionError" in behind(code, "--connect-tcp", "0").stderr
    assert "ConnectionRefusedError" in behind(code, "--connect-tcp", "9").stderr


def test_a_rule_for_a_missing_path_is_an_error_and_the_command_does_not_run(tmp_path: Path) -> None:
    result = behind("print('ran')", "--read", tmp_path / "nowhere")
    assert result.returncode != 0
    assert "ran" not in result.stdout


def test_a_process_with_a_second_thread_is_refused() -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        with pytest.raises(landlock.LandlockError, match="threads"):
            landlock.restrict_self(landlock.Rules())
    finally:
        done.set()
        thread.join()


def test_a_kernel_without_landlock_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "abi_version", lambda: 0)
    with pytest.raises(landlock.LandlockError, match="no Landlock"):
        landlock.restrict_self(landlock.Rules())


def test_no_command_is_a_usage_error() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "graders.engine.landlock"], capture_output=True, timeout=60, check=False
    )
    assert result.returncode == 2
