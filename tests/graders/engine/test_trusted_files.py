import ast
import pickle

import pytest

from graders.engine.profile import Enforcer, Recorder
from graders.engine.trusted_cell import NotebookTests
from graders.engine.trusted_files import PickleRefusedError, StudentFiles, _RefusePickles, is_data_path
from graders.engine.trusted_model import InstructorCell, TrustedNotebook
from graders.engine.trusted_written import WrittenFiles


class Session:
    """The student's side: answers with the files that it has."""

    def __init__(self, files, guard=None):
        self.files = files
        self.guard = guard or Enforcer(None)
        self.flags = []

    def flag(self, code, *_texts):
        self.flags.append(code)

    def ask(self, _do, _label, args):
        return [self.files.get(name) for name in args[0]]


def fetch(tmp_path, source, files):
    found = StudentFiles(Session(files), str(tmp_path), WrittenFiles(str(tmp_path)))
    found.fetch(list(ast.walk(ast.parse(source))))
    return found


@pytest.mark.parametrize("path", ["out.csv", "data/결과.txt", "a-b (1).png", "plot.v2.svg"])
def test_names_of_data_are_recognised(path):
    assert is_data_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd.txt",
        "../x.csv",
        "a/../../x.csv",
        "json.py",
        "a.so",
        "x.pth",
        "evil.py.txt",
        "lib.zip",
        "no suffix",
        "a\0.csv",
    ],
)
def test_paths_outside_the_folder_and_importable_files_are_refused(path):
    assert not is_data_path(path)


def test_a_file_that_the_test_names_is_copied(tmp_path):
    fetch(tmp_path, "open('out/a.csv')", {"out/a.csv": b"1,2"})
    assert (tmp_path / "out/a.csv").read_bytes() == b"1,2"


def test_the_instructors_file_wins(tmp_path):
    (tmp_path / "data.csv").write_text("instructor")
    fetch(tmp_path, "open('data.csv')", {"data.csv": b"student"})
    assert (tmp_path / "data.csv").read_text() == "instructor"


def test_copies_of_an_earlier_process_are_not_the_instructors(tmp_path):
    fetch(tmp_path, "open('a.csv')", {"a.csv": b"old"})
    fetch(tmp_path, "open('a.csv')", {})
    assert not (tmp_path / "a.csv").exists()


def test_a_file_that_is_no_bytes_is_not_written(tmp_path):
    fetch(tmp_path, "open('a.csv')", {"a.csv": "text"})
    assert not (tmp_path / "a.csv").exists()


def test_a_file_that_changes_under_the_test_is_copied_again(tmp_path):
    fetch(tmp_path, "open('a.csv')", {"a.csv": b"old"}).take({"a.csv": b"new"})
    assert (tmp_path / "a.csv").read_bytes() == b"new"


@pytest.mark.parametrize("name", ["b.csv", "../a.csv", "/etc/a.csv", "helper.py", "data.csv"])
def test_a_change_that_the_test_did_not_ask_about_is_dropped(tmp_path, name):
    folder = tmp_path / "trusted"
    folder.mkdir()
    (folder / "data.csv").write_text("instructor")
    fetch(folder, "open('a.csv')", {}).take({name: b"forged"})
    assert [path.read_text() for path in tmp_path.rglob("*.*")] == ["instructor"]


def test_a_folder_of_the_test_takes_data_only_and_only_below_itself(tmp_path):
    written = WrittenFiles(str(tmp_path))
    (tmp_path / "out").mkdir()
    written.learn_texts(["out"])
    written.collect()
    files = StudentFiles(Session({}), str(tmp_path), written)
    files.take({"out/a.csv": b"1", "out/b.py": b"2", "out/../c.csv": b"3", "d.csv": b"4"})
    assert [path.name for path in tmp_path.rglob("*.*") if path.suffix] == ["a.csv"]


def test_copies_that_change_again_and_again_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("graders.engine.trusted_files._BYTES_MAX", 10)
    files = fetch(tmp_path, "open('a.csv')", {})
    for number in range(9):
        files.take({"a.csv": f"{number}".encode() * 10})
    assert (tmp_path / "a.csv").read_bytes() == b"3" * 10


def files_beside_a_test(tmp_path, guard, text):
    """A test wrote n.txt; ``text`` is what the student's side was told."""
    written = WrittenFiles(str(tmp_path))
    session = Session({"n.txt": b"student"}, guard)
    files = StudentFiles(session, str(tmp_path), written)
    (tmp_path / "n.txt").write_text("test")
    written.learn_texts([text])
    written.collect()
    files.fetch(list(ast.walk(ast.parse("open('n.txt')"))))
    files.take({"n.txt": b"student"})
    return session.flags


@pytest.mark.parametrize(("text", "flags"), [("other", []), ("n.txt", ["file_changed"])])
def test_what_the_test_wrote_is_not_the_students_to_change(tmp_path, text, flags):
    assert files_beside_a_test(tmp_path, Enforcer(None), text) == flags
    assert (tmp_path / "n.txt").read_text() == "test"


def test_what_the_test_wrote_changes_where_the_reference_changes_it(tmp_path):
    recorder = Recorder()
    assert files_beside_a_test(tmp_path, recorder, "n.txt") == []
    assert (tmp_path / "n.txt").read_text() == "student"
    assert recorder.profile.mutated == {"file n.txt"}


def test_pickled_classes_are_refused_once_a_students_file_is_there():
    hook = _RefusePickles()
    hook("pickle.find_class", ())
    hook.on = True
    with pytest.raises(PickleRefusedError):
        hook("pickle.find_class", ("os", "system"))
    assert pickle.loads(pickle.dumps([1])) == [1]


@pytest.mark.parametrize(
    ("made", "looks"), [("notes/", True), ("helper.py", True), (".tmp/", False), ("data.csv", False)]
)
def test_only_helper_modules_have_the_folder_looked_through(tmp_path, made, looks):
    """Plain asserts write nothing, but a helper module may do anything; the folder of temporary files is none."""
    place = tmp_path / made
    place.mkdir() if made.endswith("/") else place.write_text("")
    cells = (InstructorCell(role="solution", source="x = 1"), InstructorCell(role="test", source="assert x == 1"))
    notebook = TrustedNotebook(name="nb.ipynb", cells=cells, folder=str(tmp_path))
    assert (NotebookTests(notebook).changes._written is not None) is looks
