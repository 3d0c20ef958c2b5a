"""How busy each pod's GPU is, from the DCGM exporter through Prometheus; unknown where there is none."""

from __future__ import annotations

import json
import math
import time
from typing import Any
from urllib.parse import urlencode

from tornado.httpclient import AsyncHTTPClient, HTTPError

FRESH_SECONDS, ASK_SECONDS = 30.0, 5.0

#: Share of time that the engines worked (0-1), for whole GPUs and slices; in percent.
QUERY = 'max by (pod) (max_over_time(DCGM_FI_PROF_GR_ENGINE_ACTIVE{{namespace="{namespace}"}}[5m])) * 100'


def percents(answer: Any) -> dict[str, float]:
    """Read Prometheus' answer: ``{"data": {"result": [{"metric": {"pod": "nb-x"}, "value": [0, "12.5"]}]}}``.

    Whatever is not of this shape or no number (``NaN``) is left out: an unknown GPU counts as busy.
    """
    try:
        rows = answer["data"]["result"]
        found = {str(row["metric"]["pod"]): float(row["value"][1]) for row in rows if "pod" in row["metric"]}
    except (KeyError, IndexError, TypeError, ValueError):
        return {}
    return {pod: value for pod, value in found.items() if math.isfinite(value)}


class GpuUse:
    """Asks Prometheus at most twice a minute for all pods together."""

    def __init__(self, address: str, namespace: str) -> None:
        self._url = f"{address.rstrip('/')}/api/v1/query?{urlencode({'query': QUERY.format(namespace=namespace)})}"
        self._has_address = bool(address)
        self._known: dict[str, float] = {}
        self._asked = float("-inf")

    async def percent_of(self, pod: str) -> float | None:
        """Return the highest use of the last five minutes, or None if nobody can say."""
        if self._has_address and time.monotonic() - self._asked > FRESH_SECONDS:
            self._asked = time.monotonic()
            self._known = await self._ask()
        return self._known.get(pod)

    async def _ask(self) -> dict[str, float]:
        try:
            answer = await AsyncHTTPClient().fetch(self._url, request_timeout=ASK_SECONDS)
            return percents(json.loads(answer.body))
        except (HTTPError, OSError, ValueError):
            return {}
