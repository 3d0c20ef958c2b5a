"""Reading a folder for upload and writing downloaded files: nothing outside, nothing lost."""

import os
import socket
from pathlib import Path

import pytest

from graders.exchange.errors import RefusedHereError
from graders.exchange.folder import UploadLimits, inside, read_folder, replace_file, write_missing


def test_regular_files_are_read_and_junk_is_left_out(tmp_path: Path):
    for name in ("a.ipynb", "data/x.csv", ".ipynb_checkpoints/a.ipynb", "__pycache__/m.pyc", ".axcampus.json", "a~"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"1")
    assert sorted(read_folder(tmp_path).files) == ["a.ipynb", "data/x.csv"]


def test_links_are_not_followed_and_are_named(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("do not send")
    work = tmp_path / "work"
    work.mkdir()
    (work / "file").symlink_to(secret / "key")
    (work / "folder").symlink_to(secret)
    contents = read_folder(work)
    assert contents.files == {}
    assert sorted(note.en.split("'")[1] for note in contents.notes) == ["file", "folder"]


def test_pipes_and_sockets_are_left_out_without_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)  # the path of a socket is limited to about 100 characters
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        contents = read_folder(tmp_path)
    assert contents.files == {}
    assert len(contents.notes) == 2


@pytest.mark.parametrize(
    ("sizes", "limits", "code"),
    [
        ({"a.ipynb": 11}, UploadLimits(notebook_bytes=10), "file_too_large"),
        ({"a.csv": 6, "b.csv": 6}, UploadLimits(total_bytes=10), "too_large"),
        ({"a.ipynb": 8, "b.ipynb": 8}, UploadLimits(notebook_bytes=10, total_bytes=10), "too_large"),
        ({"a": 1, "b": 1, "c": 1}, UploadLimits(files=2), "too_many_files"),
    ],
)
def test_limits_refuse_with_a_reason(tmp_path: Path, sizes: dict[str, int], limits: UploadLimits, code: str):
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(b"x" * size)
    with pytest.raises(RefusedHereError) as caught:
        read_folder(tmp_path, limits=limits)
    assert caught.value.code == code
    assert "파일은 그대로" in caught.value.words.ko


def test_exactly_the_limit_is_accepted(tmp_path: Path):
    (tmp_path / "a.ipynb").write_bytes(b"x" * 10)
    limits = UploadLimits(notebook_bytes=10, total_bytes=10, files=1)
    assert len(read_folder(tmp_path, limits=limits).files["a.ipynb"]) == 10


def test_an_existing_file_is_never_overwritten(tmp_path: Path):
    (tmp_path / "a.ipynb").write_text("my work")
    written, kept = write_missing(tmp_path, {"a.ipynb": b"original", "b/c.csv": b"1"})
    assert (written, kept) == (["b/c.csv"], ["a.ipynb"])
    assert (tmp_path / "a.ipynb").read_text() == "my work"


def test_a_link_in_the_way_is_not_written_through(tmp_path: Path):
    outside = tmp_path / "outside"
    work = tmp_path / "work"
    work.mkdir()
    (work / "a.ipynb").symlink_to(outside)
    write_missing(work, {"a.ipynb": b"1"})
    assert not outside.exists()


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", "", "a\\..\\x", "a\0b"])
def test_paths_that_leave_the_folder_are_refused(tmp_path: Path, path: str):
    with pytest.raises(RefusedHereError):
        inside(tmp_path, path)


def test_a_linked_folder_on_the_way_is_refused(tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RefusedHereError):
        write_missing(tmp_path / "work", {"data/x.csv": b"1"})
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_replacing_leaves_no_draft_behind(tmp_path: Path):
    replace_file(tmp_path / "f", b"1")
    replace_file(tmp_path / "f", b"2")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("f", b"2")]
