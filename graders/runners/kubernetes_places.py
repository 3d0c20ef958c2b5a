"""Where grading pods can be found: whoever knows addresses, and the one that asks the cluster's DNS."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

log = logging.getLogger(__name__)

Address = tuple[str, int]


@dataclass(frozen=True)
class Place:
    """One pod: where it is, and the keys that it is called with."""

    address: Address
    tls: ssl.SSLContext


class Places(Protocol):
    """Knows the pods that are ready; asked again for every grading, so pods may come and go."""

    def places(self) -> Sequence[Place]:
        """Return what is there now; empty if nothing is, also when whoever knows can't be asked."""
        ...

    def problem(self) -> str:
        """Say for staff why there may be nothing."""
        ...


@dataclass(frozen=True)
class ServiceName:
    """A headless Service: its name resolves to every ready pod. No right on the cluster's API is needed."""

    host: str
    port: int
    tls: ssl.SSLContext

    def places(self) -> Sequence[Place]:
        """Resolve the name, past any cache."""
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except OSError as error:
            log.warning("%s does not resolve: %s", self.host, error)
            return ()
        addresses = {str(entry[4][0]) for entry in found}
        return [Place((address, self.port), self.tls) for address in sorted(addresses)]

    def problem(self) -> str:
        """Name what was looked for."""
        return f"no pod answers behind {self.host}:{self.port}"
