"""Opens the file of a hit where its first word found stands: in an editor, a viewer of PDF files, or what the desktop knows.

Programs are started with a list of arguments, never by a shell, and paths are absolute. So no name of a file is an option or a
command.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping

from naidi.indexer.messages import message, sentence

from ..results import Hit

# Files that an editor of text cannot show.
_OFFICE = """
    7z azw3 bmp djvu doc docx epub gif jpeg jpg key mobi numbers odp ods odt pages png ppt pptx ps tif tiff webp xls xlsx zip
"""
_FOR_THE_DESKTOP = frozenset(_OFFICE.split())
# Viewers of PDF files -> the arguments that show a page.
_PDF_VIEWERS: dict[str, Callable[[int], list[str]]] = {
    "zathura": lambda page: ["-P", str(page)],
    "evince": lambda page: ["-i", str(page)],
    "okular": lambda page: ["-p", str(page)],
    "xpdf": lambda page: [],
}
_EDITORS = ("nano", "vim", "vi")
# Editors that take `+LINE` before the file are the rule.
_LINE_BEHIND = frozenset(("hx", "helix", "subl", "zed", "micro"))
_GOTO = frozenset(("code", "code-insiders", "codium", "cursor"))


class Opening(Exception):
    """Why a hit cannot be opened, in one line."""


def command_for(
    hit: Hit, environment: Mapping[str, str], *, which: Callable[[str], str | None] = shutil.which
) -> tuple[list[str], bool]:
    """(the program and its arguments that open a hit, whether it runs in the terminal).

    Parameters:
      hit: its first snippet names the line or the page.
      environment: $VISUAL and $EDITOR name the editor, with arguments if need be.
      which: says where a program is; None if there is none.

    Raises Opening if the hit has no file, or there is no program.
    """
    if hit.path is None:
        raise Opening(message("{id} has no file that could be opened", id=hit.id))
    path = os.path.abspath(hit.path)
    if not os.path.exists(path):
        raise Opening(message("{path} is not there any more", path=path))
    line = next((snippet.line for snippet in hit.snippets if snippet.line is not None), None)
    number = next((snippet.page for snippet in hit.snippets if snippet.page is not None), None)
    ending = os.path.splitext(path)[1][1:].lower()
    if ending == "pdf":
        for viewer, at_page in _PDF_VIEWERS.items():
            if which(viewer) is not None:
                return [viewer, *(at_page(number) if number is not None else []), path], False
    if ending == "pdf" or ending in _FOR_THE_DESKTOP:
        return [_desktop(which, path), path], False
    return _editor(environment, which, path, line), True


def _desktop(which: Callable[[str], str | None], path: str) -> str:
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    if which(opener) is None:
        raise Opening(message("no program to open {path}: there is no {opener}", path=path, opener=opener))
    return opener


def _editor(
    environment: Mapping[str, str], which: Callable[[str], str | None], path: str, line: int | None
) -> list[str]:
    chosen = environment.get("VISUAL") or environment.get("EDITOR")
    try:
        command = shlex.split(chosen) if chosen else [name for name in _EDITORS if which(name) is not None][:1]
    except ValueError as error:
        raise Opening(message("$VISUAL or $EDITOR cannot be read: {error}", error=sentence(error))) from error
    if not command:
        raise Opening(message("no editor: set $VISUAL or $EDITOR"))
    name = os.path.basename(command[0])
    if line is None:
        return [*command, path]
    if name in _GOTO:
        return [*command, "-g", f"{path}:{line}"]
    return [*command, f"{path}:{line}"] if name in _LINE_BEHIND else [*command, f"+{line}", path]


def open_hit(hit: Hit) -> int:
    """Open a hit, and wait if that is done in the terminal. Returns the status of the editor. Raises Opening."""
    command, in_terminal = command_for(hit, os.environ)
    try:
        if in_terminal:
            return subprocess.run(command, check=False).returncode
        nothing = subprocess.DEVNULL
        subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
    except OSError as error:
        raise Opening(
            message("{command}: {reason}", command=command[0], reason=error.strerror or str(error))
        ) from error
    return 0
