# SPDX-License-Identifier: MIT
"""An HTTP service on asyncio whose settings are live.

    python3 asyncio_service.py DIRECTORY

It answers with a greeting. How long it waits for a request, how many connections it has at once, and what it says follow app.yaml
while it serves; the log level follows the file log_level. A port that is not free refuses the generation, and the service stays
where it is: the validator listens on the new port in prepare(), and commit() moves over.
"""

import asyncio
import json
import logging
import signal
import socket
import sys
from dataclasses import dataclass
from datetime import timedelta

import cmreload

log = logging.getLogger("service")


@dataclass(frozen=True)
class Settings:
    port: int
    greeting: str = "hello"
    connections: int = 100
    idle: timedelta = timedelta(seconds=30)

    def __post_init__(self):
        if not 0 <= self.port < 65536 or self.connections < 1:
            raise ValueError("a port is below 65536, and there is at least one connection")


class Listener:
    """Moves to another port together with the generation that says so."""

    def __init__(self, service):
        self.service, self.loop = service, asyncio.get_running_loop()
        self.port = self.socket = self.server = None

    def prepare(self, candidate):
        port = candidate.get_int("app.yaml#server.port")
        if port == self.port:
            return
        try:
            self.socket = socket.create_server(("127.0.0.1", port))
        except OSError as error:
            raise cmreload.Veto(f"port {port}: {error.strerror}", key="app.yaml#server.port") from None
        self.next_port = port

    def commit(self, published):
        if self.socket:
            self.loop.create_task(self.serve(self.socket, self.server))
            self.socket, self.port = None, self.next_port

    def abort(self, candidate):
        if self.socket:
            self.socket.close()
            self.socket = None

    async def serve(self, listening, before):
        self.server = await asyncio.start_server(self.service.serve, sock=listening)
        log.warning("listening on port %d", listening.getsockname()[1])
        if before:
            before.close()


class Service:
    def __init__(self, reloader):
        self.settings = reloader.follow("app.yaml#server", Settings)
        self.connections = 0

    async def serve(self, reader, writer):
        settings = self.settings.current  # one generation for the whole request
        self.connections += 1
        try:
            if self.connections > settings.connections:
                await self.answer(writer, 503, {"error": "too many connections"})
                return
            async with asyncio.timeout(settings.idle.total_seconds()):
                request = await reader.readuntil(b"\r\n\r\n")
            log.info("%s", request.split(b"\r\n")[0].decode("ascii", "replace"))
            await self.answer(writer, 200, {"greeting": settings.greeting})
        except TimeoutError:
            await self.answer(writer, 408, {"error": "no request"})
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass
        finally:
            self.connections -= 1
            writer.close()

    async def answer(self, writer, status, body):
        text = json.dumps(body).encode()
        writer.write(b"HTTP/1.1 %d\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, len(text), text))
        await writer.drain()


async def tell(reloader):
    async for update in reloader.changes("app.yaml#server.**"):
        log.warning("generation %d: %s", update.after.generation,
                    ", ".join(f"{change.key}: {change.old} -> {change.new}" for change in update))


async def main(path):
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    with cmreload.open(path, background=True) as reloader:
        service = Service(reloader)
        listener = Listener(service)
        reloader.validator("listener", listener)
        reloader.follow_log_level("log_level", log)
        reloader.load(timeout=10)
        telling = asyncio.create_task(tell(reloader))
        await stopped.wait()
        if listener.server:
            listener.server.close()
    await telling  # it ended with the reloader


if __name__ == "__main__":
    logging.basicConfig(format="%(name)s: %(levelname)s: %(message)s")
    asyncio.run(main(sys.argv[1]))
