"""Every sentence that the page says of itself. Templates have none, since catalogues are made of Python sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from naidi.indexer.messages import Catalogue, Message, message, plural, told

TEXTS: Mapping[str, Message] = {
    "all_words": message("All of the words"),
    "apply": message("Apply"),
    "back_to_results": message("Back to the results"),
    "clear_all": message("Clear all"),
    "dates_and_order": message("Order, dates and words"),
    "completions": message("Completions: {count}"),
    "completions_list": message("Completions"),
    "date": message("Date"),
    "did_you_mean": message("Did you mean"),
    "document": message("Document"),
    "enter_token": message("This page asks for a token. It is in the address that naidi serve has printed."),
    "error_heading": message("That did not work"),
    "exact_only": message("Exactly as typed: no corrections, synonyms and translations"),
    "facet_folder": message("Folder"),
    "facet_language": message("Language"),
    "facet_type": message("Type"),
    "facet_year": message("Year"),
    "file": message("File"),
    "file_time": message("the time of the file"),
    "filters": message("Filters"),
    "filters_active": message("Filters in use"),
    "found_words": message("Words found"),
    "from_date": message("From"),
    "help": message("How to search"),
    "help_any": message("Documents with any of the words; those with more of them come first"),
    "help_date": message("Documents of a year, a month or a day"),
    "help_exact": message("This form of the word alone"),
    "help_field": message("The word in the title"),
    "help_intro": message(
        "Type a few words, in English, in Russian or in both. A word finds every form of itself, its synonyms and its translations."
    ),
    "help_keys": message("Keys"),
    "help_keys_on": message("Use these keys"),
    "help_language": message("Documents in a language"),
    "help_must": message("The first word must be there"),
    "help_not": message("Documents without the second word"),
    "help_phrase": message("The words side by side, in any form"),
    "help_prefix": message("Every word that begins so"),
    "help_typed": message("You type"),
    "help_finds": message("It finds"),
    "home": message("Start page"),
    "key_close": message("Close the completions"),
    "key_hits": message("Next and previous result"),
    "key_marks": message("Next and previous word found in a document"),
    "key_open": message("Open the result"),
    "key_search": message("Go to the search box"),
    "key_back": message("Back to the results, from a document"),
    "language_name_en": message("English"),
    "language_name_ru": message("Russian"),
    "language_name_und": message("Unknown language"),
    "more": message("More"),
    "next_mark": message("Next word found"),
    "next_page": message("Next"),
    "next_part": message("Next part"),
    "no_text": message("This index stores no texts, so there is nothing to show here."),
    "empty_text": message("The document has no text."),
    "not_found_page": message("There is no page of this address."),
    "nothing_found": message("Nothing found"),
    "order": message("Order"),
    "pages": message("Pages"),
    "parts": message("Parts of the document"),
    "previous_mark": message("Previous word found"),
    "previous_page": message("Previous"),
    "previous_part": message("Previous part"),
    "remove": message("Remove"),
    "search": message("Search"),
    "search_label": message("Words to search for"),
    "similar": message("Similar documents"),
    "pages_name": message("Number of pages"),
    "size_name": message("Size"),
    "skip": message("Skip to the results"),
    "skip_document": message("Skip to the text"),
    "sort_best": message("Best first"),
    "sort_newest": message("Newest first"),
    "sort_oldest": message("Oldest first"),
    "sort_title": message("By title"),
    "this_document": message("About this document"),
    "token": message("Token"),
    "token_wrong": message("This is not the token."),
    "enter": message("Enter"),
    "until_date": message("Until"),
    "untitled": message("Without a title"),
    "another_word": message("Another word or another spelling may find something."),
    "no_ending": message("no ending"),
    "fewer_conditions": message("Fewer words or fewer filters find more."),
    "without_filters": message("Search without the filters"),
    "method": message("Only GET and HEAD are answered."),
    "overloaded": message("Too many searches are waiting. Please try again in a moment."),
    "too_long": message("The address is too long."),
    "headers_too_long": message("The headers of the request are too long."),
    "wrong_host": message("This server does not answer under this name; naidi serve --name NAME lets it."),
    "other_site": message("Other sites may link to this page, and no more."),
    "unexpected": message("Something went wrong on the server. Its log says more."),
}
"""By the names that the templates use."""


class Texts:
    """The sentences in one language, as templates ask for them: `t.search`, `t.documents(3)`.

    Parameters:
      catalogue: of the language.
      language: its code.
    """

    def __init__(self, catalogue: Catalogue, language: str) -> None:
        self.language = language
        self._catalogue = catalogue
        self._told: dict[str, str] = {name: told(text, catalogue) for name, text in TEXTS.items()}

    def __getitem__(self, name: str) -> str:
        return self._told[name]

    def of(self, value: Any) -> str:
        """A message, an error or a text, in this language."""
        return str(told(value, self._catalogue))

    def number(self, number: int) -> str:
        """A number with its thousands apart."""
        return f"{number:,}" if self.language == "en" else f"{number:,}".replace(",", "\u00a0")

    def documents(self, count: int) -> str:
        """«38,145 documents»."""
        return self.of(plural("{shown} document", "{shown} documents", count, shown=self.number(count)))

    def found(self, count: int, exact: bool) -> str:
        """How many documents were found."""
        shown = self.number(count)
        if not exact:
            return self.of(plural("At least {shown} document", "At least {shown} documents", count, shown=shown))
        return self.documents(count)

    def words_found(self, count: int) -> str:
        """How many words are marked in a text."""
        return self.of(plural("{shown} word found", "{shown} words found", count, shown=self.number(count)))

    def took(self, milliseconds: float) -> str:
        """How long a search took."""
        return self.of(message("{count} ms", count=max(round(milliseconds), 1)))

    def line(self, number: int) -> str:
        """A place in a text."""
        return self.of(message("line {number}", number=number))

    def page(self, number: int) -> str:
        """A place in a document with pages."""
        return self.of(message("page {number}", number=number))

    def part(self, number: int, count: int) -> str:
        """Which part of a long text is shown."""
        return self.of(message("Part {number} of {count}", number=self.number(number), count=self.number(count)))

    def shown_from(self, first: int, last: int) -> str:
        """Which results are on the page."""
        return self.of(message("Results {first} to {last}", first=self.number(first), last=self.number(last)))

    def results_for(self, query: str) -> str:
        """The title of a page of results."""
        return self.of(message("{query} - search", query=query))

    def instead(self, replacement: str, original: str) -> tuple[str, str, str, str, str]:
        """What was searched for instead of a typed word, in the pieces of `_around`."""
        return self._around(
            message("Searched for {replacement} instead of {original}.", replacement=_ONE, original=_OTHER),
            replacement,
            original,
        )

    def left_out(self, parts: Sequence[str]) -> str:
        """What of an address has no meaning for the page; "" for nothing."""
        if not parts:
            return ""
        shown = ", ".join(parts[:_MOST_LEFT_OUT])
        return self.of(
            plural(
                "Part of the address has no meaning here and was left out: {parts}",
                "Parts of the address have no meaning here and were left out: {parts}",
                len(parts),
                parts=shown,
            )
        )

    def wrong_filter(self, reason: Any) -> tuple[str, str]:
        """What is told before and behind a filter that is wrong."""
        before, _, behind = self.of(
            message(
                "The filter {filter} is wrong: {reason}", filter=_ONE, reason=self.of(reason).removeprefix("where: ")
            )
        ).partition(_ONE)
        return before, behind

    def also(self, words: Sequence[str], more: int) -> str:
        """What was searched for beside the typed words."""
        shown = ", ".join(words)
        if more:
            return self.of(
                plural("Also: {words} and {count} more", "Also: {words} and {count} more", more, words=shown)
            )
        return self.of(message("Also: {words}", words=shown))

    def exactly(self, query: str) -> str:
        """A link to the search without corrections."""
        return self.of(message("Search for exactly {query}", query=query))

    def remove_filter(self, name: str) -> str:
        """What a link does that takes a filter away."""
        return self.of(message("Remove the filter {name}", name=name))

    def size(self, number: int) -> str:
        """A number of bytes."""
        size, unit = float(number), plural("{shown} byte", "{shown} bytes", number, shown=self.number(number))
        for template in (_KB, _MB, _GB):
            if size < 1000:
                break
            size /= 1000
            unit = template(self._decimal(size))
        return self.of(unit)

    def _decimal(self, number: float) -> str:
        text = f"{number:,.1f}".removesuffix(".0")
        return text if self.language == "en" else text.replace(",", "\u00a0").replace(".", ",")

    def date(self, day: Any) -> str:
        """A day in words."""
        return self.of(_MONTHS[day.month - 1](day.day, day.year))

    def language_name(self, code: str | None) -> str:
        """A language by its code; the code itself of those that have no name here."""
        name = f"language_name_{code}"
        return self._told[name] if name in self._told else code or self._told["language_name_und"]

    def _around(self, sentence: Message, one: str, other: str) -> tuple[str, str, str, str, str]:
        """A sentence in five pieces: before, between and behind two values, which stand second and fourth in their order."""
        text = self.of(sentence)
        values = {_ONE: one, _OTHER: other}
        first, second = sorted((_ONE, _OTHER), key=text.index)
        before, _, rest = text.partition(first)
        between, _, behind = rest.partition(second)
        return before, values[first], between, values[second], behind


_MOST_LEFT_OUT = 10
# Stand for values while a sentence is told, so that a template can put them into elements of their own.
_ONE, _OTHER = "\ue001", "\ue002"


def _KB(number: str) -> Message:
    return message("{number} KB", number=number)


def _MB(number: str) -> Message:
    return message("{number} MB", number=number)


def _GB(number: str) -> Message:
    return message("{number} GB", number=number)


_MONTHS = (
    lambda day, year: message("{day} January {year}", day=day, year=year),
    lambda day, year: message("{day} February {year}", day=day, year=year),
    lambda day, year: message("{day} March {year}", day=day, year=year),
    lambda day, year: message("{day} April {year}", day=day, year=year),
    lambda day, year: message("{day} May {year}", day=day, year=year),
    lambda day, year: message("{day} June {year}", day=day, year=year),
    lambda day, year: message("{day} July {year}", day=day, year=year),
    lambda day, year: message("{day} August {year}", day=day, year=year),
    lambda day, year: message("{day} September {year}", day=day, year=year),
    lambda day, year: message("{day} October {year}", day=day, year=year),
    lambda day, year: message("{day} November {year}", day=day, year=year),
    lambda day, year: message("{day} December {year}", day=day, year=year),
)
