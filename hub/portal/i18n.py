"""Which language a request gets, and catalogues that need no build step: a bare clone speaks Korean."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, Domain, get_locale

LANGUAGES = ("ko", "en")
LANGUAGE_COOKIE = "axcampus_language"
TRANSLATIONS = Path(__file__).parent / "translations"


def load_catalogue(language: str) -> NullTranslations:
    """Return the messages of ``language`` from its .po file; English is what the code itself says."""
    path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    if not path.is_file():
        return NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


class CommittedDomain(Domain):  # type: ignore[misc]
    """Reads the committed .po files once into memory instead of looking for compiled ones on disk."""

    def __init__(self) -> None:
        super().__init__()
        self._catalogues = {language: load_catalogue(language) for language in LANGUAGES}

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the request's language."""
        return self._catalogues[str(get_locale() or LANGUAGES[0])]


class PortalBabel(Babel):  # type: ignore[misc]
    """Flask-Babel over the committed catalogues."""

    def __init__(self) -> None:
        super().__init__()
        self.domain_instance = CommittedDomain()


def choose_language() -> str:
    """Return the person's own choice, else the cookie's, else the browser's, else Korean."""
    if not has_request_context():
        return LANGUAGES[0]
    chosen = g.get("person_language") or request.cookies.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def in_language(thing: Any, field: str = "") -> str:
    """Return the text of ``thing`` in the request's language: ``title_ko``/``title_en``, or ``ko``/``en``.

    ``thing`` may be an object or a dict (texts inside a stored report); None gives an empty string.
    """
    if thing is None:
        return ""
    language = str(get_locale())
    name = f"{field}_{language}" if field else language
    value = thing.get(name, "") if isinstance(thing, dict) else getattr(thing, name)
    return str(value or "")


def install_i18n(app: Flask) -> None:
    """Register Babel and the template filter ``local``."""
    PortalBabel().init_app(
        app, default_locale=LANGUAGES[0], default_timezone="Asia/Seoul", locale_selector=choose_language
    )
    app.jinja_env.filters["local"] = in_language
    app.jinja_env.globals["get_locale"] = get_locale
