"""Where grading pods can be found: whoever knows addresses, and the one that asks the cluster's DNS."""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from graders.runners.kubernetes_pod import Address

log = logging.getLogger(__name__)


class Places(Protocol):
    """Knows the addresses of pods that are ready; asked again for every grading, so pods may come and go."""

    def addresses(self) -> Sequence[Address]:
        """Return what is there now; empty if nothing is, also when whoever knows can't be asked."""
        ...


@dataclass(frozen=True)
class ServiceName:
    """A headless Service: its name resolves to every ready pod. No right on the cluster's API is needed."""

    host: str
    port: int

    def addresses(self) -> Sequence[Address]:
        """Resolve the name, past any cache."""
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except OSError as error:
            log.warning("%s does not resolve: %s", self.host, error)
            return ()
        return tuple({(str(entry[4][0]), self.port) for entry in found})
