"""Brings the portal's database up to date and fills in courses and demonstration: ``python -m hub.prepare``.

A process of its own, so that the supervisor stays small and a failing migration leaves a log instead of a half start.
"""

from __future__ import annotations

from datetime import UTC, datetime

from courses.catalog import load_catalog
from hub.demo_people import PEOPLE
from hub.portal.database import Database, migrate
from hub.portal.models import Role
from hub.portal.services.catalogue import ensure_catalogue
from hub.portal.services.demo import DemoPerson, ensure_programme
from hub.settings import Settings


def prepare_portal(settings: Settings) -> None:
    """Migrate, publish what the catalogue has and nobody published yet, make the demonstration's people."""
    migrate(settings.database)
    database = Database.at(settings.database)
    with database.writing() as session:
        ensure_catalogue(session, load_catalog(settings.courses), datetime.now(UTC))
        if settings.demo:
            ensure_programme(session, demo_people())
    database.dispose()


def demo_people() -> list[DemoPerson]:
    """Return the people of the demonstration as the portal knows people."""
    return [DemoPerson(person.username, person.name_ko, Role(person.role), person.university) for person in PEOPLE]


if __name__ == "__main__":
    prepare_portal(Settings())
