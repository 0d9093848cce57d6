"""Recognises text in pictures, by the command `tesseract`. Only who asks for it gets it: it takes a second a page or more."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable

from ..messages import message
from .content import ReadOptions

COMMAND = "tesseract"
NEEDS_COMMAND = message("needs the command {command}", command=COMMAND)
"""Why a picture is left out if the command is missing."""

PICTURE = message("picture (--ocr reads text in it)")
"""Why a picture is left out if no text is to be recognised."""

_PAGE_SECONDS = 60.0
_LANGUAGE = re.compile(r"[A-Za-z][A-Za-z0-9_/-]{1,40}")


def languages(value: str) -> tuple[str, ...]:
    """The languages in "rus+eng". Raises ValueError with a message if one is none, or tesseract does not have it."""
    wanted = tuple(value.split("+"))
    for language in wanted:
        if not _LANGUAGE.fullmatch(language):
            raise ValueError(
                message("{language!r} is no language of tesseract; write rus or rus+eng", language=language)
            )
    if shutil.which(COMMAND) is None:
        raise ValueError(
            message(
                "{what}: apt install tesseract-ocr tesseract-ocr-rus, or brew install tesseract-lang",
                what=NEEDS_COMMAND,
            )
        )
    try:
        run = subprocess.run([COMMAND, "--list-langs"], capture_output=True, timeout=_PAGE_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise ValueError(
            message("the command {command} does not work: {error}", command=COMMAND, error=error)
        ) from error
    there = run.stdout.decode("utf-8", "replace").splitlines()[1:]
    for language in wanted:
        if language not in there:
            raise ValueError(
                message(
                    "{command} has no language {language!r}; it has {known}",
                    command=COMMAND,
                    language=language,
                    known=", ".join(sorted(there)),
                )
            )
    return wanted


def recogniser(options: ReadOptions, deadline: float) -> Callable[[bytes], str] | None:
    """A function that gives the text in a picture (PNG, JPEG, TIFF, WebP, PGM). None if no text is to be recognised.

    The function raises ValueError with a short reason: the command is missing, or cannot read the picture.
    """
    if not options.ocr:
        return None
    arguments = [COMMAND, "stdin", "stdout", "-l", "+".join(options.ocr)]

    def recognise(picture: bytes) -> str:
        # It starts threads, and several files are read at once.
        environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
        seconds = max(1.0, min(_PAGE_SECONDS, deadline - time.monotonic()))
        try:
            run = subprocess.run(
                arguments,
                input=picture,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=seconds,
                env=environment,
                preexec_fn=_limit_time,
            )
        except FileNotFoundError:
            raise ValueError(NEEDS_COMMAND) from None
        except subprocess.TimeoutExpired:
            raise ValueError(message("{command} took too long", command=COMMAND)) from None
        if run.returncode:
            raise ValueError(message("{command} cannot read it", command=COMMAND))
        return run.stdout.decode("utf-8", "replace").replace("\f", "\n")

    return recognise


def _limit_time() -> None:
    """It must end even if nobody is left to end it."""
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (int(_PAGE_SECONDS), int(_PAGE_SECONDS)))
