"""Brings the portal's database up to date and fills in the demonstration: ``python -m hub.prepare``.

A process of its own, so that the supervisor stays small and a failing migration leaves a log instead of a half start.
"""

from __future__ import annotations

from hub.portal.database import migrate
from hub.settings import Settings


def prepare_portal(settings: Settings) -> None:
    """Migrate; does nothing that was done before."""
    migrate(settings.database)


if __name__ == "__main__":
    prepare_portal(Settings())
