import os

from graders.engine.file_marks import is_same, mark_of


def test_two_writes_within_one_step_of_the_clock_are_told_apart(tmp_path):
    path = tmp_path / "a"
    path.write_text("1")
    first = mark_of(path)
    path.write_text("2")
    os.utime(path, ns=(first.modified, first.modified))
    assert not is_same(first, mark_of(path, first))


def test_an_old_file_is_known_by_time_and_size(tmp_path):
    path = tmp_path / "a"
    path.write_text("1")
    os.utime(path, (1, 1))
    assert mark_of(path).digest is None
    assert is_same(mark_of(path), mark_of(path))


def test_a_link_and_a_folder_have_no_mark(tmp_path):
    (tmp_path / "link").symlink_to("/etc/passwd")
    assert mark_of(tmp_path / "link") is None
    assert mark_of(tmp_path) is None
