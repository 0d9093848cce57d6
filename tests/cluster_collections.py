"""The same documents in files and in a cluster, and random queries for both."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

from naidi import fields
from naidi.indexer.document import Document
from naidi.indexer.fields import Field
from naidi.indexer.opensearch.cluster import connect
from naidi.indexer.opensearch.writer import ClusterWriter
from naidi.indexer.state.generations import open_generation
from naidi.indexer.writing.writer import Writer
from naidi.search.answer import answer_to
from naidi.search.collection import Collection
from naidi.search.opensearch.cluster_state import ClusterState
from naidi.search.opensearch.evaluation import ClusterEvaluation
from naidi.search.opensearch.page import cluster_page
from naidi.search.question import Question
from naidi.search.ranking.bm25 import RankingParameters
from naidi.search.ranking.page_cut import PageCut
from naidi.search.segments_state import SegmentsState

PARAMETERS = RankingParameters()
SCHEMA: Mapping[str, Field] = {
    "brand": fields.Keyword(),
    "tags": fields.Keyword(multiple=True),
    "price": fields.Number(),
    "sizes": fields.Number(multiple=True),
    "sold": fields.Boolean(),
    "made": fields.Date(),
    "seen": fields.DateTime(zone="Asia/Almaty"),
    "summary": fields.Text(weight=1.5),
    "end": fields.Text(),
    "color": fields.Keyword(),
    "color.name": fields.Keyword(),
}
# Forms that share lemmas and stems, forms of several lemmas, names, numbers.
WORDS = """
walk walks walked walking run runs ran running saw see sees seen saws better good well left leave leaves mouse mice datum data
meeting meet meets computation compute computed universe university news new vaccine vaccines vaccination health World Kazakhstan
выборы выборам выбор выбора стали сталь стал стать кошка кошки кошек кошкам дом дома домой домов вакцина вакцины вакцинация
министр министра здоровье здоровья мир мира миру делать делал сделал новый новая новости Казахстан Казахстана ёлка елка 2019 2021
the of and in и в на не что
""".split()  # noqa: SIM905


def documents(count: int, seed: int, *, own: bool = True) -> list[Document]:
    """Documents of both languages, of few words each. own: whether they have values in the fields of SCHEMA."""
    draw = random.Random(seed)
    return [_document(number, draw, own) for number in range(count)]


# In files, the texts of an application stand behind one another, so that the last word of one is a neighbour of the first word of
# the next. In a cluster they are apart. Words between them that no query has make it the same.
_APART = " qq" * 8


def _document(number: int, draw: random.Random, own: bool) -> Document:
    def words(most: int, least: int = 0) -> str:
        taken = [draw.choice(WORDS) for _ in range(draw.randint(least, most))]
        # Sentences, and now and then the same word many times.
        return ". ".join(" ".join(taken[start : start + 9]) for start in range(0, len(taken), 9))

    text = words(draw.choice((5, 30, 120)))
    if draw.random() < 0.1:
        text += f" {draw.choice(WORDS)}" * draw.randint(2, 80)
    title = words(5) if draw.random() < 0.8 else ""
    extension, folder = draw.choice(("txt", "PDF", "md")), draw.choice(("Отчёты", "notes", "a/b"))
    path = f"/srv/{folder}/Файл{number}.{extension}" if draw.random() < 0.5 else None
    return Document(
        id=f"{draw.choice('abя')}/{number}",
        title=title,
        text=text or (title and "") or "walk",
        date=date(2015, 1, 1) + timedelta(days=draw.randint(0, 3_000)) if draw.random() < 0.8 else None,
        language=draw.choice(("en", "en-GB", "ru", None)),
        keywords=words(4) if draw.random() < 0.3 else "",
        names=words(2) if draw.random() < 0.2 else "",
        path=path,
        size=draw.randint(0, 10_000) if path else None,
        mtime=1_500_000_000 + draw.randint(0, 100_000_000) if path else None,
        fields=_values(draw, words) if own else {},
    )


def _values(draw: random.Random, words: Any) -> dict[str, Any]:
    given = {
        "brand": draw.choice(("Bosch", "bosch", "ИКЕА", "Икеа", "a*b", "")),
        "tags": draw.sample(["red", "green", "синий", "СИНИЙ"], draw.randint(1, 3)),
        "price": draw.choice((0, 9.99, 10, 100, -3, 1e6)),
        "sizes": draw.sample(range(8), draw.randint(1, 4)),
        "sold": draw.random() < 0.5,
        "made": date(2020, 1, 1) + timedelta(days=draw.randint(0, 900)),
        "seen": datetime(2021, 5, 1, tzinfo=timezone.utc) + timedelta(hours=draw.randint(0, 2_000), microseconds=7),
        "summary": f"{_APART} {words(12, 1)} {_APART}",
        "end": f"{_APART} {words(3, 1)} {_APART}",
        "color": draw.choice(("red", "blue")),
        "color.name": draw.choice(("ruby", "sky")),
    }
    return {name: value for name, value in given.items() if draw.random() < 0.7}


class Query(NamedTuple):
    """A query, and what it has of the language."""

    kind: str
    text: str


def queries(count: int, seed: int, *, own: bool = True) -> Iterator[Query]:
    """Random queries, as many of each kind. own: whether fields of SCHEMA are asked for."""
    draw = random.Random(seed)

    def w() -> str:
        return draw.choice(WORDS)

    def some(least: int, most: int, between: str = " ") -> str:
        return between.join(w() for _ in range(draw.randint(least, most)))

    kinds = {
        "word": w,
        "or": lambda: some(2, 5),
        "and": lambda: some(2, 3, " AND "),
        "phrase": lambda: f'"{some(2, 2)}"',
        "long phrase": lambda: f'"{some(3, 3)}" {w()}',
        "prefix": lambda: f"{w()[: draw.randint(1, 3)]}*",
        "wildcard": lambda: f"{w()[0]}*{w()[-1]}",
        "fuzzy": lambda: f"{w()}~{draw.randint(1, 2)} {w()}",
        "exact": lambda: f"={w()} ={w()}",
        "not": lambda: f"{some(1, 2)} -{w()}",
        "only not": lambda: f"-{w()} -{w()}",
        "not a phrase": lambda: f'{w()} -"{some(2, 2)}"',
        "must": lambda: f"+{w()} {some(1, 2)}",
        "group": lambda: f"({w()} OR {w()}) AND ({w()} OR {w()})",
        "boost": lambda: f"{w()}^{draw.choice((0.5, 2.5))} ({w()} {w()})^3 {w()}",
        "compound": lambda: f"{w()}-{w()} {some(1, 2)}",
        "must compound": lambda: f"+{w()} {w()}-{w()}",
        "title": lambda: f"title:{w()} {w()}",
        "title phrase": lambda: f'title:"{some(2, 2)}" OR {w()}',
        "body": lambda: f"body:{w()} body:{w()}",
        "body phrase": lambda: f'body:"{some(2, 2)}"',
        "title prefix": lambda: f"title:{w()[:2]}*",
        "pattern in a phrase": lambda: f'"{w()} {w()[:2]}*"',
        "language": lambda: f"{some(1, 2)} lang:{draw.choice(('en', 'ru'))}",
        "date": lambda: f"{w()} date:{draw.choice(('2016', '>2018', '2016-03..2019'))}",
        "filter in a group": lambda: f"(lang:ru AND {w()}) OR {w()} -(date:2017 {w()})",
        "path": lambda: (
            f"{w()} {draw.choice(('path:файл1', 'ext:pdf', 'dir:отчёты', 'path:*айл?.md', 'size:>500', 'mtime:>2018'))}"
        ),
        "everything": lambda: f"* {w()}",
        "misspelt": lambda: f"{_misspelt(w(), draw)} {w()}",
        "near": lambda: f'"{some(2, 2)}"~{draw.randint(1, 6)}',
        "near in a field": lambda: f'{draw.choice(("title", "body"))}:"{some(2, 2)}"~{draw.randint(1, 6)} {w()}',
    }
    if own:
        kinds |= {
            "own text": lambda: f"summary:{w()} end:{w()}",
            "own phrase": lambda: f'summary:"{some(2, 2)}" OR {w()}',
            "own field": lambda: (
                f"{some(1, 2)} {draw.choice(('brand:bosch', 'price:>10', 'tags:синий', 'made:2021', 'sold:true'))}"
            ),
        }
    for kind, make in kinds.items():
        for _ in range(count):
            yield Query(kind, make())


def _misspelt(word: str, draw: random.Random) -> str:
    place = draw.randrange(len(word))
    return word[:place] + word[place + 1 :] if len(word) > 4 else word


class Both:
    """Documents in files and in a cluster."""

    def __init__(
        self,
        directory: Path,
        address: str,
        docs: Iterable[Document],
        *,
        shards: int | None,
        own: bool = True,
        gone: Iterable[str] = (),
    ) -> None:
        """
        Parameters:
          directory, address: of the two indices, which are made if they are not there.
          docs: are added to both.
          shards: of a new index in the cluster; None for one that is there.
          own: whether documents have values in the fields of SCHEMA.
          gone: ids of documents that are deleted from both.
        """
        schema = SCHEMA if own else None
        near = Writer(directory, schema=schema)
        far = ClusterWriter(address, schema=schema, shards=shards, replicas=None if shards is None else 0)
        for writer in (near, far):
            with writer:
                writer.add_many(docs)
                for doc_id in gone:
                    writer.delete(doc_id)
        self.generation = open_generation(directory)
        self.collection = Collection(self.generation)
        self.cluster = connect(address)
        self.state = ClusterState(self.cluster, self.collection, schema=self.collection.schema)

    def close(self) -> None:
        """Close the connections."""
        self.cluster.close()

    def local(self, query: str, limit: int = 10, **options: Any) -> Found:
        """What is found in files."""
        state, question = SegmentsState(self.collection, PARAMETERS), Question(query, limit, **options)
        answer = answer_to(state, question, count_all=True, tell=False, explained=True)
        hits = [(self.collection.segments[one.segment].doc_id(one.doc), one.score) for one in answer.page.found]
        return Found(answer.page.total, hits, answer.root)

    def evaluation(self, root: Any) -> ClusterEvaluation:
        """The evaluation of a query in the cluster."""
        return ClusterEvaluation(self.state, root, PARAMETERS)

    def far(self, root: Any, limit: int = 10, cut: PageCut | None = None, **options: Any) -> Found:
        """What is found in the cluster."""
        page = cluster_page(self.evaluation(root), cut or PageCut(limit, 0), **options)
        return Found(page.total, [(self.state.table.id_of(one.doc), one.score) for one in page.found], root)


class Found(NamedTuple):
    """A page: how many documents are found, (id, score) of the first, and the query."""

    total: int
    hits: list[tuple[str, float]]
    root: Any

    @property
    def ids(self) -> list[str]:
        return [one for one, _ in self.hits]
