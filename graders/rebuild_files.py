"""The files of the working folder: the instructor's always, the student's where they hide none of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from graders.contract import LEARNER_FILE, Flag
from graders.files import FileSet
from graders.rebuild_flags import make_flag

#: Suffixes under which Python finds a module of the same name (a compiled one wins over the source).
_MODULE_SUFFIXES = (".py", ".pyc", ".pyo", ".so", ".pyd", ".pyw")


def rebuild_files(
    helpers: FileSet, submitted: FileSet, *, notebooks: Iterable[str], student_files: Iterable[str] = ()
) -> tuple[FileSet, tuple[Flag, ...]]:
    """Lay the instructor's files over the student's; ``student_files`` are helpers that students are meant to edit."""
    skipped = {*notebooks, LEARNER_FILE}
    editable = set(student_files)
    kept: dict[str, bytes] = {}
    flags: list[Flag] = []
    rules = _Shadows(helpers, submitted)
    for path, data in submitted.files.items():
        if path in skipped:
            continue
        hidden = None if path in helpers.files else rules.hidden_by(path)
        if hidden:
            flags.append(make_flag("file_shadows", path, hidden))
        elif path not in helpers.files or path in editable:
            kept[path] = data
        elif data != helpers.files[path]:
            flags.append(make_flag("file_replaced", path))
    return FileSet({**helpers.files, **kept}), tuple(flags)


class _Shadows:
    """Knows the names under which an instructor's files, folders and modules can be reached."""

    def __init__(self, helpers: FileSet, submitted: FileSet) -> None:
        self._names = {_spelling(prefix): prefix for path in helpers for prefix in _prefixes(path)}
        self._modules = {_module(prefix): prefix for path in helpers if _is_code(path) for prefix in _prefixes(path)}
        self._folders = {prefix for path in helpers for prefix in _prefixes(path)[:-1]}
        self._packages = {prefix for path in submitted if _is_code(path) for prefix in _prefixes(path)}

    def hidden_by(self, path: str) -> str | None:
        """The instructor's file or folder that this path of the student would hide; None if it hides nothing."""
        folder, _, name = path.rpartition("/")
        if folder in self._folders and name.split(".")[0] == "__init__":
            return folder  # it would run before every module in that folder
        hidden = (self._hidden_by_prefix(prefix, is_folder=prefix != path) for prefix in _prefixes(path))
        return next(filter(None, hidden), None)

    def _hidden_by_prefix(self, prefix: str, *, is_folder: bool) -> str | None:
        """A folder that both have hides nothing; another spelling of it, or a module of the same name, does."""
        named = self._names.get(_spelling(prefix))
        if named is not None:
            return None if named == prefix and is_folder and prefix in self._folders else named
        return self._modules.get(_module(prefix)) if prefix in self._packages else None


def _prefixes(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def _is_code(path: str) -> bool:
    return path.lower().endswith(_MODULE_SUFFIXES)


def _spelling(path: str) -> str:
    """One key for all spellings that a disk may take for the same name."""
    return unicodedata.normalize("NFKC", path).casefold()


def _module(path: str) -> str:
    """One key for all files that an import of the same name may find, also helper.cpython-311-x86_64-linux-gnu.so."""
    folder, slash, name = _spelling(path).rpartition("/")
    return folder + slash + (name.split(".")[0] if _is_code(name) else name)
