"""May these files be published? Every wheel has the compiled core and nothing but naidi; the sdist has its source.

    python .ci/check_dist.py DIST

DIST is a folder of what was built. Exit status 1, with a line for each reason, if a file may not be published. A wheel without the
core would hide a failure of its build, and every user of that system would get the slow half.
"""

from __future__ import annotations

import re
import sys
import tarfile
import zipfile
from pathlib import Path

_CORE = re.compile(r"naidi/_core\.[\w.-]*\.?(?:so|pyd)")


def reasons(dist: Path) -> list[str]:
    """Why the files of a folder may not be published; empty if they may. Raises OSError if the folder cannot be read."""
    found = []
    wheels, sdists = sorted(dist.glob("*.whl")), sorted(dist.glob("*.tar.gz"))
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
        cores = [name for name in names if _CORE.fullmatch(name)]
        others = [name for name in names if not re.match(r"naidi(?:-[\w.]+\.dist-info)?/", name)]
        if len(cores) != 1:
            found.append(f"{wheel.name}: it has {len(cores)} compiled cores instead of one")
        if others:
            found.append(f"{wheel.name}: it holds more than naidi: {', '.join(others[:3])}")
        if "naidi/py.typed" not in names:
            found.append(f"{wheel.name}: py.typed is missing")
    for sdist in sdists:
        with tarfile.open(sdist) as archive:
            held = archive.getnames()
        found += [
            f"{sdist.name}: no {wanted}"
            for wanted in ("setup.py", "csrc/module.c", "csrc/core.h")
            if not _has(held, wanted)
        ]
    if not wheels or len(sdists) != 1:
        found.append(f"{dist}: {len(wheels)} wheels and {len(sdists)} sdists instead of wheels and one sdist")
    return found


def _has(names: list[str], wanted: str) -> bool:
    return any(name.split("/", 1)[-1] == wanted for name in names)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python .ci/check_dist.py DIST")
    found = reasons(Path(sys.argv[1]))
    print("\n".join(found) or "every file may be published")
    raise SystemExit(bool(found))
