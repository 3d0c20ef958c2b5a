"""The few calls that the Job runner makes on the cluster's API, from threads, with patience for a busy API server.

What is worth a second try (429, 5xx, a lost or slow answer) is tried again here; what is not is one of two errors.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
from kubernetes_asyncio import client, config
from kubernetes_asyncio.client.exceptions import ApiException

Object = dict[str, Any]

log = logging.getLogger(__name__)

CALL_SECONDS = 10.0
TRIES = 5
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.2, 5.0
_WORTH_ANOTHER_TRY = frozenset({0, 429, 500, 502, 503, 504})


class ClusterError(RuntimeError):
    """The API did not do what was asked, and would not the next moment either; the text is the cluster's."""


class QuotaError(ClusterError):
    """The namespace has no room for this now."""


class Cluster:
    """One namespace of one cluster; safe to use from several threads. ``close`` it.

    ``kubeconfig``: None inside a pod, whose service account then counts.
    """

    def __init__(self, namespace: str, kubeconfig: Path | None = None) -> None:
        self._namespace = namespace
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="kubernetes-api", daemon=True)
        self._thread.start()
        try:
            self._api: client.ApiClient = self._wait(_connect(kubeconfig))
        except BaseException:
            self._end_loop()
            raise

    def create_job(self, job: Object) -> Object:
        """Create a Job, or return the one of that name: an answer that was lost does not make two."""
        batch: Any = client.BatchV1Api(self._api)
        try:
            return self._call(lambda: batch.create_namespaced_job(self._namespace, job))
        except _ExistsError:
            return next(each for each in self.jobs("") if each["metadata"]["name"] == job["metadata"]["name"])

    def create_secret(self, secret: Object) -> None:
        """Create a Secret; one that is there stays as it is."""
        core: Any = client.CoreV1Api(self._api)
        with suppress(_ExistsError):
            self._call(lambda: core.create_namespaced_secret(self._namespace, secret))

    def delete_job(self, name: str) -> None:
        """Remove a Job with its pod and Secret; one that is gone is no error."""
        batch: Any = client.BatchV1Api(self._api)
        with suppress(_GoneError):
            self._call(lambda: batch.delete_namespaced_job(name, self._namespace, propagation_policy="Background"))

    def jobs(self, selector: str) -> list[Object]:
        """Return the Jobs with these labels."""
        batch: Any = client.BatchV1Api(self._api)
        found = self._call(lambda: batch.list_namespaced_job(self._namespace, label_selector=selector))
        kind = {"apiVersion": "batch/v1", "kind": "Job"}  # a list leaves it out of its items
        return [kind | each for each in found["items"]]

    def pods(self, selector: str) -> list[Object]:
        """Return the pods with these labels."""
        core: Any = client.CoreV1Api(self._api)
        found = self._call(lambda: core.list_namespaced_pod(self._namespace, label_selector=selector))
        return list(found["items"])

    def last_warning(self, name: str) -> str:
        """Return what the cluster last complained about an object, or nothing."""
        core, selector = client.CoreV1Api(self._api), f"involvedObject.name={name},type=Warning"
        found = self._call(lambda: core.list_namespaced_event(self._namespace, field_selector=selector))
        return str(found["items"][-1].get("message", "")) if found["items"] else ""

    def close(self) -> None:
        """End the connection."""
        self._wait(self._api.close())
        self._end_loop()

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, send: Callable[[], Awaitable[Any]]) -> Object:
        """Send until there is an answer or no more sense in asking; returns plain JSON."""
        wait, why = _FIRST_WAIT_SECONDS, ""
        for _ in range(TRIES):
            try:
                answer = self._wait(send())
            except ApiException as error:
                why, pause = _explain(error), _asked_pause(error)
            except (aiohttp.ClientError, TimeoutError, FutureTimeoutError, OSError) as error:
                why, pause = f"{type(error).__name__}: {error}", None
            else:
                return dict(self._api.sanitize_for_serialization(answer))
            log.info("the cluster's API did not answer: %s", why)
            time.sleep(min(pause or wait * random.uniform(0.5, 1.5), _LONGEST_WAIT_SECONDS))  # noqa: S311 - no secret
            wait *= 2
        raise ClusterError(why)

    def _wait(self, coroutine: Awaitable[Any]) -> Any:
        future = asyncio.run_coroutine_threadsafe(_bounded(coroutine), self._loop)
        return future.result(CALL_SECONDS + 5)


class _ExistsError(ClusterError):
    """There is an object of that name."""


class _GoneError(ClusterError):
    """There is no such object."""


async def _bounded(awaitable: Awaitable[Any]) -> Any:
    return await asyncio.wait_for(awaitable, CALL_SECONDS)


async def _connect(kubeconfig: Path | None) -> client.ApiClient:
    """A client of its own configuration: nothing global is changed."""
    settings = client.Configuration()
    settings.client_side_validation = False  # the server decides what is valid, also one that is newer than this client
    try:
        if kubeconfig is None:
            config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]
        else:
            await config.load_kube_config(str(kubeconfig), client_configuration=settings)
    except config.ConfigException as error:
        raise ClusterError(f"no account on a cluster: {error}") from error
    return client.ApiClient(settings)


def _explain(error: ApiException) -> str:
    """Return the cluster's sentence where another try makes sense; raise what it means where none does."""
    text = _message(error)
    if error.status in _WORTH_ANOTHER_TRY:
        return f"{error.status}: {text}"
    if error.status == 409:
        raise _ExistsError(text) from error
    if error.status == 404:
        raise _GoneError(text) from error
    if error.status == 403 and "exceeded quota" in text:
        raise QuotaError(text) from error
    raise ClusterError(f"{error.status}: {text}") from error


def _message(error: ApiException) -> str:
    try:
        return str(json.loads(error.body or b"")["message"])[:500]
    except (TypeError, ValueError, KeyError):
        return str(error.reason)[:500]


def _asked_pause(error: ApiException) -> float | None:
    """Seconds that the server asks us to wait, if it does."""
    headers: Any = error.headers or {}
    asked = str(headers.get("Retry-After", ""))
    return float(asked) if asked.isdecimal() else None
