"""The same documents in a folder and in a cluster, and results without what may differ between the two."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from naidi import Document, Results, Searcher, Writer, fields, open_index

SCHEMA = {
    "price": fields.Number(),
    "tags": fields.Keyword(multiple=True),
    "brand": fields.Keyword(),
    "made": fields.Date(),
    "sold": fields.Boolean(),
    "notes": fields.Text(),
}
_TYPED = (
    "вакцина вакцины вакцинация вакцинами казахстан казахстана казахстанский лекарство лекарства государства государственный "
    "больница больницы врач врачи министр министерство здоровье здравоохранение первичная помощь медицинская детей прививка "
    "vaccine vaccines vaccinated vaccination health care primary hospital hospitals doctor doctors ministry minister treasury "
    "bonds interest engine engines water pressure real-gas government governments Almaty Astana medicine study studies children"
)
_WORDS = _TYPED.split()
# Rare words that misspelt queries mean, names that are written in both alphabets, and an acronym with its meaning.
_TEXTS = (
    "Всемирная организация здравоохранения (ВОЗ) дала рекомендации. ВОЗ считает прививки важными.",
    "The World Health Organization (WHO) gave advice. WHO says that vaccines save lives.",
    "Токаев подписал указ о здоровье народа. Назарбаев был первым президентом.",
    "Tokayev signed the decree; Nazarbayev was the first president of Kazakhstan.",
    "Аэродинамика и термодинамика газов при высоком давлении: перспективы исследований.",
    "Aerodynamics and thermodynamics of real-gas flows at high pressure; perspectives of research.",
    "Электрификация железных дорог и автомобилестроение. Ёлка и ёж в лесу.",
    "Manufacturing of locomotives, electrification of railways, and their maintenance.",
    "Кофе, чай и какао: цены выросли. Coffee, tea and cocoa prices rose again.",
    "Чёрная пятница: скидки на телефоны и компьютеры. Black Friday discounts on phones and computers.",
)


def documents() -> list[Document]:
    """Some 200 documents: short and long, English, Russian and mixed, with dates, paths, own fields, keywords and duplicates."""
    made = []
    seed = 7
    for number in range(180):
        words = []
        for _ in range(6 + number % 50):
            seed = (seed * 1103515245 + 12345) % 2**31
            # Some words are much more frequent than others.
            words.append(_WORDS[(seed >> 8) % (1 + (seed >> 20) % len(_WORDS))])
        title = " ".join(words[:3]).capitalize() if number % 3 else ""
        text = ". ".join(" ".join(words[start : start + 9]).capitalize() for start in range(0, len(words), 9))
        made.append(_document(number, title, text))
    for number, text in enumerate(_TEXTS, len(made)):
        made.append(_document(number, text.split(".")[0][:30], text))
    made.append(Document(id="copy", text=made[5].text, title=made[5].title))
    made.append(Document(id="empty", text=""))
    # A cluster takes no id that is so long, and has a digest in its place.
    made.append(Document(id=f"long/{'ы' * 400}", title=made[9].title, text=made[9].text))
    return made


def _document(number: int, title: str, text: str) -> Document:
    own: dict[str, Any] = {"price": number * 10.5, "sold": number % 2 == 0} if number % 5 else {}
    if number % 4 == 0:
        own["tags"] = [("new", "old", "red")[number % 3], "all"]
    if number % 6 == 0:
        own |= {"brand": ("Bosch", "Makita")[number % 4 // 2], "made": datetime.date(2020, 1 + number % 12, 3)}
    if number % 7 == 0:
        own["notes"] = "remarks on engines"
    return Document(
        id=f"doc-{number:03}",
        text=text,
        title=title,
        date=datetime.date(2015 + number % 9, 1 + number % 12, 1 + number % 28) if number % 4 else None,
        path=f"/papers/{('a', 'b/c')[number % 2]}/{number}.{('md', 'txt', 'pdf')[number % 3]}" if number % 3 else None,
        keywords="secret treasure" if number % 11 == 0 else "",
        meta={"n": number},
        size=100 + number if number % 3 else None,
        fields=own,
    )


@dataclass(frozen=True)
class Home:
    """A place for an index: a folder or the address of a cluster."""

    place: str

    @property
    def is_cluster(self) -> bool:
        return self.place.startswith("http")

    def writer(self, **options: Any) -> Writer:
        return Writer(self.place, **options)

    def searcher(self, **options: Any) -> Searcher:
        return open_index(self.place, **options)

    def fill(self, documents: Iterable[Document], **options: Any) -> None:
        """Add documents and commit."""
        with self.writer(**options) as writer:
            writer.add_many(documents)


def comparable(results: Results) -> dict[str, Any]:
    """What both homes must give for one question. Scores are left out: `scores` compares them with a tolerance."""
    return {
        "total": results.total,
        "exact": results.total_is_exact,
        "hits": [_hit(hit) for hit in results.hits],
        "corrections": [
            (one.original, one.replacement, one.kind, one.action, round(one.confidence, 2), one.told)
            for one in results.corrections
        ],
        "warnings": list(results.warnings),
        "facets": {name: (facet.values, facet.other, facet.missing) for name, facet in results.facets.items()},
    }


def _hit(hit: Any) -> dict[str, Any]:
    return {
        "rank": hit.rank, "id": hit.id, "path": hit.path, "title": hit.title, "date": hit.date, "language": hit.language,
        "meta": dict(hit.meta), "snippets": [(each.text, each.marks, each.line) for each in hit.snippets],
        "title_marks": hit.title_marks, "duplicates": hit.duplicates, "date_source": hit.date_source, "size": hit.size,
        "mtime": hit.mtime, "fields": dict(hit.fields),
        "explanation": hit.explanation and [
            (one.word, one.field, one.tier, one.bridge, one.forms, one.doc_freq, one.field_length, one.keyword_freq)
            for one in hit.explanation.matches
        ],
    }  # fmt: skip


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """What differs, for a message."""
    found = []
    for name in one:
        if name == "hits" and [hit["id"] for hit in one["hits"]] == [hit["id"] for hit in other["hits"]]:
            for hit, twin in zip(one["hits"], other["hits"], strict=True):
                found += [f"{hit['id']}.{key}: {hit[key]!r} / {twin[key]!r}" for key in hit if hit[key] != twin[key]]
        elif one[name] != other[name]:
            found.append(f"{name}: {one[name]!r} / {other[name]!r}"[:1500])
    return found
