"""The bundle round-trips through its file set and refuses what it can't read."""

import pytest

from graders.bundle import (
    BUNDLE_FILE,
    Bundle,
    BundleCell,
    BundleError,
    BundleNotebook,
    CellKind,
    helper_files,
    load_bundle,
    make_bundle_files,
)
from graders.files import FileSet


def make_cell(kind=CellKind.TEST, points=2.0, grade_id="t1"):
    return BundleCell(
        kind=kind,
        cell_id="abc",
        cell_type="code",
        source="assert f(1) == 1",
        released="",
        grade_id=grade_id,
        points=points,
        locked=True,
    )


def make_bundle():
    cells = (make_cell(), make_cell(CellKind.MANUAL, 3.0, "m1"), make_cell(CellKind.GIVEN, 0, None))
    return Bundle(assignment="c/a", notebooks=(BundleNotebook(path="a.ipynb", cells=cells),), preload=("numpy",))


def test_a_bundle_comes_back_equal_from_its_file_set():
    bundle = make_bundle()
    assert load_bundle(make_bundle_files(bundle, FileSet({}))) == bundle


def test_equal_bundles_have_equal_digests():
    helpers = FileSet({"data/x.csv": b"1"})
    assert make_bundle_files(make_bundle(), helpers).digest == make_bundle_files(make_bundle(), helpers).digest


def test_helper_files_come_back_under_their_own_paths():
    helpers = FileSet({"data/x.csv": b"1", "helper.py": b""})
    assert helper_files(make_bundle_files(make_bundle(), helpers)).files == helpers.files


def test_automatic_and_manual_points_are_kept_apart():
    bundle = make_bundle()
    assert (bundle.max_score, bundle.manual_max_score) == (2.0, 3.0)


def test_graded_cells_are_tests_and_manual_cells():
    assert [cell.grade_id for cell in make_bundle().notebooks[0].graded_cells()] == ["t1", "m1"]


def test_a_test_cell_without_a_name_is_refused():
    with pytest.raises(ValueError, match="grade_id"):
        make_cell(grade_id=None)


@pytest.mark.parametrize("content", [None, b"{}", b"not json", b'{"bundle_version": 2}'])
def test_what_is_no_bundle_is_refused(content):
    files = FileSet({} if content is None else {BUNDLE_FILE: content})
    with pytest.raises(BundleError):
        load_bundle(files)


def test_an_unknown_notebook_is_a_key_error():
    with pytest.raises(KeyError):
        make_bundle().notebook("other.ipynb")
