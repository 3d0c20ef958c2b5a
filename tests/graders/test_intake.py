"""Untrusted bytes become typed cells or a refusal that names the file and the next step."""

import base64
import json

import pytest

from graders.files import FileSet
from graders.intake import IntakeLimits, Refusal, Submission, accept
from tests.graders.notebooks import cell, given, notebook, solution, text

PICTURE = base64.b64encode(b"\x89PNG....").decode()


def take(*cells, **files):
    return accept(FileSet({"a.ipynb": notebook(*cells), **files}))


def changed(**top):
    return json.dumps(json.loads(notebook(given("x = 1"))) | top).encode()


def first_cell(**fields):
    body = json.loads(notebook(given("x = 1")))
    body["cells"][0] |= fields
    return json.dumps(body).encode()


def code_of(data, **limits):
    result = accept({"a.ipynb": data}, IntakeLimits(**limits))
    return result.code if isinstance(result, Refusal) else "accepted"


def test_an_honest_notebook_becomes_typed_cells():
    submission = take(solution("x = 1", "s"), text("# 제목"))
    assert isinstance(submission, Submission)
    first, second = submission.notebooks["a.ipynb"].cells
    assert (first.cell_type, first.source, first.cell_id, first.grade_id) == ("code", "x = 1", "cell-0", "s")
    assert (second.cell_type, second.grade_id) == ("markdown", None)


@pytest.mark.parametrize("minor", [0, 1, 2, 3, 4, 5])
def test_every_minor_version_of_nbformat_4_is_accepted(minor):
    assert isinstance(accept({"a.ipynb": notebook(given("x"), minor=minor)}), Submission)


VS_CODE = {"language_info": {"name": "python", "version": "3.11"}, "vscode": {"interpreter": {"hash": "ab"}}}
COLAB = {
    "colab": {"provenance": []},
    "kernelspec": {"name": "python3", "display_name": "Python 3"},
    "accelerator": "GPU",
}


@pytest.mark.parametrize("metadata", [VS_CODE, COLAB, {}])
def test_notebooks_of_other_editors_are_accepted(metadata):
    data = notebook(
        cell("x = 1", {"id": "xY_1", "outputId": "7", "vscode": {"languageId": "python"}}), metadata=metadata
    )
    assert isinstance(accept({"a.ipynb": data}), Submission)


