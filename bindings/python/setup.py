# SPDX-License-Identifier: MIT
"""Builds the extension against the libcmreload that pkg-config finds: set PKG_CONFIG_PATH for one that is not installed for the
system. The package has the library's version. One wheel serves Python 3.11 and all later ones (abi3)."""

import glob
import os
import shlex
import subprocess

from setuptools import Extension, setup


def ask(*question):
    command = [os.environ.get("PKG_CONFIG", "pkg-config"), *question, "cmreload"]
    try:
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as error:
        raise SystemExit("libcmreload is not found: install it, or set PKG_CONFIG_PATH to where its cmreload.pc is") from error


def flags(question, prefix):
    return [word[len(prefix) :] for word in shlex.split(ask(question)) if word.startswith(prefix)]


folders = [os.path.normpath(folder) for folder in flags("--libs-only-L", "-L")]
setup(
    version=ask("--modversion"),
    ext_modules=[
        Extension(
            "cmreload._cmreload",
            sorted(glob.glob("src/*.c")),
            depends=sorted(glob.glob("src/*.h")),
            include_dirs=flags("--cflags-only-I", "-I"),
            library_dirs=folders,
            runtime_library_dirs=folders,  # pkg-config names none where the system looks anyway
            libraries=flags("--libs-only-l", "-l"),
            define_macros=[("_GNU_SOURCE", "1"), ("Py_LIMITED_API", "0x030b0000")],
            extra_compile_args=["-std=c11", "-fvisibility=hidden"],
            py_limited_api=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
