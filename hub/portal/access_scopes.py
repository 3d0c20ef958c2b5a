"""What a route is about, found among what the visitor may see: the ``scope`` of ``@access``."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.models import (
    Assignment,
    AssignmentVersion,
    Attempt,
    Cohort,
    Company,
    Course,
    Enrolment,
    Invitation,
    KpiSnapshot,
    Person,
    PersonMerge,
    Programme,
    RosterImport,
)
from hub.portal.services import access as rules
from hub.portal.services.merging.duplicates import PeoplePair
from hub.portal.services.merging.merges import may_merge
from hub.portal.services.people_records import find_coordinated
from hub.portal.services.rights import Rights


def course_taken(session: Session, rights: Rights, path: dict[str, Any]) -> Course | None:
    """Find a course that the visitor is enrolled in."""
    found = session.scalars(sa.select(Course).where(Course.slug == path.pop("course"))).one_or_none()
    if found is None or rules.enrolment_for(session, rights.person_id, found.id) is None:
        return None
    return found


def assignment_taken(session: Session, rights: Rights, path: dict[str, Any]) -> Assignment | None:
    """Find an assignment of a course that the visitor is enrolled in."""
    found = course_taken(session, rights, path)
    return None if found is None else _assignment(session, found.id, path.pop("assignment"))


def course_taught(session: Session, rights: Rights, path: dict[str, Any]) -> Course | None:
    """Find a course that the visitor teaches."""
    found = session.scalars(sa.select(Course).where(Course.slug == path.pop("course"))).one_or_none()
    if found is None or not rules.may_teach(session, rights.person_id, found.id):
        return None
    return found


def version_taught(session: Session, rights: Rights, path: dict[str, Any]) -> AssignmentVersion | None:
    """Find a version of an assignment that the visitor teaches."""
    taught = course_taught(session, rights, path)
    found = None if taught is None else _assignment(session, taught.id, path.pop("assignment"))
    if found is None:
        return None
    query = sa.select(AssignmentVersion).where(
        AssignmentVersion.assignment_id == found.id, AssignmentVersion.number == path.pop("number")
    )
    return session.scalars(query).one_or_none()


def assignment_taught(session: Session, rights: Rights, path: dict[str, Any]) -> Assignment | None:
    """Find an assignment of a course that the visitor teaches."""
    taught = course_taught(session, rights, path)
    return None if taught is None else _assignment(session, taught.id, path.pop("assignment"))


def attempt_taught(session: Session, rights: Rights, path: dict[str, Any]) -> Attempt | None:
    """Find an attempt in a course that the visitor teaches to its university."""
    taught = course_taught(session, rights, path)
    attempt = None if taught is None else attempt_visible(session, rights, path)
    if taught is None or attempt is None or attempt.assignment.course_id != taught.id:
        return None
    return attempt


def attempt_visible(session: Session, rights: Rights, path: dict[str, Any]) -> Attempt | None:
    """Find an attempt that the visitor handed in, or may see as staff."""
    attempt = session.scalars(sa.select(Attempt).where(Attempt.receipt_id == path.pop("receipt_id"))).one_or_none()
    if attempt is None or not rules.may_see_attempt(session, rights.person_id, attempt):
        return None
    return attempt


def cohort_coordinated(session: Session, rights: Rights, path: dict[str, Any]) -> Cohort | None:
    """Find a cohort of a university that the visitor coordinates."""
    found = session.scalars(sa.select(Cohort).where(Cohort.slug == path.pop("cohort"))).one_or_none()
    if found is None or not rules.may_coordinate(session, rights.person_id, found.university_id):
        return None
    return found


def roster_coordinated(session: Session, rights: Rights, path: dict[str, Any]) -> RosterImport | None:
    """Find an uploaded roster of a cohort that the visitor coordinates."""
    cohort, upload_id = cohort_coordinated(session, rights, path), path.pop("upload_id")
    found = None if cohort is None else session.get(RosterImport, upload_id)
    return found if found is not None and cohort is not None and found.cohort_id == cohort.id else None


def invitation_coordinated(session: Session, rights: Rights, path: dict[str, Any]) -> Invitation | None:
    """Find an invitation into a cohort that the visitor coordinates."""
    cohort, invitation_id = cohort_coordinated(session, rights, path), path.pop("invitation_id")
    found = None if cohort is None else session.get(Invitation, invitation_id)
    return found if found is not None and cohort is not None and found.cohort_id == cohort.id else None


def person_coordinated(session: Session, rights: Rights, path: dict[str, Any]) -> Person | None:
    """Find a person who is enrolled at a university that the visitor coordinates."""
    return find_coordinated(session, rights.person_id, path.pop("person_id"))


def enrolment_coordinated(session: Session, rights: Rights, path: dict[str, Any]) -> Enrolment | None:
    """Find an enrolment at a university that the visitor coordinates."""
    found = session.get(Enrolment, path.pop("enrolment_id"))
    if found is None or not rules.may_coordinate(session, rights.person_id, found.university_id):
        return None
    return found


def company_known(session: Session, rights: Rights, path: dict[str, Any]) -> Company | None:  # noqa: ARG001 - a scope
    """Find a company: every coordinator sees all of them."""
    return session.get(Company, path.pop("company_id"))


def pair_coordinated(session: Session, rights: Rights, path: dict[str, Any]) -> PeoplePair | None:
    """Find two different persons whom the visitor may join or tell apart."""
    one, other = path.pop("one"), path.pop("other")
    found = all(session.get(Person, each) is not None for each in (one, other)) and one != other
    return PeoplePair((one, other)) if found and may_merge(session, rights.person_id, one, other) else None


def merge_coordinated(session: Session, rights: Rights, path: dict[str, Any]) -> PersonMerge | None:
    """Find a merge that the visitor may undo."""
    found = session.get(PersonMerge, path.pop("merge_id"))
    return found if found is not None and may_merge(session, rights.person_id, found.kept_id) else None


def _assignment(session: Session, course_id: int, slug: str) -> Assignment | None:
    query = sa.select(Assignment).where(Assignment.course_id == course_id, Assignment.slug == slug)
    return session.scalars(query).one_or_none()


def programme_known(session: Session, rights: Rights, path: dict[str, Any]) -> Programme | None:  # noqa: ARG001 - a scope
    """Find a programme: every coordinator knows all of them, and sees their own universities' part."""
    return session.scalars(sa.select(Programme).where(Programme.slug == path.pop("programme"))).one_or_none()


def programme_whole(session: Session, rights: Rights, path: dict[str, Any]) -> Programme | None:
    """Find a programme that the visitor coordinates as a whole: who may close its counts and correct them."""
    found = programme_known(session, rights, path)
    return found if rules.coordinated_universities(session, rights.person_id) is None else None


def snapshot_known(session: Session, rights: Rights, path: dict[str, Any]) -> KpiSnapshot | None:
    """Find a closed count of a programme by its day."""
    programme, day = programme_known(session, rights, path), path.pop("closing_date")
    if programme is None or not re.fullmatch(r"\d{4}-\d\d-\d\d", day, re.ASCII):
        return None
    query = sa.select(KpiSnapshot).where(KpiSnapshot.programme_id == programme.id)
    return next((row for row in session.scalars(query) if row.closing_date.isoformat() == day), None)


def snapshot_whole(session: Session, rights: Rights, path: dict[str, Any]) -> KpiSnapshot | None:
    """Find a closed count that the visitor may correct."""
    found = snapshot_known(session, rights, path)
    return found if rules.coordinated_universities(session, rights.person_id) is None else None
