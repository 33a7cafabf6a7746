# SPDX-License-Identifier: MIT
"""What the tests of the package share: a volume that is swapped, and the certainty that nothing went wrong unseen."""

import gc
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import unittest

import cmreload

PATIENCE = 60  # seconds: far more than anything takes

# On an overlay, as of a container's /tmp, changes bring no events, and are polled for.
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") and os.access("/dev/shm", os.W_OK) else None


class Case(unittest.TestCase):
    """`self.path` is a volume; what write() gives stands in it. An exception that nobody saw fails the test."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=MEMORY)
        self.addCleanup(shutil.rmtree, self.folder)
        self.path = os.path.join(self.folder, "config")
        self.unraisable = []
        self.addCleanup(setattr, sys, "unraisablehook", sys.unraisablehook)
        sys.unraisablehook = self.unraisable.append

    def tearDown(self):
        gc.collect()
        self.assertEqual([str(each.exc_value) for each in self.unraisable], [])

    def unraised(self):
        """Takes the exceptions that went to sys.unraisablehook."""
        seen = [each.exc_value for each in self.unraisable]
        self.unraisable.clear()
        return seen

    def write(self, **files):
        """app="..." is app.yaml, p="..." p.properties, and others have their names."""
        names = {"app": "app.yaml", "p": "p.properties"}
        cmreload.write_volume(self.path, {names.get(name, name): text for name, text in files.items()})

    def open(self, **options):
        reloader = cmreload.open(self.path, **options)
        self.addCleanup(reloader.close)
        return reloader

    def loaded(self, **files):
        self.write(**files)
        reloader = self.open()
        reloader.load(PATIENCE)
        return reloader

    def swap(self, reloader, **files):
        """Writes, and dispatches what comes of it."""
        self.write(**files)
        reloader.check_now()
        reloader.wait(PATIENCE)


def script(text, *arguments, check=True, developer=True):
    """Runs a program of its own as developers do; returns what it printed, on either stream, and its status."""
    options = ["-X", "dev", "-W", "error"] if developer else []
    done = subprocess.run(
        [sys.executable, *options, "-c", textwrap.dedent(text), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
    )
    if check and done.returncode != 0:
        raise AssertionError(f"it ended with {done.returncode}:\n{done.stdout}")
    return done.stdout, done.returncode
