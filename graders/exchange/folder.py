"""A folder in somebody's home and the file set it stands for: read for upload, written after download.

Reading never leaves the folder: links are not followed, and whatever is not a regular file is named and left out.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from graders.exchange.errors import RefusedHereError
from graders.exchange.wire import Words

MEGABYTE = 1_000_000

#: Written by editors, kernels and this platform; never part of the work. Hidden names are left out anyway.
JUNK = ("__pycache__", "*.pyc", "*.pyo", "*~", "#*#", "~$*", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class UploadLimits:
    """What one upload may hold, in bytes. The portal checks again; this saves the student a long wait."""

    notebook_bytes: int = 5 * MEGABYTE
    total_bytes: int = 25 * MEGABYTE
    files: int = 200


@dataclass(frozen=True)
class FolderContents:
    """Files of a folder, and words about what was left out on purpose."""

    files: dict[str, bytes]
    notes: tuple[Words, ...]


def read_folder(root: Path, ignore: Iterable[str] = (), limits: UploadLimits | None = None) -> FolderContents:
    """Read the regular files below ``root``; raises ``RefusedHereError`` when limits are passed."""
    limits = limits or UploadLimits()
    patterns = (*JUNK, *ignore)
    files: dict[str, bytes] = {}
    notes: list[Words] = []
    room = limits.total_bytes
    for entry in _walk(root, patterns):
        path = entry.relative_to(root).as_posix()
        data = _read(entry, min(room, _allowed(path, limits)))
        if data is None:
            notes.append(_left_out(path))
            continue
        _check_size(path, data, room, limits)
        room -= len(data)
        files[path] = data
        _check_count(len(files), limits)
    return FolderContents(files, tuple(notes))


def write_missing(root: Path, files: Mapping[str, bytes]) -> tuple[list[str], list[str]]:
    """Write what is not there yet; returns (written, kept). An existing file is never opened for writing."""
    written: list[str] = []
    kept: list[str] = []
    for path in sorted(files):
        target = inside(root, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        is_new = not os.path.lexists(target) and _create(target, files[path])
        (written if is_new else kept).append(path)
    return written, kept


def inside(root: Path, path: str) -> Path:
    """``root / path``; refuses absolute and parent paths and folders that are links, whoever sent them."""
    parts = PurePosixPath(path).parts
    if not parts or PurePosixPath(path).is_absolute() or ".." in parts or "\\" in path or "\0" in path:
        raise _outside(path)
    folders = [root.joinpath(*parts[:depth]) for depth in range(1, len(parts))]
    if any(folder.is_symlink() for folder in folders):
        raise _outside(path)
    return root.joinpath(*parts)


def replace_file(target: Path, data: bytes) -> None:
    """Write so that a crash leaves the old or the new bytes, never half of them."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)


def _walk(root: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    """Entries below ``root`` in path order, hidden and junk names and linked folders' insides left out."""
    for folder, names, files in os.walk(root, followlinks=False):
        here = Path(folder)
        linked = [name for name in names if (here / name).is_symlink()]
        names[:] = sorted(name for name in names if name not in linked and not _is_junk(name, patterns))
        yield from (here / name for name in sorted(files + linked) if not _is_junk(name, patterns))


def _is_junk(name: str, patterns: tuple[str, ...]) -> bool:
    return name.startswith(".") or any(fnmatch(name, pattern) for pattern in patterns)


def _read(path: Path, most: int) -> bytes | None:
    """At most ``most + 1`` bytes of a regular file; None for links, devices, sockets, pipes and unreadable files.

    The kind is asked of the opened file, so that nothing can be swapped in between; O_NONBLOCK keeps a pipe
    without a writer from hanging the upload.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most + 1) if stat.S_ISREG(os.fstat(descriptor).st_mode) else None


def _create(target: Path, data: bytes) -> bool:
    """Put whole bytes where nothing is yet; False when something is, even a link that leads nowhere."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    draft.write_bytes(data)
    try:
        os.link(draft, target)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links; the caller has just seen that nothing is there
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return True


def _allowed(path: str, limits: UploadLimits) -> int:
    return limits.notebook_bytes if path.endswith(".ipynb") else limits.total_bytes


def _check_size(path: str, data: bytes, room: int, limits: UploadLimits) -> None:
    if len(data) > _allowed(path, limits):
        raise RefusedHereError(
            "file_too_large",
            f"'{path}'이(가) {_allowed(path, limits) // MEGABYTE} MB보다 큽니다. 큰 출력은 "
            "‘모든 출력 지우기’로 지운 뒤 다시 제출해 주십시오. 아직 아무것도 제출되지 않았고 파일은 그대로 있습니다.",
            f"'{path}' is larger than {_allowed(path, limits) // MEGABYTE} MB. Clear large outputs "
            "(Clear All Outputs) and submit again. Nothing was submitted yet and your files are untouched.",
        )
    if len(data) > room:
        raise RefusedHereError(
            "too_large",
            f"폴더가 모두 {limits.total_bytes // MEGABYTE} MB보다 큽니다('{path}'에서 넘었습니다). "
            "제출하지 않을 파일을 다른 폴더로 옮긴 뒤 다시 제출해 주십시오. "
            "아직 아무것도 제출되지 않았고 파일은 그대로 있습니다.",
            f"The folder is larger than {limits.total_bytes // MEGABYTE} MB in all (passed at '{path}'). Move files "
            "that do not belong to the work elsewhere and submit again. Nothing was submitted yet.",
        )


def _check_count(count: int, limits: UploadLimits) -> None:
    if count > limits.files:
        raise RefusedHereError(
            "too_many_files",
            f"파일이 {limits.files}개보다 많습니다. 제출하지 않을 파일을 다른 폴더로 옮긴 뒤 다시 제출해 주십시오. "
            "아직 아무것도 제출되지 않았고 파일은 그대로 있습니다.",
            f"There are more than {limits.files} files. Move those that do not belong to the work elsewhere and "
            "submit again. Nothing was submitted yet and your files are untouched.",
        )


def _left_out(path: str) -> Words:
    return Words(
        ko=f"'{path}'은(는) 보통 파일이 아니거나 읽을 수 없어 제출에서 뺐습니다.",
        en=f"'{path}' is not a regular readable file and was left out.",
    )


def _outside(path: str) -> RefusedHereError:
    return RefusedHereError(
        "bad_path",
        f"폴더 밖을 가리키는 파일 이름이 있어 쓰지 않았습니다: '{path}'. 담당 교수에게 알려 주십시오.",
        f"A file name points outside its folder and was not written: '{path}'. Please tell your instructor.",
    )
