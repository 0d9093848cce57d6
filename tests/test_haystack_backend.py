"""The backend under haystack and Django, beyond what haystack's own tests ask of it.

Where haystack is missing, these are skipped. With NAIDI_HAYSTACK set, as .ci/run sets it, they fail instead.
"""

# ruff: noqa: E402  (Django must have its settings before haystack is imported)
from __future__ import annotations

import datetime
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from naidi import Writer, fields, open_index

pytestmark = pytest.mark.filterwarnings("default")
if not os.environ.get("NAIDI_HAYSTACK"):
    pytest.importorskip("haystack", reason="pip install '.[haystack]'")

import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "haystack"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    HAYSTACK_CONNECTIONS={"default": {"ENGINE": "naidi.integrations.haystack.NaidiEngine", "STORAGE": "ram"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
django.setup()

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from haystack import connections, indexes
from haystack.exceptions import SearchBackendError, SpatialError
from haystack.inputs import AutoQuery, Exact, Raw
from haystack.query import SQ, SearchQuerySet
from haystack.utils.loading import UnifiedIndex

from naidi.integrations.haystack import NaidiSearchBackend

PRODUCTS: list[dict[str, Any]] = [
    {"id": 1, "text": "Дрель для бетона", "title": "Hammer drill", "brand": "Bosch", "tags": ["power", "new"], "price": 99},
    {"id": 2, "text": "A jigsaw for wood <b>", "title": "Jigsaw", "brand": "Makita", "tags": ["power"], "price": 50},
    {"id": 10, "text": "Drills of steel", "title": "Set", "brand": "Bosch", "tags": [], "price": 12},
    {"id": 11, "text": "Nothing of the kind", "title": "Drill stand", "brand": "Bosch", "tags": ["new"], "price": None},
]  # fmt: skip


class ProductIndex(indexes.SearchIndex, indexes.Indexable):  # type: ignore[misc]
    text = indexes.CharField(document=True, model_attr="text")
    title = indexes.CharField(model_attr="title", boost=2)
    brand = indexes.CharField(model_attr="brand", faceted=True)
    tags = indexes.MultiValueField(model_attr="tags", faceted=True)
    price = indexes.DecimalField(model_attr="price", null=True)
    day = indexes.DateField(model_attr="day")

    def get_model(self) -> Any:
        return ContentType


def product(id: int, **values: Any) -> Any:
    """Any model will do, and needs no database."""
    made = ContentType(pk=id)
    vars(made).update(values, day=datetime.date(2024, 1, 1) + datetime.timedelta(days=id))
    return made


@pytest.fixture
def index() -> Iterator[ProductIndex]:
    made = ProductIndex()
    unified = UnifiedIndex()
    unified.build(indexes=[made])
    connections["default"]._index = unified
    backend = connections["default"].get_backend()
    backend.setup()
    backend.clear()
    backend.silently_fail = False
    backend.update(made, [product(**each) for each in PRODUCTS])
    yield made
    backend.silently_fail = True


@pytest.fixture
def found(index: ProductIndex) -> SearchQuerySet:
    return SearchQuerySet()


def pks(found: SearchQuerySet) -> list[int]:
    return sorted(int(result.pk) for result in found)


def test_filters(found: SearchQuerySet) -> None:
    assert pks(found.filter(content="дрели")) == [1, 10]  # in another form, and translated
    assert pks(found.filter(title="drills")) == [1, 11]
    assert pks(found.filter(SQ(content="steel") | SQ(title="jigsaw"))) == [2, 10]
    assert pks(found.filter(SQ(content="steel") | SQ(price__gte=99))) == [1, 10]
    assert pks(found.exclude(brand="bosch")) == [2]
    assert pks(found.filter(price__range=[12, 50])) == [2, 10]
    assert pks(found.filter(price__lt="50")) == [10]
    assert pks(found.filter(tags__in=["new"])) == [1, 11]
    assert pks(found.filter(brand__startswith="mak")) == [2]
    assert pks(found.filter(title__endswith="saw")) == [2]
    assert pks(found.filter(title__fuzzy="jigsw")) == [2]
    assert pks(found.filter(day__gt=datetime.date(2024, 1, 3))) == [10, 11]
    assert pks(found.filter(title=Exact("hammer drill"))) == [1]
    assert pks(found.filter(title=Raw("ham* OR jig*"))) == [1, 2]


def test_a_users_query(found: SearchQuerySet) -> None:
    assert pks(found.auto_query("дрель")) == [1, 10]
    assert pks(found.auto_query("lhtkm")) == [1, 10]  # on the wrong keyboard
    assert pks(found.auto_query("wood -jigsaw")) == []
    assert pks(found.auto_query('"drills of steel"')) == [10]
    assert pks(found.auto_query("brand:Makita")) == []
    assert pks(found.auto_query("nothing) OR brand:Makita")) == []
    assert pks(found.filter(brand="bosch").filter(content=AutoQuery("')x OR brand:Makita (' steel"))) == []


def test_a_raw_query_with_an_unknown_field_finds_nothing(found: SearchQuerySet) -> None:
    assert pks(found.raw_search("drill brand:Bosch")) == [1, 10]
    backend = found.query.backend
    for query in ("drill owner:me", "NOT owner:me", "drill OR owner:<5"):
        with pytest.raises(SearchBackendError, match="owner"):
            backend.search(query)
        backend.silently_fail = True
        assert backend.search(query) == {"results": [], "hits": 0}
        backend.silently_fail = False
    with pytest.raises(SearchBackendError, match="owner"):
        len(found.filter(content="drill").exclude(owner="me"))


def test_what_is_remembered_of_a_filter_goes_with_the_state(found: SearchQuerySet, index: ProductIndex) -> None:
    def both() -> list[int]:
        return pks(SearchQuerySet().filter(content="steel").filter(brand="bosch"))

    assert both() == [10]
    assert both() == [10]
    found.query.backend.update(index, [product(13, text="steel", title="", brand="Bosch", tags=[], price=None)])
    assert both() == [10, 13]
    found.query.backend.remove("contenttypes.contenttype.10")
    assert both() == [13]


def test_order(found: SearchQuerySet) -> None:
    assert [result.pk for result in found] == ["1", "2", "10", "11"]  # by number where all is equal
    assert [result.pk for result in found.order_by("brand", "-price")] == ["1", "10", "11", "2"]
    assert [result.pk for result in found.order_by("-title")] == ["10", "2", "1", "11"]
    with pytest.raises(SearchBackendError, match="text has words"):
        len(found.order_by("text"))


def test_words_to_boost_come_first_and_need_not_be_there(found: SearchQuerySet) -> None:
    assert found.filter(brand="bosch").boost("steel", 5)[0].pk == "10"
    assert pks(found.filter(brand="bosch").boost("steel", 5)) == [1, 10, 11]


def test_facets(found: SearchQuerySet) -> None:
    counted = found.facet("brand").facet("tags").date_facet(
        "day", datetime.date(2024, 1, 1), datetime.date(2024, 1, 11), "day", 5
    )  # fmt: skip
    counts = counted.query_facet("price", "[50 TO *]").facet_counts()
    assert counts["fields"] == {
        "brand": [("Bosch", 3), ("Makita", 1)],
        "tags": [("new", 2), ("power", 2), (None, 1)],
    }
    moment = datetime.datetime
    assert counts["dates"] == {"day": [((moment(2024, 1, 1), moment(2024, 1, 6)), 2), (None, 2)]}
    assert counts["queries"] == {"price_[50 TO *]": 2}
    narrowed = counted.narrow('brand_exact:"Makita"')
    assert narrowed.facet_counts()["fields"]["brand"] == [("Makita", 1)] and pks(narrowed) == [2]


def test_values_come_back(found: SearchQuerySet) -> None:
    (result,) = found.filter(id="contenttypes.contenttype.1")
    assert (result.title, result.brand, result.price) == ("Hammer drill", "Bosch", "99")
    assert result.tags == ["power", "new"] and result.text == PRODUCTS[0]["text"]
    assert result.day == datetime.datetime(2024, 1, 2)
    assert list(found.filter(content="steel").values_list("title", flat=True)) == ["Set"]


def test_marked_words_stand_among_escaped_text(found: SearchQuerySet) -> None:
    (result,) = found.filter(content="wood").highlight()
    assert result.highlighted == {"text": ["A jigsaw for <em>wood</em> &lt;b&gt;"]}
    (result,) = found.filter(content="wood").highlight(tag="b")
    assert result.highlighted == {"text": ["A jigsaw for <b>wood</b> &lt;b&gt;"]}


def test_more_like_this(found: SearchQuerySet, index: ProductIndex) -> None:
    backend = found.query.backend
    backend.update(index, [product(12, text="Steel drills", title="", brand="Makita", tags=[], price=1)])
    like = [result.pk for result in backend.more_like_this(product(10))["results"]]
    assert like[0] == "12" and "10" not in like
    assert backend.more_like_this(product(10), "brand:(makita)")["hits"] == 1
    assert backend.more_like_this(product(99)) == {"results": [], "hits": 0}


def test_spelling(found: SearchQuerySet, index: ProductIndex) -> None:
    backend = found.query.backend
    assert backend.create_spelling_suggestion("jigsav for") == "jigsaw for"
    assert backend.create_spelling_suggestion("jigsaw") is None
    assert backend.create_spelling_suggestion("*") is None


def test_deletion(found: SearchQuerySet) -> None:
    backend = found.query.backend
    backend.remove("contenttypes.contenttype.10")
    backend.remove("contenttypes.contenttype.99")
    assert pks(found.all()) == [1, 2, 11]
    backend.clear([ContentType])
    assert pks(found.all()) == []
    backend.optimize()


def test_nothing_geographic(found: SearchQuerySet) -> None:
    with pytest.raises(SpatialError):
        found.query.backend.search("*", dwithin={"field": "place"})


def test_an_object_that_cannot_be_indexed_is_left_out(found: SearchQuerySet, index: ProductIndex) -> None:
    backend = found.query.backend
    bad = product(20, text="x", title="", brand="", tags=[], price="cheap")
    with pytest.raises(ValueError, match="price"):
        backend.update(index, [bad])
    backend.silently_fail = True
    backend.update(index, [bad, product(21, text="good", title="", brand="", tags=[], price=None)])
    assert pks(found.filter(content="good")) == [21]


@pytest.mark.parametrize("options", [{}, {"PATH": "x", "STORAGE": "cloud"}])
def test_settings_that_cannot_be(options: dict[str, Any]) -> None:
    with pytest.raises(ImproperlyConfigured):
        NaidiSearchBackend("default", **options)


def on_disk(path: Path, **options: Any) -> NaidiSearchBackend:
    return NaidiSearchBackend("default", PATH=str(path), **options)


def test_another_writer_is_waited_for(index: ProductIndex, tmp_path: Path) -> None:
    backend = on_disk(tmp_path / "index", TIMEOUT=30)
    backend.setup()
    other = Writer(tmp_path / "index")
    timer = threading.Timer(0.3, other.close)
    timer.start()
    backend.update(index, [product(**PRODUCTS[0])])
    timer.join()
    assert backend.search("*")["hits"] == 1
    impatient = on_disk(tmp_path / "index", SILENTLY_FAIL=False)
    impatient.place._lock_timeout = 0.05
    with Writer(tmp_path / "index"), pytest.raises(Exception, match="another writer"):
        impatient.update(index, [product(**PRODUCTS[1])])
    assert backend.search("*")["hits"] == 1


def test_an_index_that_was_removed_is_made_anew(index: ProductIndex, tmp_path: Path) -> None:
    import shutil

    backend = on_disk(tmp_path / "index")
    backend.update(index, [product(**PRODUCTS[0])])
    assert backend.search("*")["hits"] == 1
    shutil.rmtree(tmp_path / "index")
    backend.setup()
    assert backend.search("*")["hits"] == 0


def test_a_damaged_index_is_told_and_made_anew(
    index: ProductIndex, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    backend = on_disk(tmp_path / "index")
    backend.update(index, [product(**PRODUCTS[0])])
    (tmp_path / "index/CURRENT").write_text("nonsense\n")
    for path in (tmp_path / "index").rglob("manifest.json"):
        path.write_text("{")
    other = on_disk(tmp_path / "index")
    other.place._searcher = None  # as in another process
    assert other.search("*") == {"results": [], "hits": 0}
    assert "damaged" in caplog.text
    other.clear()
    other.update(index, [product(**PRODUCTS[0])])
    assert other.search("*")["hits"] == 1


def test_a_field_of_another_kind_needs_an_empty_index(index: ProductIndex, tmp_path: Path) -> None:
    with Writer(tmp_path / "index", schema={"price": fields.Keyword()}):
        pass
    backend = on_disk(tmp_path / "index", SILENTLY_FAIL=False)
    with pytest.raises(Exception, match="price"):
        backend.update(index, [product(**PRODUCTS[0])])
    backend.clear()
    backend.update(index, [product(**PRODUCTS[0])])
    assert backend.search("price:(99)")["hits"] == 1


def test_threads_share_a_searcher_and_see_each_commit(index: ProductIndex, tmp_path: Path) -> None:
    path = tmp_path / "index"
    first = on_disk(path)
    first.setup()
    seen: list[list[int]] = []

    unified = connections["default"].get_unified_index()

    def ask() -> None:
        connections["default"]._index = unified  # haystack has connections of its own in each thread
        backend = on_disk(path)
        counts = []
        while not counts or counts[-1] < 20:
            counts.append(backend.search("*", end_offset=1)["hits"])
        seen.append(counts)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(20):
        first.update(index, [product(number, text="same words", title="", brand="", tags=[], price=None)])
    for thread in threads:
        thread.join(60)
    assert len(seen) == 4 and all(counts == sorted(counts) for counts in seen)
    with open_index(path) as searcher:
        assert len(searcher) == 20
