from __future__ import annotations

import io
import zipfile

import pytest
import sqlalchemy as sa

from hub.portal.models import Assignment, AssignmentVersion, Job, VersionState
from tests.graders import notebooks

UPLOAD = "/teach/manufacturing-ai/upload"
SOURCE = notebooks.notebook(
    notebooks.solution("### BEGIN SOLUTION\nx = 41 + 1\n### END SOLUTION", "x"),
    notebooks.graded("assert x\n### BEGIN HIDDEN TESTS\nassert x == 42\n### END HIDDEN TESTS", "t", 2),
)


def zipped(files: dict[str, bytes], *, link: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = (0o120777 if link else 0o100644) << 16
            archive.writestr(entry, data)
    return out.getvalue()


def send(client, name: str, data: bytes, **form):
    return client.post(UPLOAD, data={"assignment": "milling", **form, "files": (io.BytesIO(data), name)})


def test_an_upload_is_staged_and_checked_and_students_see_nothing(sign_in, sqlite_database):
    client = sign_in("instructor")
    answer = send(client, "milling.ipynb", SOURCE)
    assert answer.headers["Location"] == "/teach/manufacturing-ai/milling/versions/3"
    with sqlite_database.reading() as session:
        version = session.scalars(sa.select(AssignmentVersion).where(AssignmentVersion.number == 3)).one()
        assert version.state is VersionState.STAGED
        assert session.scalars(sa.select(Job.kind)).all() == ["check_version"]
    assert "점검하고 있습니다" in client.get(answer.headers["Location"]).text


def test_the_preview_has_neither_solution_nor_hidden_test(sign_in):
    client = sign_in("instructor")
    address = send(client, "milling.ipynb", SOURCE).headers["Location"]
    page = client.get(f"{address}/preview").text
    assert "assert x" in page
    assert "41 + 1" not in page
    assert "x == 42" not in page


def test_a_zip_of_the_folder_makes_a_new_assignment(sign_in, sqlite_database):
    data = zipped({"ps9/a.ipynb": SOURCE, "ps9/data/x.csv": b"1,2", "__MACOSX/ps9/._a": b"", "ps9/.DS_Store": b""})
    answer = send(sign_in("instructor"), "ps9.zip", data, new="ps9")
    assert answer.headers["Location"] == "/teach/manufacturing-ai/ps9/versions/1"
    page = sign_in("instructor").get(f"{answer.headers['Location']}/preview").text
    assert "data/x.csv" in page
    assert "DS_Store" not in page
    with sqlite_database.reading() as session:
        assert session.scalars(sa.select(Assignment.slug).where(Assignment.slug == "ps9")).one()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", b"PK no archive"),
        ("a.zip", zipped({"../../a.ipynb": SOURCE, "b.ipynb": SOURCE})),
        ("a.zip", zipped({"a.ipynb": b"/etc/passwd"}, link=True)),
        ("a.zip", zipped({f"{number}.csv": b"" for number in range(201)})),
        ("a.csv", b"1,2"),
        ("a.ipynb", b"no notebook"),
        ("a.ipynb", b'{"nbformat": 4}'),
    ],
)
def test_what_is_no_source_is_refused_and_stores_nothing(sign_in, sqlite_database, name, data):
    assert send(sign_in("instructor"), name, data).status_code in (413, 422)
    with sqlite_database.reading() as session:
        assert session.scalar(sa.select(sa.func.max(AssignmentVersion.number))) == 2
        assert session.scalar(sa.select(sa.func.count(Job.id))) == 0


def test_a_zip_bomb_is_stopped_while_it_is_read(sign_in):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.ipynb", SOURCE)
        archive.writestr("b.csv", b"0" * 30_000_000)
    assert len(out.getvalue()) < 200_000
    assert send(sign_in("instructor"), "a.zip", out.getvalue()).status_code == 413


@pytest.mark.parametrize("slug", ["../x", "한글", "a b", ""])
def test_a_name_that_can_be_no_folder_is_refused(sign_in, slug):
    assert send(sign_in("instructor"), "a.ipynb", SOURCE, assignment=slug).status_code == 422
