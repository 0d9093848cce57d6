"""The command `naidi dictionary`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from naidi.indexer.cli.options import directory_only, index_option, json_option
from naidi.indexer.messages import Message, message, plural, told
from naidi.indexer.printable import dumps, printable

from .arguments import HELP
from .ending import FOUND


@click.command("dictionary", short_help="Translate by a dictionary of yours.", context_settings=HELP)
@click.argument("action", type=click.Choice(["add", "list", "remove"]))
@click.argument("name", metavar="[FILE|NAME]", required=False)
@index_option
@json_option
def dictionary_command(action: str, name: str | None, directory: Path | str, as_json: bool) -> int:
    """Let searches translate by dictionaries of yours, beside naidi's own list of English and Russian words.

    \b
    Examples:
      naidi dictionary add /usr/share/dictd/mueller7.index
      naidi dictionary list
      naidi dictionary remove mueller7

    FILE is the .index, .dict or .dict.dz of a dictionary for dictd, from English into Russian or the other way round. It is read
    once: what is needed of it is kept with the index, and stays when documents change. The same name again takes its place.
    """
    from naidi.indexer.state.generations import open_generation

    if (action == "list") != (name is None):
        raise click.UsageError(_wrong_name(action))
    directory = directory_only(directory, message("dictionaries of yours"))
    open_generation(directory)  # which says what is wrong where no index is
    if action == "remove":
        from naidi.indexer.state.dictionaries import remove_dictionary

        assert name is not None
        remove_dictionary(directory, name)
        named = [name]
    elif action == "add":
        assert name is not None
        named = [_add(directory, name)]
    else:
        named = []
    _show(directory, action, named, as_json)
    return FOUND


def _wrong_name(action: str) -> Message:
    if action == "list":
        return message("list takes no name")
    return message("add takes a FILE") if action == "add" else message("remove takes a NAME")


def _add(directory: Path, file: str) -> str:
    """Take a dictionary in. Returns its name."""
    from naidi.indexer.analysis.lemmatize.keys import keys
    from naidi.indexer.errors import InvalidDictionary
    from naidi.indexer.state.dictionaries import store_dictionary

    from ..bridges.bilingual_list import compiled
    from ..bridges.dictd import entries_of, files_of

    lines = list(compiled(entries_of(file), keys))
    index, _ = files_of(file)
    if not lines:
        raise InvalidDictionary(
            message("{index}: no English word in it has a Russian counterpart, nor the other way round", index=index)
        )
    return store_dictionary(directory, os.path.basename(index).removesuffix(".index"), lines).name


def _show(directory: Path, action: str, named: list[str], as_json: bool) -> None:
    from naidi.indexer.state.dictionaries import dictionary_names, stored_dictionary

    found = [stored_dictionary(directory, name) for name in dictionary_names(directory)]
    if as_json:
        shown = [{"name": one.name, "words": one.words} for one in found]
        click.echo(dumps({"v": 1, "index": str(directory), "dictionaries": shown}))
        return
    if action == "remove":
        click.echo(printable(told(message("{name}: removed", name=named[0]))), err=True)
    elif not found:
        click.echo(told(message("no dictionary; `naidi dictionary add FILE` adds one")), err=True)
    for one in found:
        if action == "list" or one.name in named:
            words = plural("{count:,} word with translations", "{count:,} words with translations", one.words)
            click.echo(f"{printable(one.name)}  {told(words)}")
