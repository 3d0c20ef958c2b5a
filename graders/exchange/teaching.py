"""An instructor's two moves from a notebook server: stage a source folder, collect a class's attempts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from graders.exchange.client import PortalClient, safe_name
from graders.exchange.errors import RefusedHereError
from graders.exchange.folder import inside, read_folder, replace_file
from graders.exchange.speech import screen_time
from graders.exchange.wire import CollectedAttempt, StagedVersion, Words

TIMESTAMP_FILE = "timestamp.txt"

#: Username, assignment -> the folder nbgrader expects that student's submission in.
SubmittedFolder = Callable[[str, str], Path]


@dataclass(frozen=True)
class CollectOptions:
    """Which attempts, and whether a newer one replaces what was collected before."""

    all_attempts: bool = False
    update: bool = False


def stage_assignment(
    client: PortalClient, source: Path, course: str, assignment: str, ignore: Iterable[str] = ()
) -> tuple[StagedVersion, list[Words]]:
    """Upload ``source/<assignment>`` with its solutions and hidden tests; the portal builds the release from it."""
    if not source.is_dir():
        raise _no_source(source)
    contents = read_folder(source, ignore)
    if not any(path.endswith(".ipynb") for path in contents.files):
        raise _no_notebook(source)
    version = client.stage(course, assignment, contents.files)
    return version, [_staged(version, len(contents.files)), *contents.notes]


def collect_assignment(
    client: PortalClient, course: str, assignment: str, place: SubmittedFolder, options: CollectOptions
) -> list[Words]:
    """Bring the attempts of a class into nbgrader's ``submitted`` folders; returns one line per attempt."""
    attempts = client.collection(course, assignment, all_attempts=options.all_attempts)
    newest = _newest(attempts)
    said = [_collect_one(client, attempt, _where(attempt, newest, place), options) for attempt in attempts]
    return said or [Words(ko="아직 제출이 없습니다.", en="There are no submissions yet.")]


def _newest(attempts: Iterable[CollectedAttempt]) -> set[str]:
    """Receipts that are their owner's highest attempt number."""
    last: dict[str, CollectedAttempt] = {}
    for attempt in attempts:
        if attempt.username not in last or attempt.number > last[attempt.username].number:
            last[attempt.username] = attempt
    return {attempt.receipt_id for attempt in last.values()}


def _where(attempt: CollectedAttempt, newest: set[str], place: SubmittedFolder) -> Path:
    """The newest attempt lies where nbgrader looks for it, older ones beside it."""
    folder = place(safe_name(attempt.username), safe_name(attempt.assignment))
    if attempt.receipt_id in newest:
        return folder
    return folder.with_name(f"{folder.name}.attempt{attempt.number}.{attempt.receipt_id}")


def _collect_one(client: PortalClient, attempt: CollectedAttempt, folder: Path, options: CollectOptions) -> Words:
    moment = screen_time(attempt.received_at)
    title = f"{attempt.username} · {attempt.receipt_id} · {moment}"
    if folder.is_dir() and _is_same(folder, attempt):
        return Words(ko=f"{title}: 이미 있습니다.", en="already collected.")
    if folder.is_dir() and not options.update:
        return Words(ko=f"{title}: 이전 제출이 있습니다. 바꾸려면 --update.", en="an older one is there; use --update.")
    files = client.received_files(attempt.receipt_id)
    targets = {inside(folder, path): data for path, data in files.items()}
    _set_aside(folder)
    for target, data in targets.items():
        replace_file(target, data)
    replace_file(folder / TIMESTAMP_FILE, _timestamp(attempt))
    return Words(ko=f"{title}: 가져왔습니다.", en=f"collected ({len(files)} files).")


def _set_aside(folder: Path) -> None:
    """An instructor may have written notes into an earlier collection: keep it under its own time."""
    if folder.is_dir():
        stamp = (folder / TIMESTAMP_FILE).stat().st_mtime_ns if (folder / TIMESTAMP_FILE).is_file() else 0
        folder.rename(folder.with_name(f"{folder.name}.before{stamp}"))


def _timestamp(attempt: CollectedAttempt) -> bytes:
    """What nbgrader reads as the time of a submission: the server's, to the microsecond, in UTC."""
    return attempt.received_at.strftime("%Y-%m-%d %H:%M:%S.%f %Z\n").encode()


def _is_same(folder: Path, attempt: CollectedAttempt) -> bool:
    try:
        return (folder / TIMESTAMP_FILE).read_bytes() == _timestamp(attempt)
    except OSError:
        return False


def _staged(version: StagedVersion, count: int) -> Words:
    """What the upload led to: the bytes of the newest version again are that version, wherever it stands."""
    ko, en = _STANDS.get(version.state, _BEING_CHECKED)
    return Words(
        ko=f"버전 {version.version}을(를) 올렸습니다(파일 {count}개). {ko}: {version.portal_url}",
        en=f"Version {version.version} is uploaded ({count} files). {en}: {version.portal_url}",
    )


_BEING_CHECKED = (
    "아직 공개되지 않았습니다. 점검이 끝나면 포털에서 확인하고 게시해 주십시오",
    "It is not yet live: review and publish it in the portal once its check has ended",
)
#: State -> what to do now; a state that is not here is on its way through the check.
_STANDS = {
    "ready": (
        "점검을 마친 버전입니다. 포털에서 확인하고 게시해 주십시오",
        "It is not yet live, but checked: review and publish it in the portal",
    ),
    "retired": (
        "예전에 게시했던 버전과 같습니다. 포털에서 다시 게시할 수 있습니다",
        "It is a version that was live before: it can be published again in the portal",
    ),
    "live": (
        "이미 게시된 버전과 같아서 바뀐 것이 없습니다",
        "It is the version that is live already: nothing has changed",
    ),
    "rejected": (
        "이 내용은 점검에서 문제가 발견되어 게시할 수 없습니다. 포털에서 이유를 확인해 주십시오",
        "Its check found faults, so it can't be published: the portal says which",
    ),
}


def _no_source(source: Path) -> RefusedHereError:
    return RefusedHereError(
        "no_source",
        f"'{source}' 폴더가 없어 올리지 않았습니다. 과정 폴더(그 안에 source/<과제>)에서 실행해 주십시오.",
        f"There is no folder '{source}', so nothing was uploaded. Run this in the course folder (the one that "
        "holds source/<assignment>).",
    )


def _no_notebook(source: Path) -> RefusedHereError:
    return RefusedHereError(
        "no_notebook",
        f"'{source}'에 노트북(.ipynb)이 없어 올리지 않았습니다.",
        f"'{source}' holds no notebook (.ipynb), so nothing was uploaded.",
    )
