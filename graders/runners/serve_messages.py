"""What a worker and a grading pod say to each other, one grading a connection, and how much of it each accepts.

::

    pod     {"hello": {"version": 1, "environment": <digest>, "busy": false}}
    worker  {"request": ..., "bundle": [names], "submission": [names]} + their bytes
    pod     {"progress": ...}*  {"report": true} + the report's JSON

A worker that closes the connection cancels. The pod is not trusted: student code runs in it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from graders.contract import Digest, Frozen
from graders.engine.wire import Header, WireLimits

VERSION = 1
PORT = 8765

#: A report carries the rebuilt notebooks with their outputs, which the engine bounds; this is far above that.
MAX_REPORT_BYTES = 128 * 2**20


class Hello(Frozen):
    """The pod's first words. ``environment`` is its ``environment_digest``; a busy pod closes after it."""

    version: Literal[1] = 1
    environment: Digest = Field(pattern=r"^[0-9a-f]{64}$")
    busy: bool = False


def from_worker() -> WireLimits:
    """What a pod takes: one job, from somebody who holds the key."""
    return WireLimits(header_bytes=16 * 2**20, message_bytes=2**30, blobs=20_000, total_bytes=2**31, messages=1)


def from_pod() -> WireLimits:
    """What a worker takes from a pod, whatever the pod declares: steps of some KiB and one report."""
    return WireLimits(
        header_bytes=64 * 2**10,
        message_bytes=MAX_REPORT_BYTES,
        blobs=1,
        total_bytes=MAX_REPORT_BYTES + 16 * 2**20,
        messages=100_000,
    )


def hello_message(hello: Hello) -> Header:
    """Return the first message of a pod."""
    return {"hello": hello.model_dump(mode="json")}
