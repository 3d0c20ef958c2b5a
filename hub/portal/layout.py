"""What every page's frame needs: who is looking, with which role, in which language, and the words for states."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from jinja2 import StrictUndefined

from hub.portal import access, web
from hub.portal.i18n import LANGUAGES
from hub.portal.layout_words import ROLE_WORDS, install_words
from hub.portal.models import Role
from hub.portal.services.header import header_of

#: What the header offers to each role: endpoint and words.
NAVIGATION = {
    Role.STUDENT: (("student.home", _l("Home")), ("student.courses", _l("My courses"))),
    Role.INSTRUCTOR: (("instructor.courses", _l("Courses I teach")),),
    Role.COORDINATOR: (
        ("coordinator.home", _l("Programme")),
        ("exports.show", _l("Reports")),
        ("companies.show", _l("Companies")),
        ("duplicates.show", _l("Possible duplicates")),
    ),
    Role.ADMINISTRATOR: (
        ("coordinator.home", _l("Programme")),
        ("exports.show", _l("Reports")),
        ("companies.show", _l("Companies")),
        ("duplicates.show", _l("Possible duplicates")),
        ("access_log.show", _l("Access log")),
    ),
}


def active_role() -> Role | None:
    """Return the role with which the visitor looks at the portal now: the one switched to, else the widest."""
    if g.get("visitor") is None:
        return None
    held = access.rights().roles
    if g.visitor.active_role in held:
        return Role(g.visitor.active_role)
    return held[0] if held else None


def frame() -> dict[str, Any]:
    """Return the variables of ``base.html``."""
    language = str(get_locale() or LANGUAGES[0])
    shared = {
        "language": language,
        "other_language": next(code for code in LANGUAGES if code != language),
        "request_id": g.get("request_id", ""),
        "hub_url": web.settings().hub_url,
        "here": request.full_path.rstrip("?"),
        "visitor": g.get("visitor"),
        "section": None,  # pages below a place in the navigation say which
        "hide_sign_in": False,
    }
    if shared["visitor"] is None:
        return {**shared, "roles": (), "active_role": None, "header": None}
    return {
        **shared,
        "roles": access.rights().roles,
        "active_role": active_role(),
        "header": header_of(web.reading(), g.visitor.person_id),
    }


def install_layout(app: Flask) -> None:
    """Give templates the frame's variables and the vocabulary of states."""
    app.jinja_env.undefined = StrictUndefined  # a misspelt name is an error, not an empty place on the page
    app.context_processor(frame)
    app.jinja_env.globals.update(role_words=ROLE_WORDS, navigation=NAVIGATION)
    install_words(app)
