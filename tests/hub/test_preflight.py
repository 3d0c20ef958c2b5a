from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from hub.errors import StartError
from hub.preflight import check_folders, check_port, check_python, notices
from hub.settings import Settings


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
