"""A TCP proxy that lets requests through and loses the first answers: the client can't know what became of them."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class DroppingProxy:
    """Forwards to ``target_port``; the first ``drops`` answers are read to their end and thrown away."""

    def __init__(self, target_port: int, drops: int) -> None:
        self._target, self.drops, self.dropped = target_port, drops, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed: the test is over
                return
            with client:
                self._serve(client)

    def _serve(self, client: socket.socket) -> None:
        """One request at a time: the portal closes each connection after its answer."""
        with socket.create_connection(("127.0.0.1", self._target)) as upstream:
            sending = threading.Thread(target=pump, args=(client, upstream))
            sending.start()
            answer = b"".join(iter(lambda: upstream.recv(65536), b""))
            if self.dropped < self.drops:
                self.dropped += 1
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
            else:
                client.sendall(answer)
            client.shutdown(socket.SHUT_RD)
            sending.join()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def start(self) -> None:
        self._thread.start()


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Copy bytes until either side has ended."""
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        return


@contextmanager
def dropping_proxy(target_port: int, drops: int) -> Iterator[DroppingProxy]:
    proxy = DroppingProxy(target_port, drops)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.close()
