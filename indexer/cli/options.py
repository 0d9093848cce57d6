"""Options that commands of indexing and of searching have."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ..errors import NotSupported
from ..messages import message
from ..opensearch.address import is_address, shown_place


class _IndexPlace(click.Path):
    """A directory, as a Path, or the address of an index in a cluster, as a str: a Path would make one slash of two."""

    def convert(self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if is_address(value) else super().convert(value, param, ctx)


def _directory() -> Path | str:
    """The index where the user stands: of `naidi.toml`, in this folder or above it, or the user's own."""
    from ..config.settings import Settings, index_here

    context = click.get_current_context(silent=True)
    settings = context.find_root().obj if context is not None else None
    return index_here(settings if isinstance(settings, Settings) else None)[0]


index_option = click.option(
    "--index",
    "directory",
    type=_IndexPlace(path_type=Path, readable=False),  # whoever opens it says why it cannot, and names nothing else
    default=_directory,
    envvar="NAIDI_INDEX",
    show_default="index_data here or above, else the user's own",
    show_envvar=True,
    help="Directory of the index, or its address in an OpenSearch cluster: https://host:9200/name.",
)


def directory_only(place: Path | str, what: str) -> Path:
    """The directory of an index. Raises NotSupported for the address of one in a cluster, which has no `what`."""
    if is_address(place):
        raise NotSupported(
            message(
                "{place}: an index in a cluster has no {what}; docs/cluster.md says what else it lacks",
                place=shown_place(place),
                what=what,
            )
        )
    return Path(place)


json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def overruled(given: Iterable[str], excluding: Collection[frozenset[str]]) -> set[str]:
    """Those parameters of the current command that exclude one which was set nearer to the call: on the command line, in the
    environment, in `naidi.toml`, in the user's own file.

    Parameters:
      given: the names of parameters that have a value.
      excluding: pairs of parameters that exclude each other.
    """
    left: dict[str, int] = {}  # name -> how near it was set
    names: set[str] = set()
    for name, near in sorted(((name, _nearness(name)) for name in given), key=lambda one: -one[1]):
        if any(near < other and frozenset((name, kept)) in excluding for kept, other in left.items()):
            names.add(name)
        else:
            left[name] = near
    return names


def _nearness(name: str) -> int:
    from ..config.settings import Settings

    context = click.get_current_context()
    source = context.get_parameter_source(name)
    settings = context.find_root().obj
    files = settings.files if isinstance(settings, Settings) else []
    if source is ParameterSource.DEFAULT_MAP and isinstance(settings, Settings):
        file = settings.sources.get((context.info_name or "", name))
        return files.index(file) if file in files else 0
    return len(files) + (source is ParameterSource.COMMANDLINE)
