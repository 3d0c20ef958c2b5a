"""Runs test cells in the trusted process: namespace, rewrite, clock, and the reading of how each cell ended."""

from __future__ import annotations

import ast
import builtins
import io
import linecache
import os
import re
import signal
import socket
import sys
import time
import traceback
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graders.contract import Isolation
from graders.engine.crossing import find_cannot_cross, test_filename, value_beside
from graders.engine.namespace import Namespace
from graders.engine.namespace_plan import bound_names, make_plans, nodes_of, parse_cell
from graders.engine.profile import CellProfile, Enforcer, Guard, Recorder, load_profile
from graders.engine.results import Ending, TestTimeout, read_ending
from graders.engine.rewrite import LAST, rewrite_given, rewrite_test, transform_magics
from graders.engine.trusted_environment import Changes
from graders.engine.trusted_files import StudentFiles
from graders.engine.trusted_inspect import install_inspect
from graders.engine.trusted_model import CellAnswer, TestCell, TrustedNotebook
from graders.engine.trusted_session import Session
from graders.engine.trusted_shell import Modules, make_builtin_names
from graders.engine.trusted_text import InstructorsText, guarded
from graders.engine.trusted_written import WrittenFiles, may_write, texts_of
from graders.engine.wire import BridgeError

_PRINTED_MAX = 200_000
_STAFF_MAX = 20_000
#: The clock of the cell rings this long before whoever started the process would kill it.
GRACE_SECONDS = 2.0


#: A path of several parts that JSON writes as it is.
_PLAIN_PATH = re.compile(r"(/[\w.\-]+){3,}", re.ASCII)


