import pytest

from graders.engine.agent_files import SharedFiles


@pytest.fixture
def shared(tmp_path):
    return SharedFiles(str(tmp_path))


def test_a_file_of_the_test_is_written_with_its_folders(shared, tmp_path):
    shared.write("d/e/a.txt", b"1")
    assert (tmp_path / "d/e/a.txt").read_bytes() == b"1"


def test_a_folder_of_the_test_is_made_and_removed(shared, tmp_path):
    shared.write("d", True)
    assert (tmp_path / "d").is_dir()
    shared.write("d", None)
    assert not (tmp_path / "d").exists()


def test_removing_a_link_leaves_what_it_names(shared, tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    shared.write("link", None)
    assert (tmp_path / "kept").is_dir()
    assert not (tmp_path / "link").is_symlink()


def test_what_the_test_wrote_is_reported_only_after_a_change(shared, tmp_path):
    shared.write("a.txt", b"1")
    assert shared.changes(["a.txt"]) == {}
    (tmp_path / "a.txt").write_bytes(b"2")
    assert shared.changes(["a.txt"]) == {"a.txt": b"2"}
    (tmp_path / "a.txt").unlink()
    assert shared.changes(["a.txt"]) == {"a.txt": None}
    assert shared.changes(["a.txt"]) == {}


def test_new_files_in_a_watched_folder_are_reported(shared, tmp_path):
    shared.write("d", True)
    (tmp_path / "d/new.csv").write_bytes(b"1")
    assert shared.changes(["d/"]) == {"d/new.csv": b"1"}


def test_a_file_larger_than_what_crosses_is_as_if_it_were_not_there(shared, tmp_path, monkeypatch):
    monkeypatch.setattr("graders.engine.agent_files._FILE_MAX", 2)
    (tmp_path / "a.txt").write_bytes(b"123")
    assert shared.read("a.txt") is None
