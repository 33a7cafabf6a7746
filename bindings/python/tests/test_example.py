# SPDX-License-Identifier: MIT
"""examples/asyncio_service.py, as its user runs it."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import unittest

from support import PATIENCE, Case

SERVICE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "examples", "asyncio_service.py")


class Service(Case):
    def setUp(self):
        super().setUp()
        self.configure("port: 0")
        self.process = subprocess.Popen([sys.executable, "-X", "dev", "-W", "error", SERVICE, self.path],
                                        stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.process.stderr.close)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        patience = threading.Timer(PATIENCE, self.process.kill)
        patience.start()
        self.addCleanup(patience.cancel)
        self.port = int(self.hears(r"WARNING: listening on port (\d+)"))

    def configure(self, *lines, level="warning"):
        self.write(app="server:\n" + "".join(f"  {line}\n" for line in lines), log_level=level)

    def hears(self, pattern):
        """Reads what it says until the pattern comes; returns its first group."""
        said = ""
        for line in self.process.stderr:
            said += line
            if found := re.search(pattern, line):
                return found[1] if found.groups() else line
        self.fail(f"{pattern!r} did not come:\n{said}")

    def connect(self, port=None):
        connection = socket.create_connection(("127.0.0.1", port or self.port), timeout=PATIENCE)
        self.addCleanup(connection.close)
        return connection

    def answer(self, connection, ask=True):
        if ask:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        heard = b""
        while more := connection.recv(4096):
            heard += more
        head, _, body = heard.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)

    def test_its_settings_are_live(self):
        self.assertEqual(self.answer(self.connect()), (200, {"greeting": "hello"}))
        self.configure("port: 0", "greeting: good evening", "connections: 1", level="info")
        self.hears("generation 2: app.yaml#server.greeting: None -> good evening")
        first = self.connect()
        first.sendall(b"GET / HT")
        self.assertEqual(self.answer(self.connect(), ask=False)[0], 503)
        first.sendall(b"TP/1.1\r\n\r\n")
        self.assertEqual(self.answer(first, ask=False), (200, {"greeting": "good evening"}))
        self.hears("INFO: GET / HTTP/1.1")
        self.configure("port: 0", "idle: 10ms")
        self.hears("generation 3")
        self.assertEqual(self.answer(self.connect(), ask=False)[0], 408)

        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.configure(f"port: {taken.getsockname()[1]}", "greeting: lost")
            self.hears(r"app.yaml:2:3: .*listener: port \d+: Address already in use")
        self.configure("port: 70000")
        self.hears("Settings: a port is below 65536")
        self.assertEqual(self.answer(self.connect(), ask=False)[0], 408)

        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.configure(f"port: {port}")
        self.hears(f"listening on port {port}")
        self.assertEqual(self.answer(self.connect(port)), (200, {"greeting": "hello"}))

        self.process.terminate()
        self.assertEqual((self.process.wait(PATIENCE), self.process.stderr.read().count("Warning:")), (0, 0))


if __name__ == "__main__":
    unittest.main()