class NotebookTests:
    """All test cells of one notebook: names that one binds are there for the next."""

    def __init__(self, notebook: TrustedNotebook) -> None:
        self.notebook = notebook
        self.plans = make_plans(notebook.cells)
        self.session = Session()
        self.modules = Modules(
            self.session,
            local_modules_in_student=notebook.local_modules_in_student,
            local=_local_modules(notebook.folder),
        )
        names = make_builtin_names(self.session, self.modules, self._run_python)
        names["__builtins__"] = vars(builtins)
        self.namespace = Namespace(self._run_given, self._ask_name, names)
        names["get_ipython"]().user_ns = self.namespace
        self.session.folders = _folders(notebook)
        written = _watch_written(notebook)
        writes = _tests_may_write(notebook)
        self.changes = Changes(self.session, self.namespace, notebook.folder, written if writes else None)
        self.files = StudentFiles(self.session, notebook.folder, written)
        self.session.environment = self.changes.collect
        self.session.on_code_ran = self.namespace.code_ran
        self.session.on_rebound = self.changes.rebound
        self.session.on_seen = self._take_seen
        self.session.watch = self._watch
        self.main = MainModule(self.namespace)
        self.text = InstructorsText(notebook)
        install_inspect()

    # ---- one cell

    def run(self, cell: TestCell, sock: socket.socket) -> CellAnswer:
        """Run one test cell against the student's process at the other end of ``sock``."""
        start = time.monotonic()
        guard = _make_guard(cell)
        self.session.connect(sock, guard, start + cell.seconds)
        printed = _Printed()
        with _streams(printed), _as_main(self.main), guarded(self.text, self.session.has_heard_text):
            ending = self._end_in_time(cell)
        staff = _staff_text(ending)
        ending = self._finish(ending, cell)
        self.session.disconnect()
        answer = self._answer(cell, ending, guard, time.monotonic() - start)
        return answer.model_copy(update={"printed": printed.getvalue(), "staff_message": staff or _staff_text(ending)})

    def _end_in_time(self, cell: TestCell) -> Ending:
        """The alarm rings again and again: it may also ring while the first end is being written down."""
        try:
            with _alarm(cell.seconds):
                return self._end_of(cell)
        except TestTimeout as error:
            return Ending(error=self.session.broken or error)

    def _end_of(self, cell: TestCell) -> Ending:
        try:
            value = self._execute(cell)
        except BaseException as error:  # noqa: BLE001  # every end of a test is read by the table
            return Ending(error=self.session.broken or error, shown=_shown(error, cell))
        return Ending(error=self.session.broken, value=value, has_value=True)

    def _execute(self, cell: TestCell) -> Any:
        self.namespace.start_cell(self.plans[cell.index])
        if cell.in_process:
            self.namespace.beside.update(bound_names(parse_cell(cell.source).body))
            return value_beside(self.session.ask("fork", "fork", [], source=cell.source))
        source = transform_magics(cell.source)
        filename = test_filename(cell)
        linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
        tree = rewrite_test(source)
        nodes = list(ast.walk(tree))
        self.changes.start_cell(nodes)
        self.files.fetch(nodes)
        dict.pop(self.namespace, LAST, None)
        exec(compile(tree, filename, "exec"), self.namespace)  # noqa: S102  # the instructor's own test
        return dict.pop(self.namespace, LAST, None)

    def _finish(self, ending: Ending, cell: TestCell) -> Ending:
        """Tell the student's side what the test changed and that it is over."""
        dict.pop(self.namespace, LAST, None)
        if isinstance(ending.error, BridgeError | TestTimeout):
            return ending
        try:
            with _alarm(min(cell.seconds, 10)):
                self.session.ask("end", "", [])
        except BaseException as error:  # noqa: BLE001  # a dead student side is an outcome
            return ending if ending.error else Ending(error=error)
        return ending

    def _answer(self, cell: TestCell, ending: Ending, guard: Guard, seconds: float) -> CellAnswer:
        outcome, points, message = read_ending(ending, cell.max_points, guard.may_show)
        if isinstance(guard, Recorder):
            self._flag_comparisons(guard)
        return CellAnswer(
            outcome=outcome,
            points=points,
            message=message,
            isolation=self._isolation(cell),
            seconds=seconds,
            flags=tuple(self.session.flags.values()),
            profile=guard.profile.to_json() if isinstance(guard, Recorder) else None,
            bridge_seconds=self.session.seconds,
            requests=self.session.requests,
            cannot_cross=find_cannot_cross(ending.error, cell) if cell.record and points != cell.max_points else (),
        )

    def _flag_comparisons(self, guard: Recorder) -> None:
        """At publish time: a comparison of the student's objects takes their own word."""
        labels = sorted({label for label, operator in guard.profile.operators if operator.partition(":")[1]})
        if labels:
            self.session.flag(
                "compares_objects",
                f"학생의 객체를 서로 비교합니다. 속성의 값도 확인하십시오: {', '.join(labels)[:200]}",
                f"It compares objects of the student's own class: test attributes as well: {', '.join(labels)[:200]}",
            )

    def _isolation(self, cell: TestCell) -> Isolation:
        if cell.in_process:
            return Isolation.IN_PROCESS
        return Isolation.LOCAL_MODULES if self.notebook.local_modules_in_student else Isolation.ISOLATED

    # ---- files and variables that both sides share

    def _watch(self) -> dict[str, list[str]]:
        found = {"files": self.files.watched(), "environ": self.changes.environ.names}
        return {kind: names for kind, names in found.items() if names}

    def _take_seen(self, files: dict[str, Any], environ: dict[str, Any]) -> None:
        self.files.take(files)
        self.changes.environ.take(environ, self.session.guard)

    # ---- what the namespace asks for

    def _ask_name(self, do: str, name: str) -> Any:
        return self.session.ask(do, name, [], name=name) if do == "get" else self.session.ask("names", "names", [])

    def _run_given(self, name: str) -> bool:
        statement = self.namespace.plan.bindings[name].statement
        if statement is None:
            return False
        scope = _GivenScope(self.namespace)
        try:
            exec(compile(rewrite_given([statement]), f"<given {name}>", "exec"), self.namespace, scope)  # noqa: S102
        except ImportError:
            return False
        for bound, value in scope.bound.items():
            self.namespace.bind_given(bound, value)
        return name in scope.bound

    def _run_python(self, source: str) -> None:
        tree = rewrite_test(transform_magics(source))
        exec(compile(tree, "<test magic>", "exec"), self.namespace)  # noqa: S102  # part of the instructor's own test
        dict.pop(self.namespace, LAST, None)


