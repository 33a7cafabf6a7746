# SPDX-License-Identifier: MIT
"""The stubs of the C part say what it has: the same names, and the same arguments."""

import ast
import inspect
import os
import shutil
import subprocess
import unittest

import cmreload
from cmreload import _cmreload

STUB = os.path.join(os.path.dirname(cmreload.__file__), "_cmreload.pyi")
# What every object has, or the type's slots.
IMPLIED = {"__doc__", "__module__", "__new__", "__init__", "__repr__", "__getattribute__", "__del__"}


def stubbed():
    """For each name of the stub, the functions and classes that it has."""
    with open(STUB, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    functions, classes = {}, {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            functions[node.name] = node
        elif isinstance(node, ast.ClassDef):
            classes[node.name] = {each.name: each for each in node.body}  # of overloads the last
    return functions, classes


def arguments(node):
    """The names of a stub's arguments, each with whether it can be given by name, and has a default."""
    given = node.args
    positional = [*given.posonlyargs, *given.args]
    bare = len(positional) - len(given.defaults)
    return [(each.arg, number >= len(given.posonlyargs), number >= bare) for number, each in enumerate(positional)
            if each.arg not in ("self", "cls")]


def real_arguments(function):
    kinds = inspect.Parameter
    return [(each.name, each.kind is not kinds.POSITIONAL_ONLY, each.default is not kinds.empty)
            for each in inspect.signature(function).parameters.values() if each.name not in ("self", "module", "type")]


def is_property(node):
    return any(isinstance(each, ast.Name) and each.id == "property" for each in node.decorator_list)


class Stubs(unittest.TestCase):
    def test_functions(self):
        functions, classes = stubbed()
        real = {name for name, value in vars(_cmreload).items() if callable(value)}
        self.assertEqual(real - {name for name in real if name.startswith("__")}, functions.keys() | classes.keys())
        for name, node in functions.items():
            self.assertEqual(real_arguments(getattr(_cmreload, name)), arguments(node), name)

    def test_classes(self):
        _, classes = stubbed()
        for name, members in classes.items():
            kind = getattr(_cmreload, name)
            self.assertEqual(vars(kind).keys() - IMPLIED, members.keys() - IMPLIED, name)
            for member, node in members.items():
                value = vars(kind)[member]
                self.assertEqual(inspect.isgetsetdescriptor(value), is_property(node), f"{name}.{member}")
                if not member.startswith("__") and not is_property(node):
                    own = [each for each in arguments(node)]
                    found = [each for each in inspect.signature(value).parameters.values() if each.name != "self"]
                    self.assertEqual([(each.name, each.kind is not each.POSITIONAL_ONLY, each.default is not each.empty)
                                      for each in found], own, f"{name}.{member}")

    def test_everything_is_explained(self):
        for name in cmreload.__all__:
            value = getattr(cmreload, name)
            self.assertTrue(inspect.getdoc(value), name)
            if isinstance(value, type) and issubclass(value, (cmreload.Snapshot, cmreload.Handle, cmreload.Reloader, cmreload.Share)):
                for member in dir(value):
                    if not member.startswith("_"):
                        self.assertTrue(inspect.getdoc(inspect.getattr_static(value, member)), f"{name}.{member}")

    def test_it_is_typed(self):
        self.assertTrue(os.path.exists(os.path.join(os.path.dirname(cmreload.__file__), "py.typed")))

    @unittest.skipUnless(shutil.which("mypy"), "mypy is not installed")
    def test_mypy(self):
        done = subprocess.run(["mypy", "--strict", "--cache-dir", os.devnull, os.path.dirname(cmreload.__file__)],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
