"""A proxy in front of a real API server that answers wrongly, or late, when a test says so."""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web


@dataclass
class Fault:
    """Requests of ``method`` whose path ends with ``path`` are answered with ``status``, or forwarded late."""

    method: str
    path: str
    status: int = 0
    times: int = 1_000_000
    seconds: float = 0
    message: str = "injected"
    watch: bool = False


@dataclass
class FaultProxy:
    """Forwards to ``upstream``; ``faults`` may be changed at any time, the first that fits is used up."""

    upstream: str
    faults: list[Fault] = field(default_factory=list)
    injected: int = 0
    port: int = 0

    def fitting(self, request: web.Request) -> Fault | None:
        for fault in self.faults:
            right = request.method == fault.method and request.path.endswith(fault.path)
            if right and fault.times > 0 and fault.watch == ("watch" in request.query):
                fault.times -= 1
                self.injected += 1
                return fault
        return None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        fault = self.fitting(request)
        if fault and fault.seconds:
            await asyncio.sleep(fault.seconds)
        if fault and fault.status:
            body = {"kind": "Status", "status": "Failure", "code": fault.status, "message": fault.message}
            return web.json_response(body, status=fault.status)
        return await self.forward(request)

    async def forward(self, request: web.Request) -> web.StreamResponse:
        headers = {name: value for name, value in request.headers.items() if name in ("Accept", "Content-Type")}
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session,
            session.request(
                request.method, self.upstream + request.path_qs, data=await request.read(), headers=headers
            ) as answer,
        ):
            response = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.content_type})
            await response.prepare(request)
            async for chunk in answer.content.iter_any():
                await response.write(chunk)
            await response.write_eof()
            return response


@contextmanager
def fault_proxy(folder: Path) -> Iterator[tuple[FaultProxy, Path]]:
    """Run ``kubectl proxy`` (which knows how to sign in) and the faulty one before it; yields its kubeconfig too."""
    argv = ["kubectl", "proxy", "--port=0"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as kubectl_proxy:
        assert kubectl_proxy.stdout is not None
        upstream = "http://" + kubectl_proxy.stdout.readline().rsplit(" ", 1)[-1].strip()
        faulty, loop, ready = FaultProxy(upstream), asyncio.new_event_loop(), threading.Event()
        thread = threading.Thread(target=_serve, args=(faulty, loop, ready))
        thread.start()
        ready.wait(30)
        try:
            yield faulty, write_kubeconfig(folder / "faulty-kubeconfig", faulty.port)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join(30)
            kubectl_proxy.terminate()


def _serve(faulty: FaultProxy, loop: asyncio.AbstractEventLoop, ready: threading.Event) -> None:
    async def begin() -> web.AppRunner:
        application = web.Application(client_max_size=2**24)
        application.router.add_route("*", "/{anything:.*}", faulty.handle)
        runner = web.AppRunner(application, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        faulty.port = runner.addresses[0][1]
        return runner

    runner = loop.run_until_complete(begin())
    ready.set()
    loop.run_forever()
    loop.run_until_complete(_end(runner))
    loop.close()


async def _end(runner: web.AppRunner) -> None:
    """Close the server and what it still forwards: a watch goes on for ever, and an open connection is a warning."""
    await runner.cleanup()
    rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await asyncio.sleep(0.1)  # aiohttp closes the transports of ended sessions a turn later


def write_kubeconfig(path: Path, port: int) -> Path:
    """Write the file with which a hub goes through the faulty proxy."""
    cluster = {"name": "faulty", "cluster": {"server": f"http://127.0.0.1:{port}"}}
    context = {"name": "faulty", "context": {"cluster": "faulty", "user": "nobody"}}
    user = {"name": "nobody", "user": {"token": "unused"}}
    whole = {"apiVersion": "v1", "kind": "Config", "current-context": "faulty"}
    path.write_text(json.dumps({**whole, "clusters": [cluster], "contexts": [context], "users": [user]}))
    return path
