"""Notebook outputs as things a page can show: text, cleaned tables, pictures, errors."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from markupsafe import Markup

from graders.feedback_sanitise import MAX_OUTPUT_LETTERS, clean_html, clean_text

#: Pictures that may be embedded; SVG only as a picture, where browsers run nothing in it and load nothing for it.
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_MAX_PICTURE_LETTERS = 4 * 2**20


@dataclass(frozen=True)
class Shown:
    """One output: ``text`` for streams and errors, ``html`` for tables, ``picture`` as a data address."""

    kind: Literal["text", "error", "html", "picture"]
    text: str = ""
    html: Markup = field(default_factory=Markup)
    picture: str = ""


def show_outputs(outputs: Iterable[Mapping[str, Any]]) -> tuple[Shown, ...]:
    """Turn a code cell's outputs into what the page shows, in order."""
    shown = (_show(output) for output in outputs)
    return tuple(each for each in shown if each is not None)


def _show(output: Mapping[str, Any]) -> Shown | None:
    kind = output.get("output_type")
    if kind == "stream":
        return Shown("error" if output.get("name") == "stderr" else "text", clean_text(_joined(output.get("text"))))
    if kind == "error":
        lines = _joined(output.get("traceback"), "\n") or f"{output.get('ename')}: {output.get('evalue')}"
        return Shown("error", clean_text(lines))
    data = output.get("data")
    return _show_data(data) if isinstance(data, Mapping) else None


def _joined(text: Any, between: str = "") -> str:
    return between.join(map(str, text)) if isinstance(text, list) else str(text or "")


def _show_data(data: Mapping[str, Any]) -> Shown | None:
    """The richest form that is safe to show, in the order in which Jupyter prefers them."""
    for kind in _PICTURES:
        if kind in data:
            return _picture(kind, _joined(data[kind]))
    if "image/svg+xml" in data:
        encoded = base64.b64encode(_joined(data["image/svg+xml"]).encode("utf-8", "replace")).decode()
        return _picture("image/svg+xml", encoded)
    if "text/html" in data and len(_joined(data["text/html"])) <= MAX_OUTPUT_LETTERS * 4:
        return Shown("html", html=clean_html(_joined(data["text/html"])))
    text = next((data[kind] for kind in ("text/markdown", "text/latex", "text/plain") if kind in data), None)
    return None if text is None else Shown("text", clean_text(_joined(text)))


def _picture(kind: str, encoded: str) -> Shown | None:
    compact = "".join(encoded.split())
    if len(compact) > _MAX_PICTURE_LETTERS or not re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", compact):
        return None
    return Shown("picture", picture=f"data:{kind};base64,{compact}")
