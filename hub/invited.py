"""``/hub/invited``: who was invited by mail chooses a user name and a password; the portal judges the link.

The password stays here, person and link are the portal's: it is asked before the account is made and told after.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import Any

from jupyterhub.handlers.base import BaseHandler
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from hub.accounts import AccountError, checked_password, checked_username

ASK_SECONDS = 8.0
AWAY = "지금은 포털에 확인할 수 없습니다. 잠시 후 다시 시도하십시오. / The portal can't be asked now. Please try again."
DIFFERENT = "비밀번호 두 개가 서로 다릅니다. / The two passwords differ."
NOT_OPEN = (
    "초대 링크가 만료되었거나 이미 사용되었습니다. 담당자에게 다시 요청하십시오. / "
    "This invitation has expired or was used. Please ask your coordinator to send it again."
)

_log = logging.getLogger(__name__)


class InvitationError(Exception):
    """The portal refuses, in both languages."""


@dataclass(frozen=True)
class PortalInvitations:
    """Asks the portal at ``url`` (its REST API) with the hub's own token; a link travels in the body, never logged."""

    url: str
    token: str = field(repr=False)

    def __deepcopy__(self, memo: dict[int, object]) -> PortalInvitations:
        """Be shared, not copied: traitlets copies every configured value."""
        return self

    async def ask(self, link: str, username: str = "", accept: bool = False) -> dict[str, Any]:
        """Return what the portal says of a link; InvitationError where it refuses or can't be asked."""
        body = json.dumps({"token": link, "username": username, "accept": accept})
        request = HTTPRequest(
            f"{self.url}/internal/invitations",
            method="POST",
            body=body,
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
            connect_timeout=ASK_SECONDS,
            request_timeout=ASK_SECONDS,
        )
        try:
            answer = await AsyncHTTPClient().fetch(request, raise_error=False)
            found: dict[str, Any] = json.loads(answer.body or b"{}")
        except (HTTPClientError, OSError, ValueError) as error:
            raise InvitationError(AWAY) from error
        if answer.code == 200:
            return found
        problem = found.get("error", {})
        if answer.code in (409, 422) and "ko" in problem:
            raise InvitationError(f"{problem['ko']} / {problem['en']}")
        _log.warning("the portal answered %s about an invitation", answer.code)
        raise InvitationError(AWAY)


class InvitedHandler(BaseHandler):  # type: ignore[misc]  # JupyterHub ships no types
    """Makes the account of an invited person, once."""

    async def get(self) -> None:
        """Show the form if the link is good, else what to do."""
        link = self.get_query_argument("token", "")
        self.request.uri = self.request.path  # an error's log has the whole address: the link is a secret
        try:
            found = await self._portal.ask(link)
        except InvitationError as error:
            await self._show(link, problem=str(error))
            return
        await self._show(link, person=found["name"], problem=None if found["is_open"] else NOT_OPEN)

    async def post(self) -> None:
        """Make the account, or show the form again and say why not."""
        link, username = self.get_body_argument("token", ""), self.get_body_argument("username", "").strip().lower()
        passwords = [self.get_body_argument(name, "", strip=False) for name in ("new", "again")]
        try:
            await self._make(link, username, *passwords)
        except (AccountError, InvitationError) as error:
            self.set_status(400)
            await self._show(link, username=username, problem=str(error), can_retry=True)
            return
        await self._show(link, username=username, made=True)

    async def _make(self, link: str, username: str, password: str, again: str) -> None:
        """Ask the portal, make the account, tell the portal; an account that the portal does not take goes again."""
        if password != again:
            raise InvitationError(DIFFERENT)
        checked_password(checked_username(username), password)
        found = await self._portal.ask(link, username)
        if not found["is_open"]:
            raise InvitationError(NOT_OPEN)
        accounts = self.authenticator.accounts
        await self.authenticator.in_thread(accounts.create, username, password)
        try:
            await self._portal.ask(link, username, accept=True)
        except InvitationError:
            accounts.remove(username)
            raise

    @property
    def _portal(self) -> PortalInvitations:
        portal: PortalInvitations = self.settings["invitations"]
        return portal

    async def _show(self, link: str, **values: Any) -> None:
        shown = {"person": "", "username": "", "problem": None, "made": False, "can_retry": False} | values
        self.set_header("Referrer-Policy", "no-referrer")
        html = await self.render_template("invited.html", xsrf=self.xsrf_token.decode("ascii"), link=link, **shown)
        self.finish(html)
