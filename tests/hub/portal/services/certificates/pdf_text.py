"""Text of our PDFs, read back through each font's own map to Unicode, as a reader's search does."""

from __future__ import annotations

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.S)


def _stream(body: bytes) -> bytes:
    data = re.search(rb"stream\n(.*)\nendstream", body, re.S)
    if data is None:
        return b""
    return zlib.decompress(data[1]) if b"/FlateDecode" in body else data[1]


def _unicode_map(cmap: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for code, text in re.findall(r"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>\s*$", cmap, re.M):
        found[int(code, 16)] = bytes.fromhex(text).decode("utf-16-be")
    for low, high, start in re.findall(r"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>", cmap):
        first = ord(bytes.fromhex(start).decode("utf-16-be"))
        found |= {code: chr(first + code - int(low, 16)) for code in range(int(low, 16), int(high, 16) + 1)}
    return found


def _unescape(raw: bytes) -> bytes:
    plain = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
    return re.sub(rb"\\(.)", lambda match: plain.get(match[1], match[1]), raw, flags=re.S)


def text_of(pdf: bytes) -> str:
    """Return all text of a PDF that fpdf2 made, page by page, line by line."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    fonts: dict[bytes, dict[int, str]] = {}
    for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", pdf):
        to_unicode = re.search(rb"/ToUnicode (\d+) 0 R", objects[int(number)])
        assert to_unicode is not None
        fonts[name] = _unicode_map(_stream(objects[int(to_unicode[1])]).decode("latin-1"))
    lines = []
    for body in objects.values():
        contents = re.search(rb"/Contents (\d+) 0 R", body)
        if contents is not None:
            lines.append(_page_text(_stream(objects[int(contents[1])]), fonts))
    return "\n".join(lines)


def _page_text(stream: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    token = re.compile(rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\)|<([0-9A-Fa-f]+)> ?Tj|(BT)", re.S)
    current: dict[int, str] = {}
    parts: list[str] = []
    for match in token.finditer(stream):
        if match[1]:
            current = fonts[match[1]]
        elif match[4]:
            parts.append("\n")
        else:
            raw = bytes.fromhex(match[3].decode()) if match[3] else _unescape(match[2])
            parts.append("".join(current.get(int.from_bytes(raw[i : i + 2], "big"), "") for i in range(0, len(raw), 2)))
    return "".join(parts)
