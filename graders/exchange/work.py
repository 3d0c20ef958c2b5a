"""A student's three moves — fetch, submit, look at feedback — over a portal client and a folder.

The nbgrader plug-ins, the JupyterLab panel and the demo class all go through here, so they behave alike.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from graders.contract import LEARNER_FILE
from graders.exchange.client import PortalClient, safe_name
from graders.exchange.errors import PortalError, RefusedHereError
from graders.exchange.folder import inside, read_folder, replace_file, write_missing
from graders.exchange.records import Marker, Records, read_marker, write_marker
from graders.exchange.speech import SCREEN_ZONE, receipt_words
from graders.exchange.wire import AttemptStatus, Receipt, Release, Words
from graders.files import FileSet

FEEDBACK_FOLDER = "feedback"
RECORDS_FOLDER = ".axcampus"


@dataclass(frozen=True)
class Desk:
    """Where one person works: the portal as that person, the folder of all courses, local records."""

    client: PortalClient
    root: Path
    records: Records

    def folder(self, course: str, assignment: str) -> Path:
        """``<root>/<course>/<assignment>``: the same assignment name may occur in two courses."""
        return self.root / safe_name(course) / safe_name(assignment)


@dataclass(frozen=True)
class Submitted:
    """A confirmed receipt and everything the student should read about it."""

    receipt: Receipt
    words: tuple[Words, ...]


def make_desk(client: PortalClient, root: Path) -> Desk:
    """A desk that keeps its records hidden in ``root``."""
    return Desk(client, root, Records(root / RECORDS_FOLDER))


def fetch_assignment(desk: Desk, course: str, assignment: str) -> list[Words]:
    """Bring the current version; nothing the student wrote is overwritten. Returns what was done."""
    release = desk.client.release(course, assignment)
    folder = desk.folder(course, assignment)
    said = _set_aside_old_version(folder, release)
    files = {file.path: file.content for file in release.files}
    for path in files:
        inside(folder, path)  # refuse the whole release before the first byte is written
    written, kept = write_missing(folder, files)
    _renew_learner_file(folder, files)
    notebooks = tuple(path for path in files if path.endswith(".ipynb"))
    marker = Marker(course=course, assignment=assignment, version=release.version, notebooks=notebooks)
    write_marker(folder, marker)
    return [*said, _fetched(desk, folder, written, [path for path in kept if path != LEARNER_FILE])]


def submit_assignment(
    desk: Desk, course: str, assignment: str, ignore: Iterable[str] = (), *, strict: bool = False
) -> Submitted:
    """Hand in the folder; returns only when the portal has confirmed the receipt."""
    folder = desk.folder(course, assignment)
    if not folder.is_dir():
        raise _no_folder(folder, course, assignment)
    contents = read_folder(folder, ignore)
    marker = _own_marker(folder, course, assignment)
    missing = _missing_notebooks(contents.files, marker)
    if missing and (strict or not _has_notebook(contents.files)):
        raise RefusedHereError("missing_notebook", missing.ko, missing.en)
    version = marker.version if marker else None
    key = desk.records.idempotency_key(course, assignment, FileSet(contents.files), version)
    receipt = desk.client.submit(course, assignment, contents.files, key, version)
    with contextlib.suppress(OSError):  # the portal has it: a full disk here must not look like a failure
        desk.records.confirm(receipt)
    notes = [missing] if missing else []
    return Submitted(receipt, (*receipt_words(receipt), *notes, *contents.notes))


def resume_submissions(desk: Desk) -> list[Submitted]:
    """Send again what was begun and never confirmed (the notebook server stopped meanwhile), with the same keys.

    What the portal had accepted comes back as the same receipt. A refusal ends the matter; anything that may pass
    leaves the copy for the next time.
    """
    done = []
    for waiting in desk.records.unconfirmed():
        pending, files = waiting.pending, {file.path: file.content for file in waiting.files}
        try:
            receipt = desk.client.submit(pending.course, pending.assignment, files, pending.key, pending.version)
        except PortalError as error:
            if not error.may_pass:
                desk.records.forget(pending)
            continue
        desk.records.confirm(receipt)
        done.append(Submitted(receipt, tuple(receipt_words(receipt))))
    return done


def fetch_feedback(desk: Desk, course: str, assignment: str) -> list[Words]:
    """Write the HTML feedback of every graded attempt to ``feedback/<receipt>/`` of the assignment's folder."""
    graded = [receipt for receipt in desk.client.attempts(course, assignment) if receipt.status is AttemptStatus.GRADED]
    if not graded:
        raise _no_feedback()
    return [_save_feedback(desk, receipt) for receipt in graded]


def feedback_folder(desk: Desk, receipt: Receipt) -> Path:
    """Where the feedback of one attempt is kept."""
    return desk.folder(receipt.course, receipt.assignment) / FEEDBACK_FOLDER / receipt.receipt_id


