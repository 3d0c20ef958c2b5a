"""Fetch, submit and feedback as a student meets them, against a real HTTP server."""

import json
import os

import pytest

from graders.exchange.errors import PortalError, RefusedHereError
from graders.exchange.records import MARKER, read_marker
from graders.exchange.work import (
    Desk,
    fetch_assignment,
    fetch_feedback,
    make_desk,
    resume_submissions,
    submit_assignment,
)
from tests.graders.exchange.portal_stand_in import ASSIGNMENT, COURSE, NOTEBOOK, RunningPortal


def said(words) -> str:
    return "\n".join(one.both for one in words)


def test_a_fetched_folder_holds_the_release_the_seed_and_its_version(desk: Desk):
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    folder = desk.folder(COURSE, ASSIGNMENT)
    assert (folder / "a03.ipynb").read_bytes() == NOTEBOOK
    assert json.loads((folder / "learner.json").read_text()) == {"seed": 7}
    assert read_marker(folder).version == 1


def test_fetching_again_keeps_work_and_brings_missing_files(desk: Desk):
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    folder = desk.folder(COURSE, ASSIGNMENT)
    (folder / "a03.ipynb").write_text("my work")
    (folder / "data" / "x.csv").unlink()
    words = said(fetch_assignment(desk, COURSE, ASSIGNMENT))
    assert (folder / "a03.ipynb").read_text() == "my work"
    assert (folder / "data" / "x.csv").exists()
    assert "그대로 두고" in words


def test_fetching_a_new_version_sets_the_old_folder_aside_whole(desk: Desk, portal: RunningPortal):
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    (desk.folder(COURSE, ASSIGNMENT) / "a03.ipynb").write_text("my work")
    portal.state.version = 2
    words = said(fetch_assignment(desk, COURSE, ASSIGNMENT))
    [aside] = desk.root.glob(f"{COURSE}/{ASSIGNMENT}.v1.*")
    assert (aside / "a03.ipynb").read_text() == "my work"
    assert (desk.folder(COURSE, ASSIGNMENT) / "a03.ipynb").read_bytes() == NOTEBOOK
    assert aside.name in words


def test_a_changed_seed_file_is_made_right_again(desk: Desk):
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    seed = desk.folder(COURSE, ASSIGNMENT) / "learner.json"
    seed.write_text('{"seed": 1}')
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    assert json.loads(seed.read_text()) == {"seed": 7}


def test_a_release_with_a_path_outside_writes_nothing(desk: Desk, portal: RunningPortal):
    portal.state.release = {"a.ipynb": NOTEBOOK, "../../escaped": b"x"}
    with pytest.raises(RefusedHereError):
        fetch_assignment(desk, COURSE, ASSIGNMENT)
    assert not desk.folder(COURSE, ASSIGNMENT).exists()
    assert not (desk.root.parent / "escaped").exists()


def test_a_submission_pins_the_fetched_version_and_leaves_a_local_receipt(desk: Desk, portal: RunningPortal):
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    portal.state.version = 2
    done = submit_assignment(desk, COURSE, ASSIGNMENT)
    assert done.receipt.version == 1
    assert [kept.receipt_id for kept in desk.records.receipts()] == [done.receipt.receipt_id]
    assert done.receipt.receipt_id in said(done.words)


def test_the_marker_itself_is_not_part_of_the_submission(desk: Desk, portal: RunningPortal):
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    done = submit_assignment(desk, COURSE, ASSIGNMENT)
    assert MARKER not in portal.state.uploads[done.receipt.receipt_id]


def test_after_a_confirmed_receipt_equal_bytes_are_a_new_attempt(desk: Desk, portal: RunningPortal):
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    numbers = [submit_assignment(desk, COURSE, ASSIGNMENT).receipt.number for _ in range(2)]
    assert numbers == [1, 2]


def test_a_submission_whose_answers_were_all_lost_is_the_same_attempt_when_submitted_again(
    desk: Desk, portal: RunningPortal
):
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    portal.state.failures = ["drop the answer"] * 5
    with pytest.raises(PortalError):
        submit_assignment(desk, COURSE, ASSIGNMENT)
    done = submit_assignment(desk, COURSE, ASSIGNMENT)
    assert done.receipt.number == 1
    assert len(portal.state.attempts) == 1


def test_work_changed_after_a_lost_answer_is_a_new_attempt(desk: Desk, portal: RunningPortal):
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    portal.state.failures = ["drop the answer"] * 5
    with pytest.raises(PortalError):
        submit_assignment(desk, COURSE, ASSIGNMENT)
    (desk.folder(COURSE, ASSIGNMENT) / "a03.ipynb").write_bytes(NOTEBOOK + b"\n")
    assert submit_assignment(desk, COURSE, ASSIGNMENT).receipt.number == 2


def test_a_home_that_cannot_be_written_does_not_stop_a_submission(desk: Desk, portal: RunningPortal):
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    (desk.root / ".axcampus").write_text("a file where the records' folder should be")
    assert submit_assignment(desk, COURSE, ASSIGNMENT).receipt.number == 1


