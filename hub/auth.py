"""Signs people in to the hub with local accounts; where there is OIDC, oauthenticator takes its place."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.handlers.base import BaseHandler
from tornado import web
from traitlets import Unicode

from hub.accounts import USERNAME, Accounts
from hub.pages import PAGES
from hub.throttle import SignIn, checked_sign_in, is_throttled

THROTTLED = (
    "비밀번호를 여러 번 틀렸습니다. 5분 뒤에 다시 시도하십시오. / "
    "Too many wrong passwords. Please try again in five minutes."
)


class CampusAuthenticator(Authenticator):  # type: ignore[misc]  # JupyterHub ships no types
    """Local accounts over Argon2, with a throttle that JupyterHub does not have."""

    accounts_path = Unicode(help="SQLite file of the accounts").tag(config=True)
    portal_url = Unicode(help="where people go when they have signed out").tag(config=True)

    @cached_property
    def accounts(self) -> Accounts:
        """The accounts; opened at the first sign-in."""
        return Accounts(Path(self.accounts_path))

    @cached_property
    def _hashing(self) -> ThreadPoolExecutor:
        """Argon2 takes tens of milliseconds and 64 MiB: two at a time, and never on the hub's own thread."""
        return ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")

    async def authenticate(self, handler: BaseHandler, data: dict[str, str]) -> str | None:
        """Return the user name if name and password are right, else None; 429 after too many failures."""
        sign_in = SignIn(data.get("username", "").lower(), str(handler.request.remote_ip))
        if not USERNAME.fullmatch(sign_in.username):
            return None
        username: str | None = await self.in_thread(self._verify, sign_in, data.get("password", ""))
        return username

    async def in_thread(self, function: Any, *arguments: Any) -> Any:
        """Run a function that hashes beside the hub's event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._hashing, function, *arguments)

    def _verify(self, sign_in: SignIn, password: str) -> str | None:
        if is_throttled(self.accounts, sign_in):
            self.log.warning("sign-in throttled for %s from %s", sign_in.username, sign_in.address)
            raise web.HTTPError(429, THROTTLED)
        return sign_in.username if checked_sign_in(self.accounts, sign_in, password) else None

    async def refresh_user(self, user: Any, handler: BaseHandler | None = None) -> bool:  # noqa: ARG002 - JupyterHub's signature
        """End the session of somebody whose account was shut; people without a local account are left alone."""
        account = await self.in_thread(self.accounts.get, user.name)
        return account is None or not account.disabled

    def get_handlers(self, app: Any) -> list[tuple[Any, ...]]:
        """Register the log-in page of JupyterHub and the pages of ours."""
        return [*super().get_handlers(app), *PAGES]
