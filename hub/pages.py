"""Pages of the hub that JupyterHub does not have: change one's password, sign out of hub and portal together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyterhub.handlers.base import BaseHandler
from jupyterhub.handlers.login import LogoutHandler
from jupyterhub.orm import new_token
from tornado import web

from hub.accounts import AccountError
from hub.invited import InvitedHandler
from hub.throttle import SignIn, checked_sign_in, is_throttled

WRONG_PASSWORD = "지금 쓰는 비밀번호가 맞지 않습니다. / That is not your present password."  # noqa: S105 - a message
DIFFERENT = "새 비밀번호 두 개가 서로 다릅니다. / The two new passwords differ."


class CampusLogoutHandler(LogoutHandler):  # type: ignore[misc]  # JupyterHub ships no types
    """Signs out of the hub, then sends the browser to the portal, which ends its own session."""

    async def render_logout_page(self) -> None:
        """Go on to the portal instead of the log-in page."""
        self.redirect(f"{self.authenticator.portal_url}/auth/front-logout", permanent=False)


class PasswordHandler(BaseHandler):  # type: ignore[misc]  # JupyterHub ships no types
    """Lets people change their own password; other browsers that were signed in are signed out by it."""

    @web.authenticated
    async def get(self) -> None:
        """Show the form."""
        await self._show()

    @web.authenticated
    async def post(self) -> None:
        """Change the password, or show the form again and say why not."""
        old, new, again = (self.get_body_argument(name, "", strip=False) for name in ("old", "new", "again"))
        problem = await self.authenticator.in_thread(self._change, old, new, again)
        if problem:
            self.set_status(400)
            await self._show(problem=problem)
            return
        self.current_user.orm_user.cookie_id = new_token()
        self.db.commit()
        self.set_login_cookie(self.current_user)
        await self._show(changed=True)

    def _change(self, old: str, new: str, again: str) -> str | None:
        """Change the password; return what is wrong, if anything."""
        accounts, name = self.authenticator.accounts, str(self.current_user.name)
        sign_in = SignIn(name, str(self.request.remote_ip))
        if new != again:
            return DIFFERENT
        if is_throttled(accounts, sign_in) or not checked_sign_in(accounts, sign_in, old):
            return WRONG_PASSWORD
        try:
            accounts.set_password(name, new)
        except AccountError as error:
            return str(error)
        return None

    async def _show(self, **values: Any) -> None:
        self.finish(await self.render_template("password.html", xsrf=self.xsrf_token.decode("ascii"), **values))


#: Styles, icon and fonts of the portal: the hub's pages look the same, from one source.
STATIC_FOLDER = Path(__file__).parent / "portal" / "static"

PAGES: list[tuple[Any, ...]] = [
    ("/logout", CampusLogoutHandler),
    ("/password", PasswordHandler),
    ("/invited", InvitedHandler),
    (r"/campus/(.+)", web.StaticFileHandler, {"path": str(STATIC_FOLDER)}),
]