def test_a_renamed_notebook_is_named_and_refused(desk: Desk, portal: RunningPortal):
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    folder = desk.folder(COURSE, ASSIGNMENT)
    os.rename(folder / "a03.ipynb", folder / "mine.txt")
    with pytest.raises(RefusedHereError, match=r"a03\.ipynb"):
        submit_assignment(desk, COURSE, ASSIGNMENT)
    assert portal.state.attempts == []


def test_strict_refuses_a_missing_notebook_that_otherwise_is_a_warning(desk: Desk, portal: RunningPortal):
    portal.state.release |= {"b.ipynb": NOTEBOOK}
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    (desk.folder(COURSE, ASSIGNMENT) / "b.ipynb").unlink()
    with pytest.raises(RefusedHereError):
        submit_assignment(desk, COURSE, ASSIGNMENT, strict=True)
    assert "b.ipynb" in said(submit_assignment(desk, COURSE, ASSIGNMENT).words)


def test_submitting_before_fetching_says_what_to_run(desk: Desk):
    with pytest.raises(RefusedHereError, match="nbgrader fetch_assignment a03 --course manufacturing-ai"):
        submit_assignment(desk, COURSE, ASSIGNMENT)


def test_feedback_of_each_graded_attempt_lies_under_its_receipt(desk: Desk, portal: RunningPortal):
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    done = submit_assignment(desk, COURSE, ASSIGNMENT)
    portal.state.grade(done.receipt.receipt_id, 8)
    fetch_feedback(desk, COURSE, ASSIGNMENT)
    page = desk.folder(COURSE, ASSIGNMENT) / "feedback" / done.receipt.receipt_id / "a03.html"
    assert page.read_text() == "<h1>8</h1>"


def test_there_is_no_feedback_before_grading(desk: Desk):
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    submit_assignment(desk, COURSE, ASSIGNMENT)
    with pytest.raises(RefusedHereError, match="아직 채점이 끝난 제출이 없습니다"):
        fetch_feedback(desk, COURSE, ASSIGNMENT)


def test_unreadable_local_receipts_are_kept_aside_and_do_not_stop_anything(desk: Desk):
    desk.records.receipts_file.parent.mkdir()
    desk.records.receipts_file.write_text("{broken")
    assert desk.records.receipts() == []
    assert desk.records.receipts_file.with_suffix(".unreadable.json").read_text() == "{broken"


def after_a_restart(desk: Desk) -> Desk:
    """The same home in a new life of the notebook server: nothing is remembered but what is on disk."""
    return make_desk(desk.client, desk.root)


def begin_and_lose(desk: Desk, portal: RunningPortal, failure: str) -> None:
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    portal.state.failures = [failure] * 5
    with pytest.raises(PortalError):
        submit_assignment(desk, COURSE, ASSIGNMENT)


@pytest.mark.parametrize("failure", ["drop the answer", "unavailable"])
def test_after_a_restart_what_was_begun_is_sent_as_it_was_and_counts_once(
    desk: Desk, portal: RunningPortal, failure: str
):
    begin_and_lose(desk, portal, failure)
    (desk.folder(COURSE, ASSIGNMENT) / "a03.ipynb").write_text("changed since")
    [done] = resume_submissions(after_a_restart(desk))
    assert done.receipt.number == len(portal.state.attempts) == 1
    assert portal.state.uploads[done.receipt.receipt_id]["a03.ipynb"] == NOTEBOOK
    assert [kept.receipt_id for kept in desk.records.receipts()] == [done.receipt.receipt_id]
    assert resume_submissions(after_a_restart(desk)) == []


def test_a_portal_that_is_still_away_leaves_the_copy_for_the_next_time(desk: Desk, portal: RunningPortal):
    begin_and_lose(desk, portal, "unavailable")
    portal.state.failures = ["unavailable"] * 5
    assert resume_submissions(after_a_restart(desk)) == []
    assert len(resume_submissions(after_a_restart(desk))) == 1


def test_a_refusal_for_good_ends_the_matter(desk: Desk, portal: RunningPortal):
    begin_and_lose(desk, portal, "unavailable")
    portal.state.failures = ["closed"]
    assert resume_submissions(after_a_restart(desk)) == []
    assert resume_submissions(after_a_restart(desk)) == []
    assert portal.state.attempts == []


def test_a_copy_that_was_changed_is_not_sent(desk: Desk, portal: RunningPortal):
    begin_and_lose(desk, portal, "unavailable")
    [copy] = (desk.root / ".axcampus" / "pending").glob("*.json")
    copy.write_text(copy.read_text().replace('"path":"a03.ipynb"', '"path":"b.ipynb"'))
    assert resume_submissions(after_a_restart(desk)) == []


def test_a_teams_receipt_says_who_handed_in_for_whom(desk: Desk, portal: RunningPortal):
    fetch_assignment(desk, COURSE, ASSIGNMENT)
    portal.state.team = {"name": "3조", "submitted_by": "김하나", "members": ["김하나", "이두리"]}
    words = said(submit_assignment(desk, COURSE, ASSIGNMENT).words)
    assert "3조 팀의 김하나 님이 제출했습니다. / Submitted by 김하나 for team 3조." in words
