"""No form of the portal takes a resident registration number (주민등록번호): one check before every view.

The law lets us keep none without a statute (개인정보보호법 24조의2). What looks like one is refused, and not repeated.
Uploaded rosters are read cell by cell where they are taken; files that students hand in come through the API.
"""

from __future__ import annotations

import re

from flask import Flask, request

from hub.portal.errors import InvalidError
from hub.portal.services.programme.identifiers import holds_resident_number

#: Fields that machines fill in with random signs, in which digits mean nothing.
_RANDOM = frozenset({"csrf_token", "token"})
_DIGEST = re.compile(r"[0-9a-f]{40,}")


def refuse_resident_numbers() -> None:
    """Raise InvalidError if any field of a form, or any part of a query, could hold one."""
    fields = [*request.form.items(multi=True), *request.args.items(multi=True)] if request.endpoint else []
    for name, text in fields:
        if name not in _RANDOM and not _DIGEST.fullmatch(text) and holds_resident_number(text):
            raise InvalidError(
                "resident_number",
                "주민등록번호로 보이는 값이 있어 저장하지 않았습니다. 주민등록번호는 받지 않습니다. "
                "지우고 다시 시도해 주십시오.",
                "There is what looks like a resident registration number, so nothing was saved. We take none: please "
                "remove it and try again.",
            )


def install_resident_numbers(app: Flask) -> None:
    """Check every form before its view."""

    def check() -> None:
        if not request.path.startswith("/api/"):
            refuse_resident_numbers()

    app.before_request(check)
