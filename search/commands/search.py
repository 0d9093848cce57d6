"""The command `naidi search`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from naidi.indexer.cli.options import index_option

from .arguments import (
    HELP,
    WHAT_IS_FOUND,
    QueryCommand,
    language_option,
    limit_option,
    offset_option,
    option,
    period,
    sort_keys,
    timeout_option,
    where_option,
    words_of,
)
from .asking import ask
from .print_options import how_to_print, printing_of
from .printing_choices import ALL_FIELDS, FACETS


class _SearchCommand(QueryCommand):
    optional = {"--facets": ",".join(FACETS), "--fields": ALL_FIELDS}  # noqa: RUF012


@click.command("search", cls=_SearchCommand, short_help="Find documents.", context_settings=HELP)
@click.argument("query", nargs=-1, required=True)
@limit_option
@offset_option
@option(WHAT_IS_FOUND, "--all", "every_word", is_flag=True, help="Find only documents that have all words.")
@language_option
@where_option
@option(
    WHAT_IS_FOUND, "--since", metavar="DATE", help="Only documents of this day, week, month or year, or later ones."
)
@option(
    WHAT_IS_FOUND,
    "--until",
    metavar="DATE",
    help="The same, or earlier ones. DATE: 2021, 2021-05, 29.05.2021, 'May 2021', today, -7d, 'last month'.",
)
@option(
    WHAT_IS_FOUND,
    "--sort",
    metavar="KEYS",
    default="score",
    help="Best first (score), by date, title or a field, or several with commas; with - before it the other way round: -date.",
)
@option(WHAT_IS_FOUND, "--collapse", metavar="FIELD", help="Of documents with the same value of FIELD, only the best.")
@option(WHAT_IS_FOUND, "--recent", is_flag=True, help="Newer documents rank higher.")
@option(WHAT_IS_FOUND, "--expand", is_flag=True, help="Also search for the key terms of the best hits.")
@option(WHAT_IS_FOUND, "--expand-auto", is_flag=True, help="The same, where these hits promise something.")
@option(
    WHAT_IS_FOUND,
    "--exact",
    is_flag=True,
    help="Only the words as typed: no other spelling, alphabet, keyboard layout or synonym.",
)
@option(
    WHAT_IS_FOUND,
    "--translate/--no-translate",
    default=True,
    show_default="translate",
    help="Also search for what words mean in the other language of the index.",
)
@timeout_option
@how_to_print
@index_option
def search_command(
    query: tuple[str, ...],
    directory: Path | str,
    limit: int,
    offset: int,
    every_word: bool,
    language: str | None,
    where: str | None,
    since: str | None,
    until: str | None,
    sort: str,
    collapse: str | None,
    recent: bool,
    expand: bool,
    expand_auto: bool,
    exact: bool,
    translate: bool,
    timeout: float | None,
    **printing_options: Any,
) -> int:
    """Find the documents that answer QUERY, best first. Every form of a word is found, in English and in Russian.

    \b
    Examples:
      naidi search вакцина                     any form: вакцины, вакцинами, ...
      naidi search первичная помощь            documents with any of the words
      naidi search --all первичная помощь      with all of them
      naidi search '"primary health care"'     a phrase
      naidi search '"первичная помощь"~2'      with up to two words between
      naidi search vaccine -covid              one word without the other
      naidi search '=Казахстана'               this very form
      naidi search --exact vaccinaton          no help with spelling
      naidi search 'вакцин*' date:2021-05      a prefix, in one month
      naidi search --since -7d vaccine         in the last seven days
      naidi search --where 'price:<50' drill   filtered by a field of an application
      naidi search --open 2 vaccine            the second hit, in your editor
      naidi search -0 vaccine | xargs -0 less  paths for other programs
      naidi search --format grep vaccine       path:line:text
      naidi search -                           queries from stdin, answers as JSON

    Ends with status 0 if something was found, be it shown or not, 1 if nothing was, 2 on an error.
    """
    text = words_of(query)
    printing = printing_of(printing_options, text)
    first_day, last_day = period(since, "--since"), period(until, "--until")
    options: dict[str, Any] = {
        "mode": "all" if every_word else "any",
        "language": language,
        "since": first_day[0],
        "until": last_day[1],
        "where": where,
        "sort": sort_keys(sort),
        "collapse": collapse,
        "recent": recent,
        "expand": expand or ("auto" if expand_auto else False),
        "exact": exact,
        "translate": translate,
        "timeout": timeout,
        **printing.asks_for(limit, offset),
    }
    return ask(directory, text, options, printing)
