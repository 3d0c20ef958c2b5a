"""Which roles a visitor holds, in the order in which homes are offered; the rules themselves are in ``access``."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from hub.portal.models import Role
from hub.portal.services.access import roles_of

WIDEST_FIRST = (Role.ADMINISTRATOR, Role.COORDINATOR, Role.INSTRUCTOR, Role.STUDENT)


@dataclass(frozen=True)
class Rights:
    """One person's roles now; an administrator may do what a coordinator may."""

    person_id: int
    roles: tuple[Role, ...]


def rights_of(session: Session, person_id: int) -> Rights:
    """Read the roles of a person, the widest first."""
    held = roles_of(session, person_id)
    if Role.ADMINISTRATOR in held:
        held |= {Role.COORDINATOR}
    return Rights(person_id, tuple(role for role in WIDEST_FIRST if role in held))
