"""How are the documents that were found shown to an agent?

A hit has a line with its rank, its id and why it was found, and behind it what the document says: its title, where the id does not
say it, and passages with their lines. It has forms of several lengths, so that a page fits into a budget.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from ..bridges.function_words import is_function_word
from ..document_lines import DocumentLines
from ..open_index import Searcher
from ..results import Hit, Results
from .answers import Part, cost_of, fitting
from .quoting import Passage, Quote, one_line, shown_id, title_line

# Lines are counted in texts up to so many bytes; of larger ones the line of the first word found is told alone.
_MOST_COUNTED = 2_000_000
# Of a file with pages, most is no text.
_MOST_COUNTED_PAGED = 50_000_000
_MOST_FOUND = 5
_LEAST_SHARE = 0.1
_LONGEST_PATH = 200
_MOST_FORMS = 2
_LONGEST_WORD = 40
_SHORTER = (240, 160, 100, 60)
_NOT_A_WORD = ("nearness",)

PASSAGES, PASSAGE_CHARS = 5, 400
"""Most passages of a hit, and most characters of each."""

# What a hit is worth to an agent: that it is named, that it is said why it was found, and that its passages may answer. The last is
# a chance, 1 - exp(-characters / 250), where each further passage counts less: half, a third. All of it is divided by the rank. The
# numbers are those with which most questions of XQuAD have their answer in sight (benchmarks/answers_shown.py), in both languages.
_NAMED, _TOLD_WHY, _ANSWERED = 0.15, 0.05, 0.8
_ANSWERING_CHARS = 250


class FoundDocuments:
    """The hits of a page, for an agent.

    Parameters:
      searcher: that found them.
      results: with passages. With explanations it is said which words were found and how one came to them, otherwise the marked
        words alone.
      with_values: whether each hit is given as a value, too.
    """

    def __init__(self, searcher: Searcher, results: Results, *, with_values: bool) -> None:
        self._searcher = searcher
        self._results = results
        self._with_values = with_values
        self._root = _common_root(results.hits)

    def notes(self) -> list[str]:
        """Lines that hold for all hits: where the files are, what was searched for instead, and warnings."""
        notes = list(corrections_told(self._results))
        notes += [f"note: {one_line(warning)[:300]}" for warning in self._results.warnings[:3]]
        if self._root:
            notes.append(f"files: {one_line(self._root)} + id")
        return notes

    def fitting(self, budget: int) -> list[Part]:
        """The hits, in forms that together cost no more than the budget. The first get most of it."""
        return fitting(self._forms, budget)

    @cached_property
    def _forms(self) -> list[list[Part]]:
        return [list(self._forms_of(hit)) for hit in self._results.hits]

    def _forms_of(self, hit: Hit) -> Iterator[Part]:
        """The hit, from the longest form to the shortest."""
        passages = self._passages(hit)
        for number in range(len(passages), 0, -1):
            yield self._form(hit, passages[:number], PASSAGE_CHARS, found=True)
        longest = len(passages[0].snippet.text) if passages else 0
        for chars in _SHORTER:
            if chars < longest:
                yield self._form(hit, passages[:1], chars, found=True)
        yield self._form(hit, (), 0, found=True)
        yield self._form(hit, (), 0, found=False)

    def _passages(self, hit: Hit) -> list[Passage]:
        """The passages of a hit, from the one that is worth most."""
        text, lines = None, None
        paged = any(snippet.page is not None for snippet in hit.snippets)
        most = _MOST_COUNTED_PAGED if paged else _MOST_COUNTED
        if hit.snippets and (hit.size is None or hit.size <= most):
            document = self._searcher.get(hit.id)
            text, lines = document.text, DocumentLines(document)
        weights = word_weights(hit)
        passages = [Passage(snippet, text, lines, weights) for snippet in hit.snippets]
        passages.sort(key=lambda passage: passage.worth, reverse=True)
        weighty = [passage for passage in passages if passage.worth[0]]
        return weighty or passages

    def _form(self, hit: Hit, passages: Sequence[Passage], chars: int, *, found: bool) -> Part:
        in_order = sorted(passages, key=lambda passage: passage.snippet.start)
        shown = [quote for passage in in_order for quote in passage.shown(chars)]
        why = list(why_found(hit)) if found else []
        lines = [f"{hit.rank}. {shown_id(hit.id)}{self._facts(hit)}{f' | {_why_text(why)}' if why else ''}"]
        title = title_line(hit.title, hit.id)
        if title is not None and found:
            lines.append(title)
        lines += [quote.line for quote in shown]
        value = self._value(hit, why, shown) if self._with_values else None
        return Part(tuple(lines), value, _worth(passages, chars, found=found) / hit.rank)

    def _facts(self, hit: Hit) -> str:
        # The time of a file says little, and costs as much as a passage in a long list.
        day = date_text(hit) if hit.date_source != "mtime" else None
        facts = [day, hit.language if hit.language not in (None, "und") else None]
        file = self._file(hit)
        if file is not None:
            facts.append(f"file {file}")
        elif hit.path is None and self._root:
            facts.append("no file")
        given = [fact for fact in facts if fact]
        return f" | {' '.join(given)}" if given else ""

    def _file(self, hit: Hit) -> str | None:
        """The path of the file where it has to be told: the id does not say it, and it is short enough to be worth it."""
        if hit.path is None or hit.path in (hit.id, self._root + hit.id) or len(hit.path) > _LONGEST_PATH:
            return None
        return one_line(hit.path)

    def _value(self, hit: Hit, why: list[tuple[list[str], str]], shown: list[Quote]) -> Any:
        value: dict[str, Any] = {"rank": hit.rank, "id": shown_id(hit.id), "title": one_line(hit.title)[:200]}
        file = self._file(hit)
        if file is not None:
            value["path"] = file
        if hit.date is not None:
            value["date"], value["date_source"] = hit.date.isoformat(), hit.date_source
        if hit.language is not None:
            value["lang"] = hit.language
        if why:
            value["found"] = [{"words": words, **({"as": bridge} if bridge else {})} for words, bridge in why]
        value["passages"] = [
            {
                "from": quote.first,
                "to": quote.last,
                **({} if quote.page is None else {"page": quote.page}),
                "text": quote.text,
            }
            for quote in shown
        ]
        return value


def _worth(passages: Sequence[Passage], chars: int, *, found: bool) -> float:
    """What a form is worth, as a share of the whole document. passages: from the one that is worth most."""
    lengths = (min(chars, len(passage.snippet.text)) / place for place, passage in enumerate(passages, 1))
    answered = 1 - math.exp(-sum(lengths) / _ANSWERING_CHARS)
    return _NAMED + found * _TOLD_WHY + _ANSWERED * answered


def word_weights(hit: Hit) -> dict[str, tuple[str, float]]:
    """For each form in the document that answers a word of the query, case-folded: (that word, its weight).

    Empty without explanation.
    """
    weights: dict[str, tuple[str, float]] = {}
    for match in hit.explanation.matches if hit.explanation is not None else ():
        if match.tier in _NOT_A_WORD or is_function_word(match.word):
            continue
        for form in match.forms:
            known = weights.get(form.form.casefold())
            if known is None or known[1] < match.idf * match.boost:
                weights[form.form.casefold()] = match.word, match.idf * match.boost
    return weights


def date_text(document: Any) -> str | None:
    """The date of a document or hit. One that is only the time of the file says so."""
    if document.date is None:
        return None
    day = document.date.isoformat()
    return f"file of {day}" if document.date_source == "mtime" else day


def why_found(hit: Hit) -> Iterator[tuple[list[str], str]]:
    """(words of the document that answer the query, how one came to them) for each word of the query, the weightiest first."""
    if hit.explanation is None:
        marked = [snippet.text[start:end] for snippet in hit.snippets for start, end in snippet.marks]
        marked += [hit.title[start:end] for start, end in hit.title_marks]
        for word in list(dict.fromkeys(map(str.casefold, marked)))[:_MOST_FOUND]:
            if not is_function_word(word):
                yield [one_line(word)[:_LONGEST_WORD]], ""
        return
    words: dict[tuple[str, str], tuple[float, dict[str, None]]] = {}
    for match in hit.explanation.matches:
        if match.tier in _NOT_A_WORD or not match.forms or is_function_word(match.word):
            continue
        known, forms = words.get((match.word, match.bridge), (0.0, {}))
        if match.tier == "phrase":
            forms[match.word] = None
        else:
            forms.update(dict.fromkeys(form.form for form in match.forms))
        words[match.word, match.bridge] = known + match.score, forms
    in_order = sorted(words.items(), key=lambda item: -item[1][0])[:_MOST_FOUND]
    for (_, bridge), (score, forms) in in_order:
        if score < _LEAST_SHARE * in_order[0][1][0]:
            break
        yield [one_line(form)[:_LONGEST_WORD] for form in list(forms)[:_MOST_FORMS]], one_line(bridge)[:80]


def _why_text(why: Sequence[tuple[list[str], str]]) -> str:
    return "found: " + "; ".join(
        f"{', '.join(words)} ({bridge})" if bridge else ", ".join(words) for words, bridge in why
    )


def corrections_told(results: Results) -> Iterator[str]:
    """A line for each action that the search took upon words of the query."""
    told: dict[str, list[str]] = {}
    for correction in results.corrections:
        if correction.told:
            shown = (
                f"{one_line(correction.original)[:80]} → {one_line(correction.replacement)[:80]} ({correction.kind})"
            )
            told.setdefault(correction.action, []).append(shown)
    names = {"instead": "searched instead", "as well": "searched as well", "offered": "perhaps meant"}
    for action, shown_ones in told.items():
        yield f"{names[action]}: {'; '.join(shown_ones[:4])}"


def _common_root(hits: Sequence[Hit]) -> str:
    """What stands before the id in the paths of most hits; "" if it would say little."""
    roots = Counter(
        hit.path[: -len(hit.id)] for hit in hits if hit.path is not None and hit.path.endswith(f"/{hit.id}")
    )
    root, count = roots.most_common(1)[0] if roots else ("", 0)
    return root if len(root) <= _LONGEST_PATH and (count > 1 or count == len(hits)) else ""


def left_out(count: int, offset: int) -> str:
    """What to say of hits for which the budget has no room."""
    return f"{count} more hits do not fit the budget: raise budget, or go on with offset={offset}"


def notes_within(notes: Sequence[str], budget: int) -> list[str]:
    """The first notes that cost no more than the budget."""
    shown: list[str] = []
    for note in notes:
        if cost_of((*shown, note)) > budget:
            break
        shown.append(note)
    return shown
