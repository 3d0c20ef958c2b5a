"""The hub's groups of a person, asked of the portal when they count: before choices are shown and before a start.

The portal decides from enrolments and grants (``hub.portal.services.hub_groups``) and needs no right on the hub for it.
Groups that a site made itself, under other names, stay as they are.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

ASK_SECONDS = 4.0
#: What names of the portal's groups begin with: the others are the site's own.
OURS = ("course:", "role:")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PortalGroups:
    """Asks the portal at ``url`` (its REST API) with the hub's own token."""

    url: str
    token: str = field(repr=False)

    def __deepcopy__(self, memo: dict[int, object]) -> PortalGroups:
        """Be shared, not copied: traitlets copies every configured value for each spawner."""
        return self

    async def of(self, username: str) -> frozenset[str] | None:
        """Return the names of a person's groups, or None while the portal can't say."""
        request = HTTPRequest(
            f"{self.url}/internal/hub-groups/{quote(username, safe='')}",
            headers={"Authorization": f"Bearer {self.token}"},
            connect_timeout=ASK_SECONDS,
            request_timeout=ASK_SECONDS,
        )
        try:
            answer = await AsyncHTTPClient().fetch(request)
            names = json.loads(answer.body)["groups"]
            return frozenset(name for name in names if isinstance(name, str) and name.startswith(OURS))
        except (HTTPClientError, OSError, ValueError, KeyError, TypeError) as error:
            _log.warning("groups of %s stay as they are: the portal did not say (%s)", username, type(error).__name__)
            return None

    async def refresh(self, user: Any) -> None:
        """Put a hub user into the groups that the portal names, and take them out of its other ones."""
        ours = await self.of(str(user.name))
        if ours is not None:
            user.sync_groups({group.name for group in user.groups if not group.name.startswith(OURS)} | ours)
