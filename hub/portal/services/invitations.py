"""Invitations: who of a cohort has no log-in yet, asking them by mail, taking the ask back, and what an answer does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hub.accounts import USERNAME
from hub.portal.errors import ConflictError, InvalidError
from hub.portal.models import Cohort, Enrolment, EnrolmentState, Invitation, Login, MailMessage, MailState, Person
from hub.portal.services.audit import Actor, Deed, Subject, record
from hub.portal.services.invitation_links import InvitationState, cause_of, find_invitation, state_of
from hub.portal.services.mail.outbox import Letter, queue_letters
from hub.portal.services.privacy.masking import masked_email, masked_name
from hub.portal.sessions import HUB_ISSUER

INVITATION = "invitation"
#: Enrolments whose people are not asked: they do not take part yet, or no more.
_NOT_ASKED = (EnrolmentState.APPLIED, EnrolmentState.WITHDRAWN, EnrolmentState.EXPELLED)


@dataclass(frozen=True)
class Invitee:
    """A person of a cohort on the page of invitations; ``state`` None: never asked, ``mail``: of the newest mail."""

    person_id: int
    name: str
    email: str | None
    has_login: bool
    invitation_id: int | None
    state: InvitationState | None
    mail: MailState | None
    sent_at: datetime | None
    expires_at: datetime | None

    @property
    def can_be_asked(self) -> bool:
        """Whether a first mail makes sense."""
        return not self.has_login and self.email is not None and self.invitation_id is None

    @property
    def can_be_asked_again(self) -> bool:
        """Whether the open invitation can be sent anew: not while its mail waits."""
        return not self.has_login and self.invitation_id is not None and self.mail not in _ON_ITS_WAY


_ON_ITS_WAY = (MailState.WAITING, MailState.SENDING)


def invitees_of(session: Session, cohort: Cohort, now: datetime) -> list[Invitee]:
    """Return the people of a cohort with the state of their sign-in, by name; three queries whatever their number."""
    enrolled = sa.select(Enrolment.person_id).where(
        Enrolment.cohort_id == cohort.id, Enrolment.state.not_in(_NOT_ASKED)
    )
    people = session.scalars(sa.select(Person).where(Person.id.in_(enrolled)).order_by(Person.name, Person.id)).all()
    with_login = set(
        session.scalars(sa.select(Login.person_id).where(Login.person_id.in_(enrolled), Login.disabled_at.is_(None)))
    )
    mail = sa.and_(
        MailMessage.kind == INVITATION,
        MailMessage.person_id == Invitation.person_id,
        MailMessage.cause
        == sa.literal("invitation:") + sa.cast(Invitation.id, sa.String) + ":" + sa.cast(Invitation.sends, sa.String),
    )
    query = sa.select(Invitation, MailMessage.state).outerjoin(MailMessage, mail)
    query = query.where(Invitation.person_id.in_(enrolled), Invitation.revoked_at.is_(None)).order_by(Invitation.id)
    found: dict[int, tuple[Invitation | None, MailState | None]] = {
        invitation.person_id: (invitation, state) for invitation, state in session.execute(query)
    }
    return [
        _invitee(person, person.id in with_login, found.get(person.id, (None, None)), now)
        for person in people
        if person.merged_into_id is None
    ]


def _invitee(
    person: Person, has_login: bool, asked: tuple[Invitation | None, MailState | None], now: datetime
) -> Invitee:
    invitation, mail = asked
    return Invitee(
        person_id=person.id,
        name=masked_name(person.name),
        email=masked_email(person.email),
        has_login=has_login,
        invitation_id=None if invitation is None else invitation.id,
        state=None if invitation is None else state_of(invitation, now),
        mail=mail,
        sent_at=None if invitation is None else invitation.sent_at,
        expires_at=None if invitation is None else invitation.expires_at,
    )


def invite(session: Session, actor: Actor, cohort: Cohort, people: Collection[int], now: datetime) -> list[int]:
    """Ask those of ``people`` who have an address and neither a log-in nor an open invitation; returns their ids.

    The mails are queued in the same transaction; the jobs process sends them and makes the links.
    """
    facts = {"cohort_id": cohort.id, "university_id": cohort.university_id, "made_by_id": actor.person_id, "sends": 1}
    made = [Invitation(person_id=each, made_at=now, **facts) for each in session.scalars(_to_ask(people))]
    session.add_all(made)
    session.flush()
    _queue(session, made, now)
    invited = [invitation.person_id for invitation in made]
    if invited:
        subject = Subject("cohort", cohort.slug, university_id=cohort.university_id)
        record(session, actor, Deed("invitations.sent", subject, {"people": sorted(invited)}), now)
    return invited


def _to_ask(people: Collection[int]) -> sa.Select[int]:
    login = sa.exists().where(Login.person_id == Person.id, Login.disabled_at.is_(None))
    asked = sa.exists().where(
        Invitation.person_id == Person.id, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None)
    )
    return (
        sa.select(Person.id)
        .where(Person.id.in_(people), Person.email.is_not(None), Person.merged_into_id.is_(None), ~login, ~asked)
        .order_by(Person.id)
    )


def _queue(session: Session, invitations: Collection[Invitation], now: datetime) -> None:
    letters = [Letter(each.person_id, cause_of(each), {"invitation_id": each.id}) for each in invitations]
    queue_letters(session, INVITATION, letters, now=now)


def send_again(session: Session, actor: Actor, invitation: Invitation, now: datetime) -> None:
    """Send an invitation anew: the earlier link dies when the new mail is sent. ConflictError if it is over."""
    _require_unused(invitation)
    invitation.sends += 1
    session.flush()
    _queue(session, [invitation], now)
    _note(session, actor, "invitation.sent_again", invitation, now)


def revoke(session: Session, actor: Actor, invitation: Invitation, now: datetime) -> None:
    """Take an invitation back; its link is worth nothing from now on. ConflictError if it was used."""
    _require_unused(invitation)
    invitation.revoked_at = now
    _note(session, actor, "invitation.revoked", invitation, now)


def _require_unused(invitation: Invitation) -> None:
    if invitation.used_at is not None or invitation.revoked_at is not None:
        raise ConflictError(
            "invitation_over",
            "이미 사용했거나 취소한 초대입니다. 목록을 새로 고쳐 주십시오.",
            "This invitation was used or taken back. Please reload the list.",
        )


def _note(session: Session, actor: Actor, action: str, invitation: Invitation, now: datetime) -> None:
    subject = Subject("invitation", str(invitation.id), invitation.person_id, invitation.university_id)
    record(session, actor, Deed(action, subject), now)


def is_free(session: Session, username: str) -> bool:
    """Whether a user name is one that nobody signs in with."""
    known = sa.select(Login.id).where(Login.issuer == HUB_ISSUER, Login.subject == username)
    return USERNAME.fullmatch(username) is not None and session.scalar(known) is None


def accept_invitation(session: Session, token: str, username: str, now: datetime, ip: str | None = None) -> int:
    """Give the invited person the log-in ``username``; returns the person's id.

    InvalidError for a link that is worth nothing, ConflictError for a name that somebody has: the link stays good.
    """
    invitation = find_invitation(session, token)
    if invitation is None or state_of(invitation, now) is not InvitationState.OPEN:
        raise InvalidError(
            "invitation_not_open",
            "초대 링크가 만료되었거나 이미 사용되었습니다. 담당자에게 다시 보내 달라고 요청해 주십시오.",
            "This invitation has expired or was used. Please ask your coordinator to send it again.",
        )
    if not is_free(session, username):
        raise ConflictError(
            "username_taken",
            "이미 쓰고 있는 아이디입니다. 다른 아이디를 정해 주십시오.",
            "That user name is taken. Please choose another one.",
        )
    person = session.get_one(Person, invitation.person_id)
    person_id = person.merged_into_id or person.id
    session.add(Login(issuer=HUB_ISSUER, subject=username, person_id=person_id, created_at=now))
    invitation.used_at = now
    session.flush()
    _note(session, Actor(username, person_id, ip), "invitation.accepted", invitation, now)
    return person_id