def _save_feedback(desk: Desk, receipt: Receipt) -> Words:
    """Feedback is ours, not the student's work: a newer page replaces the older one. A refusal becomes words."""
    folder = feedback_folder(desk, receipt)
    try:
        pages = desk.client.feedback(receipt.receipt_id)
    except PortalError as error:
        if error.may_pass:
            raise
        return Words(ko=f"{receipt.receipt_id}: {error.words.ko}", en=f"{receipt.receipt_id}: {error.words.en}")
    for path, data in pages.items():
        replace_file(inside(folder, path), data)
    where = folder.relative_to(desk.root)
    return Words(
        ko=f"{receipt.receipt_id}: 피드백 {len(pages)}개를 '{where}'에 저장했습니다.",
        en=f"{receipt.receipt_id}: {len(pages)} feedback pages saved in '{where}'.",
    )


def _set_aside_old_version(folder: Path, release: Release) -> list[Words]:
    """Rename a folder that holds another version, so that two versions never mix and no work is lost."""
    marker = read_marker(folder)
    if marker is None or marker.version == release.version:
        return []
    moment = datetime.now(SCREEN_ZONE).strftime("%Y%m%d-%H%M%S")
    kept = folder.with_name(f"{folder.name}.v{marker.version}.{moment}")
    folder.rename(kept)
    return [
        Words(
            ko=f"과제가 새 버전({release.version})으로 바뀌었습니다. 지금까지의 작업은 '{kept.name}' 폴더에 "
            "그대로 있습니다. 필요한 부분을 옮겨 쓰십시오.",
            en=f"The assignment has a new version ({release.version}). Your work so far is kept in '{kept.name}'; "
            "copy over what you need.",
        )
    ]


def _renew_learner_file(folder: Path, files: dict[str, bytes]) -> None:
    """The seed file is the portal's, not the student's work; a wrong seed would give data the grader doesn't use."""
    if LEARNER_FILE in files:
        replace_file(folder / LEARNER_FILE, files[LEARNER_FILE])


def _fetched(desk: Desk, folder: Path, written: list[str], kept: list[str]) -> Words:
    where = folder.relative_to(desk.root)
    if not kept:
        return Words(
            ko=f"과제를 '{where}' 폴더로 가져왔습니다(파일 {len(written)}개).",
            en=f"Fetched into '{where}' ({len(written)} files).",
        )
    return Words(
        ko=f"'{where}'에 있던 파일 {len(kept)}개는 그대로 두고 없는 파일 {len(written)}개만 가져왔습니다. "
        "처음 상태의 파일이 필요하면 그 파일의 이름을 바꾼 뒤 다시 가져오십시오.",
        en=f"Kept {len(kept)} existing files in '{where}' and added {len(written)} missing ones. "
        "To get an original file again, rename yours and fetch again.",
    )


def _own_marker(folder: Path, course: str, assignment: str) -> Marker | None:
    """The marker, unless the folder was copied here from another assignment."""
    marker = read_marker(folder)
    if marker is None or (marker.course, marker.assignment) != (course, assignment):
        return None
    return marker


def _has_notebook(files: dict[str, bytes]) -> bool:
    return any(path.endswith(".ipynb") for path in files)


def _missing_notebooks(files: dict[str, bytes], marker: Marker | None) -> Words | None:
    """Words about notebooks that were fetched but are not in the folder (renamed, moved, deleted)."""
    expected = marker.notebooks if marker else ()
    missing = [path for path in expected if path not in files]
    if missing:
        names = ", ".join(missing)
        return Words(
            ko=f"과제의 노트북이 폴더에 없습니다: {names}. 이름을 바꾸었다면 되돌린 뒤 다시 제출해 주십시오. "
            "파일은 그대로 있습니다.",
            en=f"Notebooks of the assignment are missing: {names}. If you renamed them, name them back and "
            "submit again. Your files are untouched.",
        )
    if not _has_notebook(files):
        return Words(
            ko="폴더에 노트북(.ipynb)이 없어 제출하지 않았습니다. 과제를 먼저 가져오십시오.",
            en="There is no notebook (.ipynb) in the folder, so nothing was submitted. Fetch the assignment first.",
        )
    return None


def _no_folder(folder: Path, course: str, assignment: str) -> RefusedHereError:
    return RefusedHereError(
        "not_fetched",
        f"'{folder}' 폴더가 없어 제출하지 않았습니다. 먼저 과제를 가져오십시오: "
        f"nbgrader fetch_assignment {assignment} --course {course}",
        f"There is no folder '{folder}', so nothing was submitted. Fetch the assignment first: "
        f"nbgrader fetch_assignment {assignment} --course {course}",
    )


def _no_feedback() -> RefusedHereError:
    return RefusedHereError(
        "no_feedback",
        "아직 채점이 끝난 제출이 없습니다. 채점이 끝나면 포털과 이 화면에 결과가 나옵니다.",
        "No attempt has been graded yet. The result will show here and in the portal.",
    )
