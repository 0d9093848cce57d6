"""The fingerprint of the analysis. It tells whether an index was made with the same rules as this installation has.

Two installations give the same keys if they have the same rules, the same word tables and the same dictionaries. An index
stores the fingerprint of its maker. Comparing fingerprints loads no dictionary.
"""

from __future__ import annotations

import os
import sys

from ...digest import blake2b
from ...late import cache

# Raise this with every change to the code of `naidi.indexer.analysis` that changes the tokens of a text or the keys of a
# form. The word tables (*.txt) are part of the fingerprint as they are, comments included.
RULES = 4
DICTIONARIES = ("pymorphy3-dicts-ru", "lemminflect", "simplemma", "PyStemmer")


@cache
def fingerprint() -> str:
    """One line that changes if keys may change: number of the rules, digest of the word tables, dictionary versions.

    >>> fingerprint().split()[0]
    'rules=4'
    """
    digest = blake2b(digest_size=8)
    folder = os.path.dirname(__file__)
    for name in sorted(os.listdir(folder)):
        if name.endswith(".txt"):
            with open(os.path.join(folder, name), "rb") as file:
                digest.update(name.encode() + b"\0" + file.read() + b"\0")
    parts = [f"rules={RULES}", f"tables={digest.hexdigest()}"]
    return " ".join(parts + [f"{package}={_version(package)}" for package in DICTIONARIES])


def _version(package: str) -> str:
    """The version of an installed package, from the name of its metadata folder, such as `lemminflect-0.2.3.dist-info`.

    importlib.metadata says the same, but importing it takes longer than a search.
    """
    beginning = package.replace("-", "_").lower() + "-"
    for folder in sys.path:
        for name in _metadata_folders(folder):
            if name.lower().startswith(beginning):
                return name[len(beginning) :].removesuffix(".dist-info")
    from importlib.metadata import PackageNotFoundError, version  # installed in an unusual way

    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


@cache
def _metadata_folders(folder: str) -> tuple[str, ...]:
    try:
        return tuple(sorted(name for name in os.listdir(folder or ".") if name.endswith(".dist-info")))
    except OSError:  # a zip file, a folder that is gone
        return ()
