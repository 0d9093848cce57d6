"""Options that commands of indexing and of searching have."""

from __future__ import annotations

from pathlib import Path

import click


def _directory() -> Path:
    """The index where the user stands: of `naidi.toml`, in this folder or above it, or the user's own."""
    from ..config.settings import Settings, index_here

    context = click.get_current_context(silent=True)
    settings = context.find_root().obj if context is not None else None
    return index_here(settings if isinstance(settings, Settings) else None)[0]


index_option = click.option(
    "--index",
    "directory",
    type=click.Path(path_type=Path),
    default=_directory,
    envvar="NAIDI_INDEX",
    show_default="index_data here or above, else the user's own",
    show_envvar=True,
    help="Directory of the index.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
