"""What is loaded or compiled when it is first used, since most searches from the terminal end before.

numpy takes half the time of such a search, and the core does without. The patterns of the query language took a tenth.
"""

from __future__ import annotations

TYPE_CHECKING = False  # the module typing takes as long as ten of ours
if TYPE_CHECKING:
    import re
    from typing import Any, AnyStr

    import numpy as np

__all__ = ["np", "pattern"]


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """A regular expression that is compiled when one of its methods is first asked for."""
    late: Any = _Pattern(text, flags)
    return late  # type: ignore[no-any-return]


class _Pattern:
    """Its attributes are those of the compiled pattern, each taken over at its first use."""

    def __init__(self, text: Any, flags: int) -> None:
        self._made = text, flags

    def __getattr__(self, name: str) -> Any:
        import re

        text, flags = self._made
        value = getattr(re.compile(text, flags), name)
        setattr(self, name, value)
        return value


class _Numpy:
    """The module numpy, with the attributes that were used."""

    def __getattr__(self, name: str) -> Any:
        import numpy

        value = getattr(numpy, name)
        setattr(self, name, value)
        return value


if not TYPE_CHECKING:
    np = _Numpy()
