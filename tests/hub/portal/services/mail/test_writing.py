"""A mail's headers and parts: whatever names and texts hold, nobody adds a header, a recipient or markup."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.portal.models import Language
from hub.portal.services.mail.writing import AddressError, Envelope, write_mail
from tests.hub.portal.services.mail.test_kinds import COURSE

FACTS = {
    "portal_url": "http://campus",
    "my_data_url": "http://campus/account/data",
    "course": COURSE,
    "title": "휴강",
    "body": "내일은 쉽니다.",
    "path": "/learn",
}


def write(name: str = "김민수", address: str = "minsu@example.ac.kr", **facts: str) -> EmailMessage:
    envelope = Envelope(
        7, name, address, Language.KOREAN, "AX Campus <no-reply@campus.example>", datetime(2026, 11, 22, tzinfo=UTC)
    )
    parsed = message_from_bytes(
        write_mail(envelope, "announcement", {**FACTS, **facts}).as_bytes(), policy=policy.default
    )
    assert isinstance(parsed, EmailMessage)
    return parsed


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_it_has_one_recipient_a_subject_and_both_forms() -> None:
    mail = write()
    assert mail["To"].addresses[0].addr_spec == "minsu@example.ac.kr"
    assert mail["Subject"] == "[AX Campus] 휴강"
    assert "내일은 쉽니다." in body(mail, "plain")
    assert '<a href="http://campus/learn"' in body(mail, "html")
    assert mail["Message-ID"] == "<axcampus.7@campus.example>"


HOSTILE = "휴강\r\nBcc: everybody@example.ac.kr\r\n\r\n<script>"


@given(st.sampled_from(["name", "title"]), st.text(st.characters(codec="utf-8"), max_size=60))
def test_no_name_and_no_title_adds_a_header(where: str, text: str) -> None:
    mail = write(**{where: HOSTILE + text})
    assert mail["Bcc"] is None
    assert [each.addr_spec for each in mail["To"].addresses] == ["minsu@example.ac.kr"]
    assert len(mail.keys()) == len(set(mail.keys()))


def test_a_body_adds_no_markup() -> None:
    mail = write(body="<img src=x onerror=alert(1)>", title='"><script>')
    assert "<img" not in body(mail, "html")
    assert "<script" not in body(mail, "html")
    assert "<img src=x" in body(mail, "plain")


def test_only_web_addresses_become_buttons() -> None:
    assert "javascript:alert(1)</p>" in body(write(body="javascript:alert(1)"), "html")


@pytest.mark.parametrize(
    "address", ["", "minsu", "a@b\r\nBcc: c@d.kr", "a@b, c@d.kr", "한글@example.kr", "a b@example.kr", "@example.kr"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(AddressError):
        write(address=address)
