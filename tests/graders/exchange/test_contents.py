from __future__ import annotations

import asyncio
import errno
import json
from pathlib import Path

import pytest
from jupyter_server.serverapp import ServerApp
from tornado import web

from graders.exchange.contents import CampusContents, is_out_of_room

CONFIG = Path(__file__).parents[3] / "graders" / "exchange" / "config" / "jupyter_server_config.d" / "axcampus.json"


def save(folder: Path, name: str) -> None:
    contents = CampusContents(root_dir=str(folder), use_atomic_writing=False)
    asyncio.run(contents.save({"type": "file", "format": "text", "content": "words"}, name))


def test_a_full_disk_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "full.txt").symlink_to("/dev/full")
    with pytest.raises(web.HTTPError, match="home folder is full") as caught:
        save(tmp_path, "full.txt")
    assert caught.value.status_code == 507
    assert "홈 폴더가 가득" in str(caught.value.log_message)


def test_other_errors_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(web.HTTPError) as caught:
        save(tmp_path, "no-such-folder/x.txt")
    assert caught.value.status_code != 507


def test_what_fits_is_saved(tmp_path: Path) -> None:
    save(tmp_path, "x.txt")
    assert (tmp_path / "x.txt").read_text() == "words"


def test_a_quota_counts_as_a_full_disk_and_a_missing_file_does_not() -> None:
    assert is_out_of_room(OSError(errno.EDQUOT, "quota"))
    assert not is_out_of_room(FileNotFoundError(errno.ENOENT, "x"))
    assert not is_out_of_room(None)


def test_the_server_is_told_to_use_it() -> None:
    name = json.loads(CONFIG.read_text())["ServerApp"]["contents_manager_class"]
    assert ServerApp(contents_manager_class=name).contents_manager_class is CampusContents
