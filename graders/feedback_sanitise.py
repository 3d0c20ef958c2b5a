"""Student-made text and HTML made harmless: nothing runs, nothing is loaded from anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_TEXT_TAGS = "a abbr b br code del em h1 h2 h3 h4 h5 h6 hr i img ins kbd mark q s samp small span strong sub sup u var"
_BLOCK_TAGS = (
    "blockquote caption col colgroup dd details div dl dt li ol p pre summary table tbody td tfoot th thead tr ul"
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
}
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b.")
_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
#: Tables and text beyond this are cut: a page must open on a phone.
MAX_OUTPUT_LETTERS = 50_000


def clean_html(fragment: str) -> Markup:
    """Keep text, tables, links and embedded pictures of a HTML fragment; drop everything that acts or loads."""
    cleaned = nh3.clean(
        fragment,
        tags={*_TEXT_TAGS.split(), *_BLOCK_TAGS.split()},
        clean_content_tags={"script", "style", "iframe", "object", "svg", "math", "template", "noscript", "title"},
        attributes=_ATTRIBUTES,
        attribute_filter=_keep_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(cleaned)  # noqa: S704 - nh3 has just cleaned it


def _keep_attribute(_tag: str, attribute: str, value: str) -> str | None:
    """Pictures only from the page itself; links never to ``data:``."""
    if attribute == "src":
        return value if _PICTURE.fullmatch(value) else None
    if attribute == "href" and value.strip().lower().startswith("data:"):
        return None
    return value


def render_markdown(text: str, attachments: Mapping[str, Mapping[str, str]] | None = None) -> Markup:
    """Render Markdown; pictures attached to the cell are embedded."""
    embedded = text
    for name, kinds in (attachments or {}).items():
        for kind, data in kinds.items():
            embedded = embedded.replace(f"attachment:{name}", f"data:{kind};base64,{data}")
    # markdown-it refuses data: links itself unless they are pictures; nh3 decides on what is left.
    return clean_html(_MARKDOWN.render(embedded))


def clean_text(text: str) -> str:
    """Terminal output as plain text: no escape sequences, carriage returns as a terminal shows them, cut in length."""
    plain = _ESCAPES.sub("", text)
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1] for line in plain.split("\n")]
    shown = "".join(letter for letter in "\n".join(lines) if letter in "\n\t" or letter.isprintable())
    return shown if len(shown) <= MAX_OUTPUT_LETTERS else shown[:MAX_OUTPUT_LETTERS] + "\n…"
