"""Says what happens, for whoever runs a program that naidi is part of: messages under the logger "naidi".

    naidi.search    INFO: an index is opened, a newer state is taken, a search is slow. WARNING: a newer state cannot be taken
    naidi.writer    INFO: a commit. DEBUG: a merge
    naidi           INFO, WARNING: what goes wrong beside a commit that is made

`logging` takes as long to load as a query to answer. A program that has not loaded it has set no level and no handler, so it is
told warnings alone.
"""

from __future__ import annotations

import sys

from .typed import TYPE_CHECKING

if TYPE_CHECKING:
    import logging

DEBUG, INFO = 10, 20


def listener(name: str, level: int) -> logging.Logger | None:
    """The logger of this name, if anyone listens to messages of a level; None if a message would be lost."""
    loaded = sys.modules.get("logging")
    if loaded is None:
        return None
    logger: logging.Logger = loaded.getLogger(name)
    return logger if logger.isEnabledFor(level) else None


def warn(name: str, message: str, *values: object) -> None:
    """Log a warning. values: what stands for the % of the message: texts and numbers, nothing that holds files."""
    import logging

    logging.getLogger(name).warning(message, *values)
