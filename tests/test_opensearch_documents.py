"""What a document and the notes of an index look like in a cluster. No node is needed."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi import Document, IndexDamaged, IndexOutdated, field, fields
from naidi.indexer.analysis import tokenizer
from naidi.indexer.digest import blake2b
from naidi.indexer.fields import KINDS, Schema, Text
from naidi.indexer.opensearch import mapping
from naidi.indexer.opensearch.cluster import Cluster
from naidi.indexer.opensearch.condition_query import condition_query
from naidi.indexer.opensearch.documents import Source, sources, stored_document
from naidi.indexer.opensearch.naming import (
    document_key,
    field_key,
    field_name,
    field_path,
    marker,
    token,
    word_id,
)
from naidi.indexer.writing.batch import analyse
from naidi.indexer.writing.vocabulary import Vocabulary

SCHEMA: Schema = {
    "price": fields.Number(),
    "tag": fields.Keyword(multiple=True),
    "end": fields.Text(weight=1.5),
    "day": fields.Date(),
    "when": fields.DateTime(),
    "ok": fields.Boolean(),
    "keywords": fields.Text(weight=0.5),
    "custom.*": fields.Keyword(),
}


def sent(*documents: Document, schema: Schema = SCHEMA, synced: bool = False) -> list[tuple[Source, dict[str, Any]]]:
    vocabulary = Vocabulary()
    batch = analyse(documents, schema)
    batch.synced = synced
    numbers = vocabulary.of_tokens(batch.tokens, batch.forms)
    tokens = list(map(token, vocabulary.forms))
    return [(one, json.loads(one.line)) for one in sources(batch, numbers, tokens, schema)]


def words(text: str) -> list[str]:
    return [f"={form}" for form in tokenizer.forms(text)]


def test_regions() -> None:
    document = Document(
        id="a",
        title="Мама мыла",
        text="раму. NATO (North Atlantic Treaty Organization)",
        keywords="tag",
        names="file",
        date=datetime.date(999, 1, 2),
        path="x/y",
        fields={"end": "one two", "keywords": "three", "custom.color": "red", "price": 2},
    )
    ((one, source),) = sent(document)
    assert source["all"] == [
        "=мама =мыла",
        "#body =раму =NATO =north =atlantic =treaty =organization",
        "#keywords =file =file =tag",
        "##end =one =two",
        "##end =one =two",
        "##end =one =two",
        "##keywords =three",
        "#end",
    ]
    assert source["head"] == "=мама =мыла"
    assert (source["len"], source["head_len"], source["share"]) == (8, 2, 6 / 8)
    assert (source["date"], source["path"], source["defs"]) == (
        "0999-01-02",
        "x/y",
        ["NATO\tnorth atlantic treaty organization"],
    )
    assert source["fields"] == {"end": [2], "keywords": [1], "custom/color": ["red"], "price": [2.0]}
    assert (one.doc_id, one.key, one.first, one.last) == ("a", "a", 0, 8 + 3 + 6 + 1)


def test_what_is_not_there_is_not_sent() -> None:
    (_, source), (_, second) = sent(Document(id="a", text=""), Document(id="b", text="x"))
    assert source == {
        "id": "a", "title": "", "lang": source["lang"], "all": ["#end"], "len": 0, "head_len": 0, "share": 0, "synced": False,
        "path_key": "/a",
    }  # fmt: skip
    assert second["all"] == ["#body =x", "#end"] and second["text"] == "x" and "record" not in second


texts = st.text(st.characters(codec="utf-8"), max_size=40) | st.sampled_from(
    ["кот Cat's C++ x_y", "a\u2028b|c +d", '"\\\n']
)


@given(
    texts,
    texts,
    texts,
    texts,
    st.none() | st.dates(),
    st.dictionaries(
        st.text(max_size=4).filter(lambda one: one.isprintable()), st.none() | st.integers() | texts, max_size=2
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "price": st.floats(allow_nan=False, allow_infinity=False),
            "tag": st.lists(
                st.text(st.characters(codec="utf-8", exclude_characters="\n\0"), max_size=5), min_size=1, max_size=3
            ),
            "day": st.dates(),
            "when": st.datetimes(timezones=st.just(datetime.timezone.utc)),
            "ok": st.booleans(),
            "end": st.sampled_from(["a b", "..."]),
            "custom.x": st.sampled_from(["p", "q"]),
        },
    ),
)
@settings(max_examples=60)
def test_a_document_comes_back_as_it_was(
    text: str,
    title: str,
    keywords: str,
    names: str,
    date: datetime.date | None,
    meta: dict[str, Any],
    values: dict[str, Any],
) -> None:
    document = Document(
        id="a/b", text=text, title=title, keywords=keywords, names=names, date=date, meta=meta, fields=values, path="p",
        size=3, mtime=4, language="ru",
    )  # fmt: skip
    ((_, source),) = sent(document)
    back = stored_document(source, SCHEMA)
    given = {name: sorted(set(value)) if isinstance(value, list) else value for name, value in values.items()}
    assert back == Document(
        id="a/b", text=text, title=title, keywords=keywords, names=names, date=date, meta=meta, fields=given, path="p",
        size=3, mtime=4, language="ru",
    )  # fmt: skip
    assert " ".join(source["all"]).split() == [
        *words(document.title),
        *(["#body", *words(document.text)] if words(document.text) else []),
        *(
            ["#keywords", *(words(document.names) * 2), *words(document.keywords)]
            if words(names + "\n" + keywords)
            else []
        ),
        *(["##end", "=a", "=b"] * 3 if values.get("end") == "a b" else []),
        "#end",
    ]


def test_texts_in_pieces_and_texts_that_are_not_stored() -> None:
    long = "Слово за слово.\n" * 10_000
    vocabulary = Vocabulary()
    batch = analyse([Document(id="a", text=long)], {})
    numbers = vocabulary.of_tokens(batch.tokens, batch.forms)
    (one,) = sources(batch, numbers, list(map(token, vocabulary.forms)), {})
    assert json.loads(one.line)["text"] == long
    batch.forget_texts()
    (one,) = sources(batch, numbers, list(map(token, vocabulary.forms)), {}, [{"source": "s", "synced": True}])
    source = json.loads(one.line)
    assert "text" not in source and source["len"] == 30_000 and (source["source"], source["synced"]) == ("s", True)


def test_long_names_get_a_digest() -> None:
    for letter in "aяж😀":
        for count in (100, 128, 129, 256, 257, 400, 401, 512, 513, 1024):
            text = letter * count
            assert len(word_id(text).encode()) <= 512 and len(document_key(text).encode()) <= 512
            assert (word_id(text) == text) == (len(text.encode()) <= 400)
            assert (document_key(text) == text) == (len(text.encode()) <= 512)
            assert token(text) == "=" + word_id(text)
    forged = document_key("x" * 600)
    assert document_key(forged) != forged  # no other document has the key of the long one
    assert len({document_key("x" * 600), document_key("x" * 601), document_key(forged)}) == 3
    assert not tokenizer.forms("%") and "%" not in "".join(tokenizer.forms("50%a %b"))


def test_names_of_fields() -> None:
    assert field_path("a.b") == "fields.a/b" and field_name(field_key("a.b.c")) == "a.b.c"
    assert {marker("body"), marker("end"), marker("keywords")} == {"##body", "##end", "##keywords"}


def test_each_kind_of_field_has_a_type() -> None:
    assert set(mapping._TYPES) == set(KINDS.values())


def test_the_forms_of_a_text_are_of_these_rules() -> None:
    """Who changes tokens raises TOKEN_RULES, and writes the digest anew: indices of clusters hold forms."""
    text = (
        "Мама МЫЛА раму, а ёж-Ёжик — нет. QazCoVac-P C++ C# .NET don't l’été x_y 2021-05-29 75,4 №5 А.С. U.S.A. naïve "
        "Straße İstanbul ﬁne ½ ٣ 東京 ВЫБОРЫ2024 вы\u00adборы e\u0301clair soft\u200bware ПРИКАЗ О НАЗНАЧЕНИИ\n"
        "CO2 COVID‑19 ya.ru a@b.c"
    )
    digest = blake2b("\n".join(tokenizer.forms(text)).encode(), digest_size=8).hexdigest()
    assert (mapping.token_fingerprint(), digest) == ("tokens=1", "f62b03137c20f5b4")


class Noted(Cluster):
    """A cluster that has one mapping."""

    def __init__(self, told: dict[str, Any]) -> None:
        super().__init__(mapping_address())
        self.told = told

    def mapping(self, alias: str) -> tuple[str, dict[str, Any]]:
        return f"{alias}-1", self.told


def mapping_address() -> Any:
    from naidi.indexer.opensearch.address import ClusterAddress

    return ClusterAddress.of("http://h/books")


def test_notes_are_read_as_they_were_written() -> None:
    body = mapping.documents_body(SCHEMA, store_texts=False, shards=2, replicas=0)["mappings"]
    state = mapping.documents_state(Noted(json.loads(json.dumps(body))))
    assert list(state.schema.items()) == list(SCHEMA.items())  # in this order: texts stand so
    assert (state.name, state.store_texts) == ("books-1", False)
    assert state.known_fields == {name for name in SCHEMA if name != "custom.*"}
    words_body = mapping.words_body(replicas=0)["mappings"]
    assert mapping.words_state(Noted(words_body)).is_current
    words_body["_meta"]["naidi"]["lemmas"] = "rules=0"
    assert not mapping.words_state(Noted(words_body)).is_current


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"format": 0}, IndexOutdated),
        ({"format": 2}, IndexOutdated),
        ({"tokens": "tokens=0"}, IndexOutdated),
        ({"fields": [["a", {"kind": "nope"}]]}, IndexDamaged),
        ({"fields": 3}, IndexDamaged),
        (None, IndexDamaged),
    ],
)
def test_indices_of_others(change: dict[str, Any] | None, kind: type[Exception]) -> None:
    told = mapping.documents_body({}, store_texts=True, shards=1, replicas=0)["mappings"]
    told["_meta"]["naidi"].update(change or {})
    with pytest.raises(kind):
        mapping.documents_state(Noted(told if change else {}))


def test_conditions_compare_what_is_stored() -> None:
    day = datetime.date(2020, 1, 1)
    assert condition_query(field("day") == day, SCHEMA) == {"term": {"fields.day": day.toordinal()}}
    assert condition_query(field("ok") == True, SCHEMA) == {"term": {"fields.ok": True}}  # noqa: E712
    assert condition_query(field("custom.x") == "a", SCHEMA) == {"term": {"fields.custom/x": "a"}}
    assert condition_query(field("price") > 3, SCHEMA) == {"range": {"fields.price": {"gt": 3.0}}}
    assert Text in map(type, SCHEMA.values())
