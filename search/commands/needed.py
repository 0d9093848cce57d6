"""How is it told that a face of naidi needs packages that are not installed?"""

from __future__ import annotations

import sys

from naidi.indexer.errors import NotSupported
from naidi.indexer.messages import message


def not_installed(command: str, package: str, packages: str, extra: str) -> NotSupported:
    """The error of a command whose packages are not there.

    Parameters:
      command: as it is called.
      package: the first one that was looked for in vain.
      packages: all that it needs, as `pip install` takes them.
      extra: of naidi, which brings them.
    """
    return NotSupported(
        message(
            "{command} needs {package}: {python} -m pip install {packages}, or pip install '.[{extra}]' in a clone of naidi",
            command=command,
            package=package,
            python=sys.executable,
            packages=packages,
            extra=extra,
        )
    )
