"""The nodes of the cluster, asked for rarely: they say how many GPUs there really are."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from kubernetes_asyncio.client.exceptions import ApiException

FRESH_SECONDS = 15.0
ASK_SECONDS = 5.0


class NodeView:
    """Keeps one list of nodes for all spawners; a hub that may not list nodes gets None and is not asked again soon."""

    def __init__(self) -> None:
        self._nodes: list[dict[str, Any]] | None = None
        self._asked = float("-inf")

    async def list(self, api: Any) -> list[dict[str, Any]] | None:
        """Return the nodes as the API server describes them; raises what the client raises if it can't be reached."""
        if time.monotonic() - self._asked < FRESH_SECONDS:
            return self._nodes
        try:
            answer = await asyncio.wait_for(api.list_node(_preload_content=False), ASK_SECONDS)
            self._nodes = json.loads(await answer.read())["items"] if answer.status == 200 else None
        except ApiException as error:
            if error.status != 403:
                raise
            self._nodes = None
        self._asked = time.monotonic()
        return self._nodes
