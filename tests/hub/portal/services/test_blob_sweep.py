"""Bytes that nobody refers to go, and nothing else: also when a submission uses them again at the same moment."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from graders.files import FileSet
from hub.portal.models import Attempt, Blob, FileSetRow, Job, JobState
from hub.portal.services import blob_sweep
from hub.portal.services.acceptance import accept
from hub.portal.services.blob_sweep import Swept, count_unused, sweep_unused
from hub.portal.services.file_sets import load_file_set, put_file_set
from hub.portal.services.job_context import JobContext
from hub.portal.services.job_kinds import SWEEP_BLOBS, sweep_blobs
from tests.hub.portal.conftest import TERMS

LATER = timedelta(days=3650)
OLD = FileSet({"a.ipynb": b"old work", "b.csv": b"old data"})


def sweep(campus) -> Swept:
    return sweep_unused(campus.database, campus.now + LATER, campus.now)


def leave_behind(campus, files: FileSet = OLD) -> None:
    """Store a file set that no row refers to, as a destroyed attempt leaves it."""
    with campus.database.writing() as session:
        put_file_set(session, files)


def test_what_nobody_refers_to_goes_and_all_else_stays(campus) -> None:
    leave_behind(campus)
    attempt = campus.submit(campus.person("kim"), files=FileSet({"a.ipynb": b"old work", "c.txt": b"mine"})).attempt
    before = campus.count(Blob)
    swept = sweep(campus)
    assert swept == Swept(file_sets=1, blobs=1, size_bytes=len(b"old data"))
    assert campus.count(Blob) == before - 1
    with campus.database.reading() as session:
        assert load_file_set(session, attempt.submission_digest).files["a.ipynb"] == b"old work"


def test_a_dry_run_says_what_would_go_and_removes_nothing(campus) -> None:
    leave_behind(campus)
    with campus.database.reading() as session:
        found = count_unused(session, campus.now + LATER)
    assert found == Swept(1, 2, OLD.size_bytes)
    assert campus.count(FileSetRow, digest=OLD.digest) == 1
    assert sweep(campus) == found


def test_what_is_young_stays(campus) -> None:
    leave_behind(campus)
    with campus.database.reading() as session:
        assert count_unused(session, campus.now - LATER) == Swept()
    assert sweep_unused(campus.database, campus.now - LATER, campus.now) == Swept()


def test_a_large_heap_goes_in_batches(campus, monkeypatch) -> None:
    monkeypatch.setattr(blob_sweep, "BATCH", 2)
    for number in range(5):
        leave_behind(campus, FileSet({"a.ipynb": str(number).encode()}))
    assert sweep(campus) == Swept(5, 5, 5)


def test_a_submission_that_uses_old_bytes_again_keeps_the_sweep_away(campus) -> None:
    """The submission has begun and not committed when the sweep comes."""
    leave_behind(campus)
    student = campus.person("kim")
    done: list[Swept] = []
    sweeping = threading.Thread(target=lambda: done.append(sweep(campus)))
    with campus.database.writing() as session:
        digest = accept(session, campus.upload(student, files=OLD), TERMS).attempt.submission_digest
        sweeping.start()
        sweeping.join(timeout=1)  # SQLite: the sweep waits its turn; PostgreSQL: it passes what is in use
    sweeping.join()
    assert done == [Swept()]
    with campus.database.reading() as session:
        assert load_file_set(session, digest).files == OLD.files


@pytest.mark.parametrize("files", [OLD, FileSet({"other.ipynb": b"old work"})], ids=["the set", "one blob"])
def test_a_submission_that_comes_while_the_sweep_removes_its_bytes_stores_them_anew(campus, files) -> None:
    """The sweep has removed but not committed when the submission comes."""
    leave_behind(campus)
    student = campus.person("kim")
    accepted: list[str] = []

    def submit() -> None:
        accepted.append(campus.submit(student, files=files).attempt.submission_digest)

    submitting = threading.Thread(target=submit)
    with campus.database.writing() as session:
        assert blob_sweep._sweep_file_sets(session, campus.now + LATER).file_sets == 1
        assert blob_sweep._sweep_blobs(session, campus.now + LATER).blobs == 2
        submitting.start()
        submitting.join(timeout=1)
        assert not accepted, "it waits for the sweep"
    submitting.join()
    with campus.database.reading() as session:
        assert load_file_set(session, accepted[0]).files == files.files
    assert campus.count(Attempt) == 1


def test_the_background_job_sweeps_and_says_how_much(campus) -> None:
    leave_behind(campus)
    with campus.database.writing() as session:
        job = Job(kind=SWEEP_BLOBS, state=JobState.RUNNING, worker="w", tries=1)
        session.add(job)
        session.flush()
        number = job.id
    params = {"keep_days": 1, "dry_run": True}
    context = JobContext(number, "w", params, campus.database, None, lambda: campus.now + LATER)
    assert sweep_blobs(context)["blobs"] == 2
    context = JobContext(number, "w", {"keep_days": 1}, campus.database, None, lambda: campus.now + LATER)
    assert sweep_blobs(context) == {"file_sets": 1, "blobs": 2, "size_bytes": OLD.size_bytes}
    with campus.database.reading() as session:
        assert session.scalar(sa.select(Job.done)) == 3
