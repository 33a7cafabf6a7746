# SPDX-License-Identifier: MIT
"""What the documents say is so: README's example runs, and the API page is what the docstrings make."""

import os
import re
import signal
import subprocess
import sys
import time
import unittest

from support import PATIENCE, Case

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def first_program():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        return re.search(r"```python\n(.*?)```", file.read(), re.DOTALL)[1]


class Readme(Case):
    def test_its_example(self):
        program = first_program()
        self.assertLessEqual(len([line for line in program.splitlines() if line]), 10)
        self.assertIn('"/etc/config"', program)
        self.write(app="server: {port: 80}\n")
        process = subprocess.Popen(
            [sys.executable, "-u", "-X", "dev", "-W", "error", "-c", program.replace("/etc/config", self.path)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with process:
            self.assertEqual(process.stdout.readline(), "app.yaml#server.port: None -> 80\n")
            self.write(app="server: {port: 81}\n")
            self.assertEqual(process.stdout.readline(), "app.yaml#server.port: 80 -> 81\n")
            while process.poll() is None:  # it may not wait yet
                process.send_signal(signal.SIGINT)
                time.sleep(0.02)
            self.assertIn("KeyboardInterrupt", process.stderr.read())

    def test_all_programs_are_python(self):
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            programs = re.findall(r"```python\n(.*?)```", file.read(), re.DOTALL)
        self.assertGreater(len(programs), 3)
        for program in programs:
            compile("async def main():\n" + re.sub("^", "    ", program, flags=re.MULTILINE), "README.md", "exec")

    def test_its_links(self):
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            for target in re.findall(r"\]\(([^)#]+)\)", file.read()):
                self.assertTrue(os.path.exists(os.path.join(ROOT, target)), target)


class Page(unittest.TestCase):
    def test_it_is_written_from_the_source(self):
        made = subprocess.run([sys.executable, os.path.join(ROOT, "docs", "make_api.py")], capture_output=True, text=True,
                              check=True, timeout=PATIENCE).stdout
        with open(os.path.join(ROOT, "docs", "api.md"), encoding="utf-8") as file:
            self.assertEqual(file.read(), made, "run make_api.py --write")


if __name__ == "__main__":
    unittest.main()
