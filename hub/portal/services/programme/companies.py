"""Companies of the programme: found, made and corrected by hand, and the capstone teams that work for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.portal.errors import ConflictError, InvalidError
from hub.portal.models import (
    Assignment,
    Company,
    CompanySize,
    EnrolmentParticulars,
    Team,
    TeamCompany,
)
from hub.portal.services.access import coordinated_universities
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.programme.identifiers import clean_business_number, clean_name
from hub.portal.services.programme.regions import REGIONS

PAGE_ROWS = 50


@dataclass(frozen=True)
class CompanyForm:
    """What was typed, as it was typed."""

    name: str = ""
    business_number: str = ""
    size: str = ""
    region: str = ""
    is_supported: bool = False


@dataclass(frozen=True)
class CompanyLine:
    """One company of the list; ``trainees``: enrolments with it as the employer."""

    company: Company
    trainees: int


def list_companies(
    session: Session, search: str = "", supported_only: bool = False, page: int = 1
) -> tuple[int, list[CompanyLine]]:
    """Return how many companies there are, and one page of them by name; two queries."""
    query = sa.select(Company)
    if search:
        text = "".join(f"\\{letter}" if letter in "\\%_" else letter for letter in search)
        number = "".join(filter(str.isdigit, search))
        matches = [Company.name.ilike(f"%{text}%", escape="\\")]
        query = query.where(sa.or_(*matches, *([Company.business_number == number] if number else [])))
    if supported_only:
        query = query.where(Company.is_supported)
    total = session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
    trainees = sa.select(sa.func.count()).where(EnrolmentParticulars.company_id == Company.id).scalar_subquery()
    rows = query.add_columns(trainees).order_by(Company.name, Company.id)
    found = session.execute(rows.limit(PAGE_ROWS).offset((page - 1) * PAGE_ROWS))
    return total, [CompanyLine(company, count) for company, count in found]


def save_company(session: Session, actor: Actor, company: Company | None, form: CompanyForm, now: datetime) -> Company:
    """Make or correct a company. InvalidError says which field is wrong (``details["field"]``), ConflictError that
    the number is another company's."""
    name, number = _checked(form)
    if number is not None:
        holder = session.scalars(sa.select(Company).where(Company.business_number == number)).one_or_none()
        if holder is not None and holder is not company:
            raise ConflictError(
                "business_number_taken",
                f"이 사업자등록번호는 '{holder.name}'의 번호입니다.",
                f"This business number is that of '{holder.name}'.",
            )
    found = company or Company(created_at=now)
    found.name, found.business_number = name, number
    found.size = CompanySize(form.size) if form.size else None
    found.region, found.is_supported = form.region or None, form.is_supported
    session.add(found)
    session.flush()
    facts = {"name": name, "number": number, "size": form.size, "region": form.region, "supported": form.is_supported}
    action = "company.edited" if company is not None else "company.made"
    record(session, actor, Deed(action, Subject("company", str(found.id)), facts), now)
    return found


def _checked(form: CompanyForm) -> tuple[str, str | None]:
    name = clean_name(form.name)
    if name is None:
        raise _wrong("name", "회사명을 적어 주십시오.", "Please give the company's name.")
    number = clean_business_number(form.business_number) if form.business_number.strip() else None
    if form.business_number.strip() and number is None:
        raise _wrong(
            "business_number",
            "사업자등록번호 10자리가 맞지 않습니다. 검증 숫자가 다릅니다.",
            "That is no business number of 10 digits: its check digit does not fit.",
        )
    if form.size and form.size not in set(CompanySize):
        raise _wrong("size", "기업 규모를 골라 주십시오.", "Please choose a size.")
    if form.region and form.region not in REGIONS:
        raise _wrong("region", "시군을 골라 주십시오.", "Please choose a region.")
    return name, number


def _wrong(field: str, korean: str, english: str) -> InvalidError:
    return InvalidError(f"company_{field}", korean, english, details={"field": field})


def teams_of(session: Session, company: Company) -> list[tuple[Team, Assignment]]:
    """Return the teams that work for a company, by name."""
    query = sa.select(Team, Assignment).join(Assignment, Assignment.id == Team.assignment_id)
    query = query.join(TeamCompany, TeamCompany.team_id == Team.id).where(TeamCompany.company_id == company.id)
    return [(team, work) for team, work in session.execute(query.order_by(Assignment.position, Team.name, Team.id))]


def free_teams(session: Session, person_id: int) -> list[tuple[Team, Assignment]]:
    """Return the teams without a company of the universities that a coordinator sees."""
    tied = sa.select(TeamCompany.team_id)
    query = sa.select(Team, Assignment).join(Assignment, Assignment.id == Team.assignment_id)
    query = query.where(Team.dissolved_at.is_(None), Team.id.not_in(tied))
    universities = coordinated_universities(session, person_id)
    if universities is not None:
        query = query.where(Team.university_id.in_(universities))
    return [(team, work) for team, work in session.execute(query.order_by(Assignment.position, Team.name, Team.id))]


def tie_team(session: Session, actor: Actor, company: Company, team_id: int, now: datetime) -> None:
    """Have a team work for a company; InvalidError for a team that is not free, or not the coordinator's."""
    team = next((team for team, _ in free_teams(session, actor.person_id or 0) if team.id == team_id), None)
    if team is None:
        raise InvalidError("team", "고를 수 있는 팀이 아닙니다.", "That team can't be chosen.")
    facts = {"company_id": company.id, "university_id": team.university_id, "set_at": now}
    session.add(TeamCompany(team_id=team.id, set_by_id=actor.person_id or 0, **facts))
    session.flush()
    _note_team(session, actor, "team.tied", company, team, now)


def untie_team(session: Session, actor: Actor, company: Company, team_id: int, now: datetime) -> None:
    """End a team's tie; nothing happens for one that is not the company's, or not the coordinator's."""
    tie = session.get(TeamCompany, team_id)
    universities = coordinated_universities(session, actor.person_id or 0)
    if (
        tie is None
        or tie.company_id != company.id
        or (universities is not None and tie.university_id not in universities)
    ):
        raise InvalidError("team", "고를 수 있는 팀이 아닙니다.", "That team can't be chosen.")
    session.delete(tie)
    session.flush()
    _note_team(session, actor, "team.untied", company, session.get_one(Team, team_id), now)


def _note_team(session: Session, actor: Actor, action: str, company: Company, team: Team, now: datetime) -> None:
    subject = Subject("team", str(team.id), university_id=team.university_id)
    record(session, actor, Deed(action, subject, {"company": company.id}), now)