class _GivenScope(dict[str, Any]):
    """Collects what a given statement binds, without marking it as the test's own."""

    def __init__(self, names: Namespace) -> None:
        super().__init__()
        self.bound: dict[str, Any] = {}
        self._names = names

    def __setitem__(self, name: str, value: Any) -> None:
        self.bound[name] = value

    def __missing__(self, name: str) -> Any:
        return self.bound[name] if name in self.bound else self._names[name]


class MainModule(types.ModuleType):
    """``sys.modules["__main__"]`` of the trusted process: the namespace of the tests (``mock.patch("__main__.f")``)."""

    def __init__(self, names: Namespace) -> None:
        super().__init__("__main__")
        vars(self)["_axc_names"] = names

    def __getattr__(self, name: str) -> Any:
        try:
            return vars(self)["_axc_names"][name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        vars(self)["_axc_names"][name] = value

    def __delattr__(self, name: str) -> None:
        del vars(self)["_axc_names"][name]


class _Printed(io.StringIO):
    """What a test and the student code under it print: for staff, bounded."""

    def write(self, text: str) -> int:
        if self.tell() < _PRINTED_MAX:
            super().write(text[:_PRINTED_MAX])
        return len(text)


@contextmanager
def _streams(printed: io.StringIO) -> Iterator[None]:
    before = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = printed
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


@contextmanager
def _as_main(module: types.ModuleType) -> Iterator[None]:
    """Let ``__main__`` be the notebook while a test runs, and only then: outside nobody answers for its names."""
    before = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        yield
    finally:
        sys.modules["__main__"] = before


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise ``TestTimeout`` in the test after ``seconds``."""

    def ring(_signal: int, _frame: Any) -> None:
        raise TestTimeout(f"{seconds:g} s are over")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)  # again and again: a bare except may swallow one
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _make_guard(cell: TestCell) -> Any:
    if cell.record:
        return Recorder()
    profile: CellProfile | None = load_profile(cell.profile) if cell.profile is not None else None
    return Enforcer(profile)


def _folders(notebook: TrustedNotebook) -> tuple[bytes, bytes] | None:
    """Both working folders, if texts can name them without escapes."""
    both = (notebook.folder, notebook.student_folder)
    is_plain = all(_PLAIN_PATH.fullmatch(folder) for folder in both)
    return (both[0].encode(), both[1].encode()) if is_plain else None


def _watch_written(notebook: TrustedNotebook) -> WrittenFiles:
    """The folder's watcher; what the instructor's own code says of files may be told to the student's side."""
    written = WrittenFiles(notebook.folder)
    sources = (cell.source for cell in notebook.cells if cell.role != "test")
    written.learn_texts(text for source in sources for text in texts_of(nodes_of(source)))
    return written


def _tests_may_write(notebook: TrustedNotebook) -> bool:
    """Whether looking for written files is worth its time: helper modules may do anything."""
    sources = (cell.source for cell in notebook.cells if cell.role != "solution")
    return bool(_local_modules(notebook.folder)) or any(may_write(nodes_of(source)) for source in sources)


def _local_modules(folder: str) -> frozenset[str]:
    """Top-level module names of the instructor's helper files; the folder of temporary files is none."""
    with os.scandir(folder) as entries:
        names = [e.name.removesuffix(".py") for e in entries if e.name.endswith(".py") or e.is_dir()]
    return frozenset(name for name in names if name.isidentifier())


def _shown(error: BaseException, cell: TestCell) -> str | None:
    """The failing line, if the student's version of the cell has it: hidden text is never quoted."""
    filename = test_filename(cell)
    lines = [f.line.strip() for f in traceback.extract_tb(error.__traceback__) if f.filename == filename and f.line]
    released = {line.strip() for line in cell.released.splitlines()}
    if not lines or lines[0] not in released or lines[-1] not in released:
        return None
    return lines[-1][:500]


def _staff_text(ending: Ending) -> str | None:
    error = ending.error
    if error is None:
        return None
    try:
        text = "".join(traceback.format_exception(error))
    except BaseException:  # noqa: BLE001  # its message may ask an object of the student, who may do anything
        text = "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__
    trace = getattr(error, "__axc_trace__", None)
    if trace:
        text = f"{text}\n--- in the student's process ---\n{trace}"
    return text[-_STAFF_MAX:]
