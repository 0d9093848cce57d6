"""What is left out of a folder by default, and by the patterns of the user."""

from __future__ import annotations

from collections.abc import Sequence

from ..messages import message
from .ignore import IgnoreRules
from .ignore_patterns import IgnorePatterns

# Folders that programs fill and that nobody has written. Then the temporary files of editors and offices.
_PATTERNS = """
.git/ .hg/ .svn/ .bzr/ CVS/
node_modules/ bower_components/ __pycache__/ __pypackages__/ site-packages/ .venv/ .tox/ .nox/ .eggs/ *.egg-info/
.mypy_cache/ .pytest_cache/ .ruff_cache/ .cache/ .gradle/ .terraform/ .next/ .nuxt/ .Trash/ .Trash-*/ $RECYCLE.BIN/
System?Volume?Information/
*~ .#* [#]*[#] *.swp *.swo ~$* .~lock.* *.tmp *.part *.crdownload Thumbs.db desktop.ini .DS_Store
"""

BY_DEFAULT = IgnoreRules("", message("left out by default"), IgnorePatterns(_PATTERNS.split()))
"""The patterns that hold unless an ignore file or the user says otherwise: "!node_modules"."""


class Choice:
    """The patterns of the user."""

    def __init__(self, include: Sequence[str], exclude: Sequence[str]) -> None:
        """include, exclude: patterns as in .gitignore, below the root of the folder."""
        self._include = IgnorePatterns(include) if include else None
        self._exclude = IgnorePatterns(exclude)

    def excluded(self, relative: str) -> bool | None:
        """Whether the user excludes the path; None if no pattern fits it. The path of a folder ends with "/"."""
        return self._exclude.verdict(relative)

    def is_included(self, relative: str) -> bool:
        """Whether a file is to be indexed: it fits a pattern itself, or a folder above it does."""
        if self._include is None:
            return True
        verdict = self._include.verdict(relative)
        place = relative.rfind("/")
        while verdict is None and place > 0:
            verdict = self._include.verdict(relative[: place + 1])
            place = relative.rfind("/", 0, place)
        return bool(verdict)
