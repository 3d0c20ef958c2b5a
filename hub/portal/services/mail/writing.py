"""From a kind and its facts to a mail: plain text from a template, HTML made of it, headers that nobody injects."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup, escape

from hub.portal.models import Language

TEMPLATES = Path(__file__).parent / "templates"
SEOUL = ZoneInfo("Asia/Seoul")
_WEEKDAYS = "월화수목금토일"
_ADDRESS = re.compile(r"https?://\S+")


class AddressError(ValueError):
    """No mail can be sent to this address, however often it is tried."""


class WordsError(ValueError):
    """Who queued the mail did not give what its template needs."""


@dataclass(frozen=True)
class Envelope:
    """Who gets a mail and in whose name: all that its words do not say. ``sender`` as ``Name <address>``."""

    message_id: int
    to_name: str
    to_address: str
    language: Language
    sender: str
    at: datetime
    unsubscribe_url: str | None = None


def write_mail(envelope: Envelope, kind: str, context: Mapping[str, Any]) -> EmailMessage:
    """Return the mail; AddressError if the recipient's address is none, WordsError if the context is not enough."""
    subject, body = render(kind, envelope.language, {**context, "name": envelope.to_name})
    mail = EmailMessage(policy=SMTP.clone(max_line_length=200))
    name, sender = parseaddr(envelope.sender)
    mail["From"] = _address(name, sender)
    mail["To"] = _address(envelope.to_name, envelope.to_address)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(envelope.at)
    mail["Message-ID"] = f"<axcampus.{envelope.message_id}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"  # no holiday note comes back
    if envelope.unsubscribe_url:
        mail["List-Unsubscribe"] = f"<{envelope.unsubscribe_url}>"
    mail.set_content(body, cte="base64")
    mail.add_alternative(_html(body, envelope.language), subtype="html", cte="base64")
    mail["Content-Language"] = envelope.language.value  # last: what is set before moves into the first part
    return mail


def render(kind: str, language: Language, context: Mapping[str, Any]) -> tuple[str, str]:
    """Return subject and plain text of a kind in a language; WordsError where the context lacks a fact."""
    template = _templates(language).get_template(f"{kind}.{language.value}.txt")
    try:
        subject, _, body = template.render(_clean(dict(context))).partition("\n")
    except (jinja2.TemplateError, KeyError, TypeError, ValueError) as error:
        raise WordsError(f"{kind}: {type(error).__name__}") from error
    return one_line(subject), re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"


@cache
def _templates(language: Language) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - plain text; the HTML is made of it and escaped there
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["local"] = lambda text: text[language.value]
    environment.filters["moment"] = lambda text: _moment(text, language)
    return environment


def _moment(text: str, language: Language) -> str:
    """An ISO time as people here say it."""
    local = datetime.fromisoformat(text).astimezone(SEOUL)
    if language is Language.ENGLISH:
        return f"{local.day} {local:%b %Y, %H:%M} (KST)"
    return f"{local.year}. {local.month}. {local.day}.({_WEEKDAYS[local.weekday()]}) {local:%H:%M}"


def one_line(text: str) -> str:
    """Text for a header: one line, without control and direction marks; what a name brings along can't add a header."""
    plain = "".join(" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in text)
    return " ".join("".join(letter for letter in plain if unicodedata.category(letter) != "Cf").split())[:200]


def _clean(value: Any) -> Any:
    """The context without control characters, which some mail programs act on; line breaks stay."""
    if isinstance(value, str):
        return "".join(letter for letter in value if letter == "\n" or unicodedata.category(letter) != "Cc")
    if isinstance(value, dict):
        return {key: _clean(each) for key, each in value.items()}
    return [_clean(each) for each in value] if isinstance(value, list) else value


def _address(name: str, address: str) -> Address:
    if not address.isascii() or any(letter.isspace() for letter in address):
        raise AddressError("not an address")
    try:
        found = Address(one_line(name), addr_spec=address)
    except (HeaderParseError, ValueError, IndexError) as error:
        raise AddressError("not an address") from error
    if not found.username or not found.domain:
        raise AddressError("not an address")
    return found


def _html(text: str, language: Language) -> str:
    """The same words as simple HTML: paragraphs; one that is only an address is a button."""
    parts = Markup("").join(_paragraph(part) for part in text.strip().split("\n\n"))
    head = Markup('<!doctype html><html lang="{}"><head><meta charset="utf-8"></head>').format(language.value)
    style = "font:16px/1.6 sans-serif;color:#1e2124;max-width:36em;margin:24px auto;padding:0 16px"
    return str(head + Markup('<body style="{}">{}</body></html>').format(style, parts))


def _paragraph(text: str) -> Markup:
    if _ADDRESS.fullmatch(text):
        style = "display:inline-block;background:#256ef4;color:#fff;padding:12px 20px;border-radius:6px"
        return Markup('<p><a href="{0}" style="{1}">{0}</a></p>').format(text, style)
    if text.startswith("-- \n"):
        style = "font-size:13px;color:#58616a;border-top:1px solid #cdd1d5;padding-top:8px"
        return Markup('<p style="{}">{}</p>').format(style, _lines(text.removeprefix("-- \n")))
    return Markup("<p>{}</p>").format(_lines(text))


def _lines(text: str) -> Markup:
    return escape(text).replace("\n", Markup("<br>"))
