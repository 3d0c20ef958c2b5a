"""Outputs that come from the student's process, made safe to keep: only what nbformat 4 allows, within a budget."""

from __future__ import annotations

import json
from typing import Any

Output = dict[str, Any]

MAX_OUTPUTS = 2_000
MAX_DEPTH = 50
MAX_TRACEBACK_LINES = 200
_STREAMS = ("stdout", "stderr")
#: All outputs of one notebook together: a report must stay storable however many cells there are.
MAX_NOTEBOOK_BYTES = 20_000_000
_NOTE = {
    "output_type": "stream",
    "name": "stderr",
    "text": "[출력을 읽을 수 없어 버렸습니다 / unreadable output was dropped]\n",
}


def clean_outputs(raw: object, limit_bytes: int) -> list[Output]:
    """Return the valid outputs of ``raw``; an invalid or too large one becomes a note. Never raises.

    >>> clean_outputs([{"output_type": "stream", "name": "stdout", "text": "1"}, 7], 1000)[0]["text"]
    '1'
    """
    if not isinstance(raw, list):
        return []
    cleaned: list[Output] = []
    room = 2 * limit_bytes + 10_000  # the sender's own budget counts characters before escaping
    for output in raw[:MAX_OUTPUTS]:
        clean = _clean(output) or dict(_NOTE)
        room -= len(json.dumps(clean))
        if room < 0:
            return [*cleaned, dict(_NOTE)]
        cleaned.append(clean)
    return cleaned


class OutputBudget:
    """Keeps the outputs of one notebook below ``MAX_NOTEBOOK_BYTES``; a cell beyond it shows a note instead."""

    def __init__(self, limit_bytes: int = MAX_NOTEBOOK_BYTES) -> None:
        self._room = limit_bytes

    def keep(self, outputs: list[Output]) -> list[Output]:
        """Return what of a cell's outputs may be kept."""
        size = len(json.dumps(outputs))
        if size > self._room:
            return [dict(_NOTE)]
        self._room -= size
        return outputs


def _clean(output: object) -> Output | None:
    if not isinstance(output, dict) or not _is_shallow(output):
        return None
    try:
        output = _storable(output)
    except ValueError:  # not a number, or one with thousands of digits
        return None
    kind = output.get("output_type")
    if kind == "stream":
        return _stream(output)
    if kind == "error":
        return _error(output)
    if kind in ("display_data", "execute_result"):
        return _rich(output, kind)
    return None


def _stream(output: Output) -> Output | None:
    if output.get("name") not in _STREAMS or not isinstance(output.get("text"), str):
        return None
    return {"output_type": "stream", "name": output["name"], "text": output["text"]}


def _error(output: Output) -> Output | None:
    lines = output.get("traceback")
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        return None
    names = {key: str(output.get(key, ""))[:10_000] for key in ("ename", "evalue")}
    return {"output_type": "error", **names, "traceback": lines[:MAX_TRACEBACK_LINES]}


def _rich(output: Output, kind: str) -> Output | None:
    data, metadata = output.get("data"), output.get("metadata")
    if not isinstance(data, dict) or not isinstance(metadata, dict) or not all(map(_is_mime, data.items())):
        return None
    clean: Output = {"output_type": kind, "data": data, "metadata": metadata}
    if kind == "execute_result":
        count = output.get("execution_count")
        clean["execution_count"] = count if type(count) is int and 0 <= count < 1_000_000 else None
    return clean


def _is_mime(item: tuple[str, object]) -> bool:
    name, value = item
    if name == "application/json" or name.endswith("+json"):
        return True
    return isinstance(value, str)


def _is_shallow(output: Output) -> bool:
    """Whether nothing is nested deeper than a display ever is: a deep one would exhaust whoever writes it."""
    layer: list[object] = [output]
    for _ in range(MAX_DEPTH):
        layer = [inner for value in layer if isinstance(value, dict | list) for inner in _contents(value)]
        if not layer:
            return True
    return False


def _contents(value: dict[str, object] | list[object]) -> list[object]:
    return list(value.values()) if isinstance(value, dict) else value


def _storable(output: Output) -> Output:
    """Half of a surrogate pair can't be written as UTF-8, NaN is no JSON: a report with one could not be stored."""
    text = json.dumps(output, ensure_ascii=False, allow_nan=False)
    clean: Output = json.loads(text.encode("utf-8", "replace"))
    return clean