def test_a_byte_order_mark_and_windows_line_ends_are_harmless():
    submission = accept({"a.ipynb": b"\xef\xbb\xbf" + notebook(given("x = 1\r\ny = 2"))})
    assert submission.notebooks["a.ipynb"].cells[0].source == "x = 1\ny = 2"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_json"),
        (b"\xff\xfe{\x00}\x00", "not_utf8"),
        (notebook(given("x"))[:-20], "not_json"),
        (b"[" * 100_000, "too_deep"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "too_deep"),
        (b"[" + b"[]," * 500_000 + b"1]", "too_deep"),
        (
            changed(
                metadata={
                    "a": {"b": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}
                }
            ),
            "too_deep",
        ),
        (notebook(given("x")).replace(b'"nbformat": 4', b'"nbformat": 4, "nbformat": 4'), "duplicate_key"),
        (changed(metadata={"x": 0}).replace(b'{"x": 0}', b'{"x": NaN}'), "not_finite"),
        (changed(metadata={"x": 0}).replace(b'{"x": 0}', b'{"x": -Infinity}'), "not_finite"),
        (changed(metadata={"x": 0}).replace(b'{"x": 0}', b'{"x": 1e999}'), "not_finite"),
        (changed(metadata={"x": 0}).replace(b'{"x": 0}', b'{"x": ' + b"9" * 5000 + b"}"), "not_finite"),
        (first_cell(source="\ud83d"), "surrogate"),
        (changed(metadata={"\udc00": 1}), "surrogate"),
        (b"[]", "bad_structure"),
        (changed(nbformat=3), "old_format"),
        (changed(nbformat=5), "old_format"),
        (changed(nbformat="4"), "bad_structure"),
        (changed(nbformat=True), "bad_structure"),
        (changed(nbformat_minor=-1), "bad_structure"),
        (changed(metadata=[]), "bad_structure"),
        (changed(cells={}), "bad_structure"),
        (changed(cells=[1]), "bad_structure"),
        (first_cell(cell_type="heading"), "bad_structure"),
        (first_cell(cell_type=["code"]), "bad_structure"),
        (first_cell(source=7), "bad_structure"),
        (first_cell(source=["x", 7]), "bad_structure"),
        (first_cell(source="x\0y"), "bad_structure"),
        (first_cell(metadata=[]), "bad_structure"),
        (first_cell(outputs={}), "bad_structure"),
        (first_cell(id=7), "bad_structure"),
        (first_cell(metadata={"nbgrader": []}), "bad_structure"),
        (first_cell(metadata={"nbgrader": {"grade_id": 7}}), "bad_structure"),
        (first_cell(metadata={"nbgrader": {"grade_id": "x" * 300}}), "bad_structure"),
        (first_cell(attachments=[]), "bad_structure"),
        (first_cell(attachments={"p.png": []}), "bad_structure"),
        (first_cell(attachments={"p.png": {"image/png": "***"}}), "bad_attachment"),
        (first_cell(attachments={"p.png": {"image/png": 7}}), "bad_attachment"),
    ],
)
def test_what_is_no_sound_notebook_is_refused_with_its_reason(data, code):
    assert code_of(data) == code


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"notebook_bytes": 10}, "notebook_too_large"),
        ({"submission_bytes": 10}, "submission_too_large"),
        ({"files": 0}, "too_many_files"),
        ({"cells": 0}, "too_many_cells"),
        ({"json_nodes": 3}, "too_deep"),
    ],
)
def test_every_limit_refuses(limits, code):
    assert code_of(notebook(given("x = 1")), **limits) == code


def test_an_attached_picture_that_is_too_large_is_refused():
    assert code_of(first_cell(attachments={"p": {"image/png": PICTURE}}), attachment_bytes=2) == "bad_attachment"


def test_pictures_are_kept_and_everything_else_attached_is_dropped():
    attached = {"p.png": {"image/png": PICTURE}, "x.svg": {"image/svg+xml": "<svg onload='alert(1)'/>"}}
    submission = take(text("![](attachment:p.png)") | {"attachments": attached})
    assert submission.notebooks["a.ipynb"].cells[0].attachments == {"p.png": {"image/png": PICTURE}}


def test_an_id_that_is_no_id_counts_as_none():
    submission = accept({"a.ipynb": first_cell(id="../../etc")})
    assert submission.notebooks["a.ipynb"].cells[0].cell_id is None


def test_the_refusal_names_the_file_in_both_languages():
    refusal = accept({"a.ipynb": b"{"})
    assert refusal.path == "a.ipynb"
    assert "a.ipynb" in refusal.text.ko
    assert "a.ipynb" in refusal.text.en


def test_a_broken_notebook_that_nobody_asked_for_is_only_noted():
    submission = accept({"a.ipynb": notebook(given("x")), "scratch.ipynb": b"{"}, expected=["a.ipynb"])
    assert [refusal.path for refusal in submission.unreadable] == ["scratch.ipynb"]


def test_a_broken_notebook_of_the_assignment_refuses_the_submission():
    assert accept({"a.ipynb": b"{", "b.ipynb": notebook(given("x"))}, expected=["a.ipynb"]).path == "a.ipynb"


def test_a_submission_without_notebooks_is_refused():
    assert accept({"x.csv": b""}).code == "no_notebook"


def test_leftovers_of_editors_are_dropped():
    submission = take(given("x"), **{".ipynb_checkpoints/a-checkpoint.ipynb": b"{", "__pycache__/h.pyc": b""})
    assert list(submission.files) == ["a.ipynb"]
