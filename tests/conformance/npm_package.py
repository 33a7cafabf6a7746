# SPDX-License-Identifier: MIT
"""Test suites in packages of the npm registry, which support/npm.sh fetches: each a set of modules with a JSON value."""

import base64
import hashlib
import json
import re
import sys
import tarfile


def read_modules(package, sha512, names):
    """Those whose paths in the package match the pattern `names`, in the order of their paths."""
    with open(package, "rb") as file:
        if base64.b64encode(hashlib.sha512(file.read()).digest()).decode() != sha512:
            sys.exit(f"{package} is not the package that this test knows: remove it")
    with tarfile.open(package) as archive:
        texts = [archive.extractfile(name).read().decode() for name in sorted(archive.getnames()) if re.fullmatch(names, name)]
    return [json.loads(re.sub(r"\A(//.*\n|\s)*export default", "", text)) for text in texts]
