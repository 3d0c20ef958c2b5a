from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.errors import StartError
from hub.preflight import check_folders, check_port, check_python, notices
from hub.settings import Settings, ensure_folders


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"{port}번 포트\(portal\)(.|\n)*Port {port} \(portal\)") as caught:
            check_port("127.0.0.1", port, "portal")
    assert "AXCAMPUS_PORT=" in caught.value.ko
    assert "AXCAMPUS_PORT=" in caught.value.en


def test_a_free_port_is_fine(four_ports: int) -> None:
    check_port("127.0.0.1", four_ports, "portal")


def test_a_home_that_can_not_be_written_is_named_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match="AXCAMPUS_HOME"):
        check_folders(Settings(home=tmp_path / "file" / "var"))


def test_an_old_python_is_refused() -> None:
    with pytest.raises(StartError, match=r"Python 3\.10 is too old"):
        check_python((3, 10))


def test_running_as_root_says_what_that_means() -> None:
    texts = [notice.en for notice in notices()]
    assert any("Running as root" in text for text in texts) == (os.geteuid() == 0)


ORDINARY = 1001
#: What `axcampus run` does first, as a user who owns the folder but may not write something in it.
CHECK = "import sys; from hub.commands.run import run; run.main([])"


def run_as_ordinary_user(home: Path, port: int) -> subprocess.CompletedProcess[str]:
    """Start the platform as a user for whom modes count; root hands the folder over first."""
    drop = ("setpriv", f"--reuid={ORDINARY}", f"--regid={ORDINARY}", "--clear-groups") if os.geteuid() == 0 else ()
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [*drop, sys.executable, "-c", CHECK],
        env={**environment, "AXCAMPUS_HOME": str(home), "AXCAMPUS_PORT": str(port)},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture
def used_home(open_tmp: Path) -> Iterator[Path]:
    """A home with a database in it, of an ordinary user."""
    home = open_tmp / "var"
    ensure_folders(Settings(home=home))
    (home / "axcampus.db").write_bytes(b"what students handed in")
    if os.geteuid() == 0:
        for path in (home, *home.rglob("*")):
            os.chown(path, ORDINARY, ORDINARY)
    yield home
    for path in (home, home / "axcampus.db"):
        path.chmod(0o700)


@pytest.mark.parametrize(("what", "mode"), [("", 0o500), ("axcampus.db", 0o400), ("log", 0o500)])
def test_a_data_folder_that_is_read_only_to_an_ordinary_user_is_named_and_left_as_it_is(
    used_home: Path, four_ports: int, what: str, mode: int
) -> None:
    (used_home / what).chmod(mode)
    ended = run_as_ordinary_user(used_home, four_ports)
    (used_home / what).chmod(0o700)
    assert ended.returncode == 1
    assert "쓸 수 없습니다" in ended.stderr
    assert "can't be written" in ended.stderr
    assert str(used_home / what) in ended.stderr
    assert "Traceback" not in ended.stderr
    assert (used_home / "axcampus.db").read_bytes() == b"what students handed in"
