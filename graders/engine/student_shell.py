"""The student's IPython shell: a notebook kernel's behaviour without the kernel, its sockets and its threads."""

from __future__ import annotations

import base64
import builtins
import os
import subprocess
import sys
from typing import Any, NoReturn

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from graders.engine.outputs_capture import Capture, CapturedStream


class CapturingDisplayHook(DisplayHook):
    """Keeps the value of a cell's last expression as ``execute_result``."""

    def write_output_prompt(self) -> None:
        """Notebooks show the number themselves."""

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        """Add the formatted value to the cell's outputs."""
        output = {"output_type": "execute_result", "execution_count": self.prompt_count}
        capture: Capture = self.shell.capture  # type: ignore[union-attr]
        capture.add({**output, "data": _encoded(format_dict), "metadata": md_dict or {}})

    def finish_displayhook(self) -> None:
        """Nothing follows in a notebook."""
        self._is_active = False


class CapturingDisplayPublisher(DisplayPublisher):
    """Keeps ``display(...)`` and figures as ``display_data``."""

    def publish(self, data: Any, metadata: Any = None, *_: Any, **options: Any) -> None:
        """Add or update one display."""
        display_id = (options.get("transient") or {}).get("display_id")
        output = {"output_type": "display_data", "data": _encoded(data), "metadata": metadata or {}}
        if options.get("update"):
            self.shell.capture.update(display_id, output)
        else:
            self.shell.capture.add({**output, **({"display_id": display_id} if display_id else {})})

    def clear_output(self, wait: bool = False) -> None:
        """Take back the cell's outputs."""
        self.shell.capture.clear(wait)


class StudentShell(InteractiveShell):
    """IPython as a notebook kernel runs it; made in the warm process, used in its forks."""

    displayhook_class = Type(CapturingDisplayHook)
    display_pub_class = Type(CapturingDisplayPublisher)
    capture = Capture(1_000_000)
    allow_shell = True

    def enable_gui(self, gui: Any = None) -> None:
        """There is no event loop to attach to."""

    def ask_exit(self) -> None:
        """``exit`` in a cell ends nothing: a notebook goes on with its next cell."""

    def system(self, cmd: str) -> None:
        """Run ``!cmd`` and show what it prints; refused where the assignment forbids it."""
        if not self.allow_shell:
            raise PermissionError("이 과제에서는 !명령을 쓸 수 없습니다 / !commands are not allowed in this assignment")
        result = subprocess.run(  # noqa: S602 - a shell is what the cell asks for, inside the sandbox
            self.var_expand(cmd, depth=1),  # type: ignore[no-untyped-call]
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        sys.stdout.write(result.stdout.decode("utf-8", "replace"))
        self.user_ns["_exit_code"] = result.returncode

    system_piped = system_raw = system

    def _showtraceback(self, etype: type[BaseException], evalue: BaseException, stb: list[str]) -> None:
        name, value = getattr(etype, "__name__", "Exception"), _safe_text(evalue)
        self.capture.add({"output_type": "error", "ename": name, "evalue": value, "traceback": list(stb)})


def make_shell() -> StudentShell:
    """Make the shell of this process: no configuration files, no history database (it would start a thread)."""
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "neutral"
    config.InteractiveShell.banner1 = ""
    shell: StudentShell = StudentShell.instance(config=config)
    return shell


#: Cells that bring in what IPython imports only when it formats the first error, frame or figure.
_REHEARSAL = {
    "": "1/0",
    "pandas": "import pandas; pandas.DataFrame({'a': [1.5]})",
    "sklearn": (
        "import sys, sklearn.linear_model\nX, y = [[0], [1]], [0, 1]\n"
        "if 'pandas' in sys.modules:\n    X = sys.modules['pandas'].DataFrame({'a': [0, 1]})\n"
        "sklearn.linear_model.LinearRegression().fit(X, y).score(X, y)"
    ),
    "sklearn.ensemble": (
        "import sklearn.ensemble; sklearn.ensemble.RandomForestClassifier(2, random_state=0).fit([[0], [1]], [0, 1])"
    ),
    "sklearn.model_selection": "import sklearn.model_selection; sklearn.model_selection.train_test_split([0, 1])",
    "matplotlib.pyplot": "import matplotlib.pyplot as plt; plt.plot([1, 2], label='b'); plt.title('a'); plt.legend()",
}


def run_source(shell: StudentShell, source: str, cell_id: str | None = None) -> BaseException | None:
    """Run one cell as a notebook would; return the exception that ended it."""
    keep = cell_id is not None
    result = shell.run_cell(source, store_history=keep, cell_id=cell_id)  # type: ignore[no-untyped-call]
    error: BaseException | None = result.error_before_exec or result.error_in_exec
    return error


def rehearse(shell: StudentShell) -> None:
    """Run typical cells once in the warm process and forget them: the first error or figure would be slow."""
    for module, source in _REHEARSAL.items():
        if not module or module in sys.modules:
            run_source(shell, source)
    shell.capture.begin()
    shell.reset(new_session=True)  # type: ignore[no-untyped-call]
    shell.execution_count = 1


def attach_streams(shell: StudentShell, capture: Capture) -> None:
    """Make ``shell`` write into ``capture``, and refuse ``input()`` as a notebook without a person does."""
    StudentShell.capture = capture
    shell.capture = capture
    sys.stdout, sys.stderr = CapturedStream(capture, "stdout", 1), CapturedStream(capture, "stderr", 2)
    sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - lives as long as the process
    builtins.input = _refuse_input


def _refuse_input(*_: object) -> NoReturn:
    raise StdinNotImplementedError("raw_input was called, but this frontend does not support input requests.")


def _encoded(data: dict[str, Any]) -> dict[str, Any]:
    """Figures as bytes become base64, as in a notebook file."""
    return {
        mime: base64.b64encode(value).decode() if isinstance(value, bytes) else value for mime, value in data.items()
    }


def _safe_text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - a student's __str__ may raise anything
        return "<unprintable error>"
