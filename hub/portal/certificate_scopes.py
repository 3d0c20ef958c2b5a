"""What routes of certificates and exports are about, found among what the visitor may see (see ``access_scopes``)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from hub.portal.access_scopes import cohort_coordinated
from hub.portal.models import Certificate, Export
from hub.portal.services.certificates.overview import Line, own_lines
from hub.portal.services.reports.exports import find_own
from hub.portal.services.rights import Rights


def certificate_coordinated(session: Session, rights: Rights, path: dict[str, Any]) -> Certificate | None:
    """Find a certificate of a cohort that the visitor coordinates."""
    cohort, number = cohort_coordinated(session, rights, path), path.pop("certificate_id")
    found = None if cohort is None else session.get(Certificate, number)
    return found if found is not None and cohort is not None and found.enrolment.cohort_id == cohort.id else None


def certificate_own(session: Session, rights: Rights, path: dict[str, Any]) -> Line | None:
    """Find a certificate of the visitor's own that is worth something today."""
    wanted = path.pop("certificate_id")
    found = (line for line in own_lines(session, rights.person_id) if line.certificate.id == wanted)
    return next((line for line in found if line.is_valid), None)


def export_own(session: Session, rights: Rights, path: dict[str, Any]) -> Export | None:
    """Find an export that the visitor asked for; somebody else's is not there, whatever their role."""
    return find_own(session, rights.person_id, path.pop("export_id"))
