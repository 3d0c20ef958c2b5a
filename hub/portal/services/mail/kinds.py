"""What kinds of mail there are: to add one, add a row here and its two templates (see the package's docstring)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from graders.contract import Text
from hub.portal.models import MailMessage
from hub.portal.services.invitation_links import renew_link

#: Called in the transaction in which a mail is taken for sending; returns facts to add to its context (a one-time
#: link that the database must not know), or None if its cause is gone and it must not be sent.
Preparation = Callable[[Session, MailMessage, datetime], Mapping[str, Any] | None]


@dataclass(frozen=True)
class MailKind:
    """One kind. ``may_be_declined``: a person can switch it off; what they must get for their rights can't be."""

    name: str
    title: Text
    may_be_declined: bool = True
    prepare: Preparation | None = None


KINDS: Mapping[str, MailKind] = {
    kind.name: kind
    for kind in (
        MailKind("invitation", Text(ko="초대", en="Invitations"), may_be_declined=False, prepare=renew_link),
        MailKind("deadline_reminder", Text(ko="마감 알림", en="Deadline reminders")),
        MailKind("certificate", Text(ko="수료증 발급 안내", en="Certificates issued")),
        MailKind("announcement", Text(ko="공지", en="Announcements")),
    )
}
