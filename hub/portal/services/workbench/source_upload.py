"""An instructor's source folder as a browser sends it: notebooks and data, or one zip archive with all of them."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Iterable

from graders.files import FileSet
from graders.intake import IntakeLimits
from hub.portal.errors import InvalidError, TooLargeError
from hub.portal.services.acceptance import check_files

#: What operating systems put into archives for themselves.
_NOISE = ("__MACOSX/", ".DS_Store", "Thumbs.db", ".ipynb_checkpoints/")


def read_source(files: Iterable[tuple[str, bytes]], limits: IntakeLimits | None = None) -> FileSet:
    """Return uploaded files, archives unpacked, as a checked file set; InvalidError says what can't be taken."""
    limits = limits or IntakeLimits()
    found: dict[str, bytes] = {}
    for name, data in files:
        parts = _unpack(data, limits) if name.lower().endswith(".zip") else {name: data}
        if found.keys() & parts.keys():
            raise InvalidError("path_twice", "같은 경로의 파일이 두 번 들어 있습니다.", "A path appears twice.")
        found |= parts
    checked = check_files(_without_folder(found), limits)
    if not any(path.endswith(".ipynb") for path in checked):
        raise InvalidError("no_notebook", "노트북(.ipynb)이 없습니다.", "There is no notebook (.ipynb).")
    for path in checked:
        if path.endswith(".ipynb"):
            _check_notebook(path, checked.files[path])
    return checked


def _check_notebook(path: str, data: bytes) -> None:
    """Raise InvalidError unless it has cells: what nbgrader's steps take for granted."""
    try:
        notebook = json.loads(data)
    except ValueError:
        notebook = None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells", notebook.get("worksheets")), list):
        raise InvalidError("bad_notebook", f"{path}: 노트북이 아닙니다.", f"{path} is no Jupyter notebook.")


def _unpack(data: bytes, limits: IntakeLimits) -> dict[str, bytes]:
    """Read an archive; sizes are checked while reading, what an archive says of itself is not trusted."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_noise(entry.filename)]
            if len(entries) > limits.files:
                raise InvalidError(
                    "too_many_files", "압축 파일에 파일이 너무 많습니다.", "The archive has too many files."
                )
            return _read_entries(archive, entries, limits)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:  # RuntimeError: encrypted
        raise InvalidError("bad_zip", "압축 파일을 읽을 수 없습니다.", "The archive can't be read.") from error


def _read_entries(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], limits: IntakeLimits) -> dict[str, bytes]:
    left = limits.submission_bytes
    found: dict[str, bytes] = {}
    for entry in entries:
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise InvalidError("link", "압축 파일에 링크가 들어 있습니다.", "The archive has a link in it.")
        if entry.filename in found:
            raise InvalidError("path_twice", "같은 경로의 파일이 두 번 들어 있습니다.", "A path appears twice.")
        with archive.open(entry) as file:
            found[entry.filename] = file.read(left + 1)
        left -= len(found[entry.filename])
        if left < 0:
            raise TooLargeError("submission_too_large", "파일이 너무 큽니다.", "The files are too large.")
    return found


def _is_noise(path: str) -> bool:
    return any(noise in path for noise in _NOISE)


def _without_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    """An archive of a folder has everything below one name: that folder is not part of the assignment."""
    tops = {path.partition("/")[0] for path in files}
    if len(tops) != 1 or not all("/" in path for path in files):
        return files
    return {path.partition("/")[2]: data for path, data in files.items()}
