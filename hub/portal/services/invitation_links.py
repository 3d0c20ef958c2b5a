"""The one-time links of invitations: made when the mail is written, looked up by their digest, never stored."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from graders.files import sha256_hex
from hub.portal.models import Cohort, Invitation, MailMessage, Programme

TOKEN_BYTES = 32
#: How long a link is good after its mail was sent.
LIFETIME = timedelta(days=14)
#: The portal's page of a link.
PAGE = "/invitations"


class InvitationState(StrEnum):
    """What a link is worth now."""

    WAITING = "waiting"  # its mail has not been sent yet
    OPEN = "open"
    EXPIRED = "expired"
    USED = "used"
    REVOKED = "revoked"


def state_of(invitation: Invitation, now: datetime) -> InvitationState:
    """Say what an invitation is worth at a time."""
    if invitation.used_at is not None:
        return InvitationState.USED
    if invitation.revoked_at is not None:
        return InvitationState.REVOKED
    if invitation.expires_at is None:
        return InvitationState.WAITING
    return InvitationState.EXPIRED if now >= invitation.expires_at else InvitationState.OPEN


def cause_of(invitation: Invitation) -> str:
    """The mail's cause: each sending is one of its own, and only the newest counts."""
    return f"invitation:{invitation.id}:{invitation.sends}"


def renew_link(session: Session, message: MailMessage, now: datetime) -> Mapping[str, Any] | None:
    """Make the token of the mail that is about to be sent; None if the invitation is over or was sent anew since."""
    invitation = session.get(Invitation, int(message.context["invitation_id"]), with_for_update=True)
    if invitation is None or message.cause != cause_of(invitation):
        return None
    if state_of(invitation, now) in (InvitationState.USED, InvitationState.REVOKED):
        return None
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation.token_digest, invitation.sent_at = sha256_hex(token.encode()), now
    invitation.expires_at = now + LIFETIME
    cohort = session.get_one(Cohort, invitation.cohort_id)
    programme = session.get_one(Programme, cohort.programme_id)
    return {
        "path": f"{PAGE}?token={token}",
        "expires_at": invitation.expires_at.isoformat(),
        "cohort": {"ko": cohort.name_ko, "en": cohort.name_en},
        "programme": {"ko": programme.name_ko, "en": programme.name_en},
    }


def find_invitation(session: Session, token: str) -> Invitation | None:
    """Return the invitation of a link, whatever it is worth; None for a token that nobody sent."""
    query = sa.select(Invitation).where(Invitation.token_digest == sha256_hex(token.encode()))
    return session.scalars(query).one_or_none()
