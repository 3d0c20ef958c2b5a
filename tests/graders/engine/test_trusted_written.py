"""What a test writes reaches the student's side only where something that the student knows names it."""

import ast
import os

import pytest

from graders.engine import trusted_written
from graders.engine.trusted_written import COPIES_LIST, UnsentFileError, WrittenFiles, may_write


@pytest.fixture
def written(tmp_path):
    (tmp_path / "data.csv").write_text("instructor")
    return WrittenFiles(str(tmp_path))


@pytest.mark.parametrize("text", ["n.txt", "./n.txt", "n", ".", "*.txt"])
def test_a_file_crosses_when_an_argument_names_it(written, tmp_path, text):
    (tmp_path / "n.txt").write_text("1")
    written.learn_texts([{"path": [text]}])
    assert written.collect() == {"n.txt": b"1"}


def test_its_full_path_names_it_too(written, tmp_path):
    (tmp_path / "n.txt").write_text("1")
    written.learn_texts([tmp_path / "n.txt"])
    assert written.collect() == {"n.txt": b"1"}


@pytest.mark.parametrize("text", ["", "other.txt", "n.csv", "xn.txt", "/n.txt"])
def test_what_nothing_names_stays(written, tmp_path, text):
    (tmp_path / "n.txt").write_text("expected answers")
    written.learn_texts([f"{text}x", 5, None])
    assert written.collect() == {}


def test_it_crosses_once_and_again_when_it_changes(written, tmp_path):
    written.learn_texts(["n.txt"])
    (tmp_path / "n.txt").write_text("12")
    assert written.collect() == {"n.txt": b"12"}
    assert written.collect() == {}
    (tmp_path / "n.txt").write_text("34")  # the same size, within one step of the file system's clock
    assert written.collect() == {"n.txt": b"34"}


def test_a_folder_and_what_lies_in_it_cross(written, tmp_path):
    (tmp_path / "d/e").mkdir(parents=True)
    (tmp_path / "d/e/a.txt").write_text("1")
    written.learn_texts(["d"])
    assert written.collect() == {"d": True, "d/e": True, "d/e/a.txt": b"1"}


def test_a_file_that_the_test_removes_is_removed_there(written, tmp_path):
    (tmp_path / "data.csv").unlink()
    assert written.collect() == {"data.csv": None}
    assert written.collect() == {}


def test_links_are_neither_followed_nor_sent(written, tmp_path):
    (tmp_path / "link.txt").symlink_to("/etc/passwd")
    (tmp_path / "folder").symlink_to("/etc")
    written.learn_texts(["."])
    assert written.collect() == {}


def test_a_pipe_is_not_read(written, tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    written.learn_texts(["."])
    assert written.collect() == {}


def test_a_copy_of_a_students_file_is_not_sent_back(written, tmp_path):
    (tmp_path / "out.csv").write_text("student")
    written.note_copy("out.csv")
    written.learn_texts(["."])
    assert written.collect() == {}


def test_copies_left_by_an_earlier_process_are_removed_and_not_the_instructors(tmp_path):
    (tmp_path / "out.csv").write_text("student")
    (tmp_path / COPIES_LIST).write_text("out.csv\n")
    assert not WrittenFiles(str(tmp_path)).is_instructors("out.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("limit", "value"), [("_FILES_MAX", 2), ("_BYTES_MAX", 2)])
def test_more_than_crosses_is_an_error_of_the_test(written, tmp_path, monkeypatch, limit, value):
    monkeypatch.setattr(trusted_written, limit, value)
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.txt").write_text("x")
    written.learn_texts(["."])
    with pytest.raises(UnsentFileError):
        written.collect()


@pytest.mark.parametrize(
    "source",
    [
        "open('x')",
        "Path('x').touch()",
        "df.to_csv('x')",
        "get_ipython().run_cell_magic()",
        "zipfile.ZipFile('x', 'w')",
        "model.save_weights('x')",
    ],
)
def test_source_that_may_write_is_recognised(source):
    assert may_write(ast.walk(ast.parse(source)))


def test_plain_asserts_do_not_write():
    assert not may_write(ast.walk(ast.parse("assert f(2) == 4 and f.name.strip() == 'a'")))
