"""A cohort's terms: what its certificates say, proposed from what the platform knows until a coordinator sets them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import ConflictError
from hub.portal.models import Certificate, CertificateTerms, Cohort, CohortCourse, Course
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.certificates.codes import series_for
from hub.portal.services.certificates.content import Named, Terms


def terms_of(session: Session, cohort: Cohort) -> Terms:
    """Return what was set for the cohort, or a proposal; the programme's series is the same for all its cohorts."""
    row = session.get(CertificateTerms, cohort.id)
    used = used_series(session, cohort.programme_id)
    found = _proposal(session, cohort) if row is None else Terms.model_validate(row.terms)
    return found if used is None else found.model_copy(update={"series": used})


def are_set(session: Session, cohort_id: int) -> bool:
    """Whether somebody has looked at the terms and saved them."""
    return session.get(CertificateTerms, cohort_id) is not None


def used_series(session: Session, programme_id: int) -> str | None:
    """Return the letters in the serial numbers of a programme that has issued some."""
    newest = sa.select(Certificate.serial).where(Certificate.programme_id == programme_id)
    serial = session.scalar(newest.order_by(Certificate.id.desc()).limit(1))
    return None if serial is None else serial.split("-")[1]


def save_terms(session: Session, actor: Actor, cohort: Cohort, terms: Terms, now: datetime) -> None:
    """Set the terms; certificates that were issued stay as they are. ConflictError for another series than the used."""
    used = used_series(session, cohort.programme_id)
    if used not in (None, terms.series):
        raise ConflictError(
            "series_in_use",
            f"이 사업의 수료증은 이미 {used} 번호로 발급되었습니다. 약칭은 바꿀 수 없습니다.",
            f"This programme's certificates are numbered {used} already. The letters can't be changed.",
        )
    row = session.get(CertificateTerms, cohort.id)
    if row is None:
        row = CertificateTerms(cohort_id=cohort.id, university_id=cohort.university_id)
        session.add(row)
    row.terms, row.made_by_id, row.made_at = terms.model_dump(mode="json"), actor.person_id or 0, now
    session.flush()
    subject = Subject("cohort", cohort.slug, university_id=cohort.university_id)
    record(session, actor, Deed("certificate.terms_set", subject, {"terms": row.terms}), now)


def _proposal(session: Session, cohort: Cohort) -> Terms:
    query = sa.select(Course).join(CohortCourse, CohortCourse.course_id == Course.id)
    courses = session.scalars(query.where(CohortCourse.cohort_id == cohort.id).order_by(Course.id).limit(2)).all()
    named = courses[0] if len(courses) == 1 else None
    titles = (named.title_ko, named.title_en) if named else (cohort.programme.name_ko, cohort.programme.name_en)
    university = cohort.university
    return Terms(
        series=series_for(cohort.programme.slug),
        course=Named(ko=titles[0][:120], en=titles[1][:120]),
        issuers=(Named(ko=f"{university.name_ko} 총장", en=f"President, {university.name_en}"),),
    )
