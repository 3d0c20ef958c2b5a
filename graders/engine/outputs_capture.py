"""What a cell shows, kept in the student's process as nbclient would keep it, within a budget of bytes."""

from __future__ import annotations

import fcntl
import io
import json
import os
import tempfile
from typing import Any

Output = dict[str, Any]

TRUNCATED = "\n[출력이 너무 길어 잘렸습니다 / output truncated]\n"


class Capture:
    """The outputs of the running cell, in order; streams of one name that follow each other are one output."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.outputs: list[Output] = []
        self._used = 0
        self._full = False
        self._clear_next = False

    def begin(self) -> None:
        """Forget the last cell's outputs."""
        self.outputs, self._used, self._full, self._clear_next = [], 0, False, False

    def stream(self, name: str, text: str) -> None:
        """Add printed text; the part beyond the budget is dropped, and said so once."""
        self._clear_if_asked()
        if self._full or not text:
            return
        room = self.limit_bytes - self._used
        if len(text) > room:
            text, self._full = text[: max(room, 0)] + TRUNCATED, True
        self._used += len(text)
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last.get("name") == name:
            last["parts"].append(text)
        else:
            self.outputs.append({"output_type": "stream", "name": name, "parts": [text]})

    def add(self, output: Output) -> None:
        """Add a display, a result or an error; one that is beyond the budget becomes a note."""
        self._clear_if_asked()
        if self._full:
            return
        size = _size_of(output)
        if self._used + size > self.limit_bytes and output["output_type"] != "error":
            self.stream("stderr", TRUNCATED)
            return
        self._used += size
        self.outputs.append(output)

    def update(self, display_id: str, output: Output) -> None:
        """Replace the data of what was shown in this cell under ``display_id``."""
        for shown in self.outputs:
            if shown.get("display_id") == display_id:
                shown.update(data=output["data"], metadata=output["metadata"])

    def clear(self, wait: bool) -> None:
        """Take back what the cell has shown so far, now or with the next output."""
        self._clear_next = wait
        if not wait:
            self.outputs = []

    def finished(self) -> list[Output]:
        """Return the outputs as nbformat 4 has them."""
        return [_finish(output) for output in self.outputs]

    def _clear_if_asked(self) -> None:
        if self._clear_next:
            self.outputs, self._clear_next = [], False


def _size_of(output: Output) -> int:
    try:
        return len(json.dumps(output))
    except (TypeError, ValueError, RecursionError):
        return 2**60  # what is not JSON can't be kept


def _finish(output: Output) -> Output:
    if output["output_type"] == "stream":
        return {"output_type": "stream", "name": output["name"], "text": "".join(output["parts"])}
    return {key: value for key, value in output.items() if key != "display_id"}


class CapturedStream(io.TextIOBase):
    """``sys.stdout`` or ``sys.stderr`` of the student's process: writes into the capture."""

    encoding = "UTF-8"
    errors = "backslashreplace"

    def __init__(self, capture: Capture, name: str, descriptor: int) -> None:
        super().__init__()
        self._capture = capture
        self.name = name
        self._descriptor = descriptor
        self._process = os.getpid()

    def write(self, text: str) -> int:
        """Keep ``text`` as output of the running cell."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if os.getpid() == self._process:
            self._capture.stream(self.name, text)
        else:  # a process that the cell forked: its memory is lost, the shared file is not
            os.write(self._descriptor, text.encode("utf-8", "backslashreplace"))
        return len(text)

    def writable(self) -> bool:
        """Streams can be written to."""
        return True

    def fileno(self) -> int:
        """Descriptor for programs that the cell starts; what they write is collected after the cell."""
        return self._descriptor


class DescriptorCapture:
    """What programs and C code write to descriptors 1 and 2: kept in files without a name until the cell ends."""

    def __init__(self, capture: Capture) -> None:
        self._capture = capture
        self._files = {1: _nameless_file("stdout"), 2: _nameless_file("stderr")}
        for descriptor, file in self._files.items():
            os.dup2(file, descriptor)

    def collect(self) -> None:
        """Move what was written into the capture."""
        for descriptor, name in ((1, "stdout"), (2, "stderr")):
            file = self._files[descriptor]
            if not os.fstat(file).st_size:
                continue
            data = os.pread(file, self._capture.limit_bytes + 1, 0)
            os.ftruncate(file, 0)
            self._capture.stream(name, data.decode("utf-8", "replace"))


def _nameless_file(name: str) -> int:
    """Open an unnamed file in append mode: after truncation every writer starts at its beginning again."""
    try:
        made = os.memfd_create(name)
    except (AttributeError, OSError):  # not Linux, or an outer sandbox refuses it
        made = _temporary_file()
    fcntl.fcntl(made, fcntl.F_SETFL, os.O_APPEND)
    return made


def _temporary_file() -> int:
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
