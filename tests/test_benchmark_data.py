"""What benchmarks/data/build.py makes of clones, and what it says where one is missing or is not as it was."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from benchmarks.data import (
    books,
    build,
    clones,
    cuts,
    docbook,
    documents,
    dotnet,
    lemma,
    markdown,
    mixed_corpus,
    names,
    news,
    retrieval,
    ruspellru,
    sources,
    spelling,
)

SCRIPTS = Path(__file__).parents[1] / "benchmarks" / "data"


def git(folder: Path, *arguments: str) -> str:
    settings = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(folder), *settings, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def make_clone(folder: Path, files: dict[str, str | bytes]) -> str:
    """A repository, or one more commit to it, with these files. Returns the commit."""
    if not folder.exists():
        folder.mkdir(parents=True)
        git(folder, "init", "--quiet")
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Add files")
    return git(folder, "rev-parse", "HEAD")


def plant(place: Path, source: Any, files: dict[str, str | bytes]) -> None:
    """A clone of a source with these files, none of them at the commit that the source names."""
    make_clone(place / source.repository.replace("/", "+"), files)


def clone_of(place: Path, source: Any, files: dict[str, str | bytes]) -> Any:
    """The same, opened."""
    plant(place, source, files)
    return clones.Clone(place, source)


def table(path: Path) -> list[list[str]]:
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()]


def records(path: Path) -> list[dict[str, str]]:
    return [json.loads(row[0]) for row in table(path)]


def word(start: str, taken: bool) -> str:
    """A word that the half of all words has, or has not."""
    return next(found for found in (start + "a" * n for n in range(50)) if cuts.in_half(found) == taken)


class TestClone:
    def test_the_named_commit_is_read_not_the_newest_nor_the_work_tree(self, tmp_path: Path) -> None:
        first = make_clone(tmp_path / "a+b", {"x.txt": "first"})
        make_clone(tmp_path / "a+b", {"x.txt": "second"})
        (tmp_path / "a+b" / "x.txt").write_text("changed")
        with clones.Clone(tmp_path, clones.Source("a/b", first[:12])) as clone:
            assert clone.exact and clone.commit == first
            assert clone.text("x.txt") == "first"

    def test_the_newest_commit_stands_in_for_a_missing_one(self, tmp_path: Path) -> None:
        newest = make_clone(tmp_path / "a" / "b", {"x.txt": "text"})  # the other way to name a folder
        with clones.Clone(tmp_path, clones.Source("a/b", "0123456789ab")) as clone:
            assert not clone.exact and clone.commit == newest
            assert clone.read("x.txt") == b"text"

    def test_a_bare_clone_is_read_as_well(self, tmp_path: Path) -> None:
        commit = make_clone(tmp_path / "work", {"ё/я.txt": "текст\r\n", "ё/b.md": ""})
        git(tmp_path, "clone", "--quiet", "--bare", "work", "a+b")
        with clones.Clone(tmp_path, clones.Source("a/b", commit)) as clone:
            assert list(clone.texts("ё/", ".txt")) == [("ё/я.txt", "текст\n")]

    def test_what_is_not_there_is_named(self, tmp_path: Path) -> None:
        source = clones.Source("a/b", "0123456789ab")
        with pytest.raises(clones.NotThere, match="no clone of a/b"):
            clones.Clone(tmp_path, source)
        (tmp_path / "a+b").mkdir()
        git(tmp_path / "a+b", "init", "--quiet")
        with pytest.raises(clones.NotThere, match="neither 0123456789ab nor any other commit"):
            clones.Clone(tmp_path, source)
        make_clone(tmp_path / "a+b", {"x.txt": "text", "folder/y.txt": "text"})
        with clones.Clone(tmp_path, source) as clone:
            for path in ("z.txt", "folder", "two\nlines"):
                with pytest.raises(clones.NotThere, match="a/b"):
                    clone.read(path)
            assert clone.read("x.txt") == b"text"  # still in step with git


def test_a_treebank_gives_words_without_ranges_and_empty_nodes(tmp_path: Path) -> None:
    lines = [
        "# sent_id = s1",
        "# text = He didn't go.",
        "1\tHe\the\tPRON\t_\t_\t_\t_\t_\t_",
        "2-3\tdidn't\t_\t_\t_\t_\t_\t_\t_\t_",
        "2\tdid\tdo\tAUX\t_\t_\t_\t_\t_\t_",
        "3\tn't\tnot\tPART\t_\t_\t_\t_\t_\t_",
        "3.1\tgone\tgo\tVERB\t_\t_\t_\t_\t_\t_",
        "4\tgo\tgo\tVERB\t_\t_\t_\t_\t_\tSpaceAfter=No",
        "5\t_\t_\tPUNCT\t_\t_\t_\t_\t_\t_",
        "",
    ]
    plant(tmp_path, sources.ENGLISH_EWT, {"en_ewt-ud-dev.conllu": "\n".join(lines)})
    plant(tmp_path, sources.ENGLISH_GUM, {"en_gum-ud-dev.conllu": "# sent_id = g1\n" + lines[7]})
    lemma.build(tmp_path, tmp_path / "out", "en")
    assert [row[:4] + row[6:] for row in table(tmp_path / "out" / "en.tsv.gz")[1:]] == [
        ["ewt", "s1", "1", "He", "1"],
        ["ewt", "s1", "2", "did", "1"],
        ["ewt", "s1", "3", "n't", "1"],
        ["ewt", "s1", "4", "go", "0"],
        ["gum", "g1", "4", "go", "0"],
    ]
    assert table(tmp_path / "out" / "en.types.tsv.gz")[1] == ["go", "VERB", "go", "2"]


def test_half_of_the_names_are_taken_in_an_order_of_their_own(tmp_path: Path) -> None:
    ours, other = [word(start, True) for start in "xyz"], word("x", False)
    text = "".join(f"{name}\tи м я\t2\n" for name in (*ours, other))
    plant(tmp_path, sources.NAMES, {"data/wd_russian_80": text, "data/wd_russian_20": ""})
    names.build(tmp_path, tmp_path / "out")
    head, *rows = table(tmp_path / "out" / "en-ru.tsv.gz")
    assert head == ["en", "ru", "count"]
    assert sorted(row[0] for row in rows) == sorted(ours) and rows[0][1:] == ["имя", "2"]
    digests = [hashlib.sha1("\t".join(row).encode()).hexdigest() for row in rows]
    assert digests == sorted(digests)


@pytest.mark.parametrize(
    ("reader", "text", "pairs"),
    [
        ("birkbeck", "$a_lot\nalot\nallot\n$b\nbb\n", [("alot", "a lot"), ("allot", "a lot"), ("bb", "b")]),
        (
            "codespell",
            "teh->the\naache->cache, ache,\nx->y, a remark\n",
            [("teh", "the"), ("aache", "cache"), ("aache", "ache"), ("x", "y")],
        ),
        ("test_set", "tests = {'access': 'acess',\n 'a': 'b c'}\nmore", [("acess", "access"), ("b", "a"), ("c", "a")]),
        ("spell_errors", "four: forer, fore*5\no_k: okay_\n", [("forer", "four"), ("fore", "four"), ("okay", "o k")]),
    ],
)
def test_lists_of_misspellings_are_read(reader: str, text: str, pairs: list[tuple[str, str]]) -> None:
    assert list(getattr(spelling, reader)(text)) == pairs


def test_a_pair_of_several_lists_is_one_row(tmp_path: Path) -> None:
    right = word("right", True)
    plant(tmp_path, sources.BIRKBECK, {"missp.dat": f"${right}\nrigt\n{right}\n${word('left', False)}\nlft\n"})
    plant(tmp_path, sources.CODESPELL, {"codespell_lib/data/dictionary.txt": f"rigt->{right}\n"})
    plant(tmp_path, sources.NORVIG_TESTS, {"spell-testset1.txt": "t = {}", "spell-testset2.txt": "t = {}"})
    plant(tmp_path, sources.NORVIG_ERRORS, {"spell-errors.txt": ""})
    spelling.build_english(tmp_path, tmp_path / "out")
    assert table(tmp_path / "out" / "en.tsv.gz")[1:] == [["rigt", right, "birkbeck,codespell"]]


@pytest.mark.parametrize(
    ("source", "correction", "pairs"),
    [
        ("Седня хорошо!", "Сегодня хорошо", [("седня", "сегодня")]),
        ("вот вообщем так", "вот в общем так", [("вообщем", "в общем")]),
        ("вот как то так", "вот как-то так", []),  # two words that become one
        ("дай 3хчасовой", "дай трехчасовой", [("хчасовой", "трехчасовой")]),
        ("а шта я", "а что я", []),  # too little alike
    ],
)
def test_words_that_differ_are_paired(source: str, correction: str, pairs: list[tuple[str, str]]) -> None:
    assert list(ruspellru.differing(source, correction)) == pairs


def test_cranfield_numbers_its_queries_by_their_order(tmp_path: Path) -> None:
    documents_of = (
        ".I 1\n.T\nwings of\naircraft .\n.A\nsmith\n.W\nwings of\naircraft .\n  they lift .\n.I 2\n.T\n.A\n.W\n"
    )
    plant(
        tmp_path,
        sources.CRANFIELD,
        {"cran.all.1400": documents_of, "cran.qry": ".I 007\n.W\nwhat lifts .\n", "cranqrel": "1 2 -1\n1 1 1 \n"},
    )
    retrieval.build_cranfield(tmp_path, tmp_path)
    folder = tmp_path / "cranfield"
    assert records(folder / "corpus.jsonl.gz") == [
        {"_id": "1", "title": "wings of aircraft .", "text": "they lift ."},
        {"_id": "2", "title": "", "text": ""},
    ]
    assert records(folder / "queries.jsonl") == [{"_id": "1", "text": "what lifts ."}]
    assert table(folder / "qrels.tsv") == [["query-id", "corpus-id", "score"], ["1", "1", "4"], ["1", "2", "1"]]
    assert table(folder / "qrels.codes.tsv")[1:] == [["1", "1", "1"], ["1", "2", "-1"]]


def test_cacm_and_xquad(tmp_path: Path) -> None:
    plant(
        tmp_path,
        sources.CACM,
        {
            "cacm.all": ".I 5\n.T\nA title\n.X\n1 5 1\n",
            "query.text": ".I 1\n.W\n Why?\n.N\n x\n",
            "qrels.text": "01 0005  0 0\n",
        },
    )
    retrieval.build_cacm(tmp_path, tmp_path)
    assert records(tmp_path / "cacm" / "corpus.jsonl.gz") == [{"_id": "5", "title": "A title", "text": ""}]
    assert table(tmp_path / "cacm" / "qrels.tsv")[1:] == [["1", "5", "1"]]
    article = {
        "title": "Super_Bowl",
        "paragraphs": [{"context": "One  text. ", "qas": [{"id": "q1", "question": "Who? "}]}],
    }
    text = json.dumps({"data": [article]})
    plant(tmp_path, sources.XQUAD, {"xquad.en.json": text, "xquad.ru.json": text})
    retrieval.build_xquad(tmp_path, tmp_path)
    assert records(tmp_path / "xquad-en" / "corpus.jsonl.gz") == [
        {"_id": "a00p0", "title": "Super Bowl", "text": "One text."}
    ]
    assert records(tmp_path / "xquad-ru" / "corpus.jsonl.gz")[0]["title"] == ""
    assert records(tmp_path / "xquad-ru" / "queries.jsonl") == [{"_id": "q1", "text": "Who?"}]


def test_descriptions_that_ask_for_their_page_are_queries() -> None:
    good = "Узнайте о том, как соединяются строки в языке программирования"
    said = {
        "good": good + " один",
        "twice": good,
        "again": good,
        "short": "Узнайте о строках",
        "english": "Learn how strings are joined in this programming language (строки)",
        "title": good + " два",
        "text": good + " три",
    }
    pages = [
        documents.Text(key, good if key == "title" else key, f"Страница. {said[key]}" if key == "text" else "Страница.")
        for key in said
    ]
    assert dotnet.queries(pages, said) == {"good": good + " один"}


def test_front_matter_is_taken_off_a_page() -> None:
    head = '---\ntitle: "Строки"\nDescription: >-\n  Одна\n  строка\nms.date: 8/30/2018\n---\n'
    page = head + '# <a name="x"></a>Строки  \n\n\n\n<!-- a\nb -->Текст'
    fields, text = markdown.split(page)
    assert fields == {"title": "Строки", "description": "Одна строка", "ms.date": "8/30/2018"}
    assert text == "# Строки\n\nТекст"
    assert markdown.date_of(fields) == "2018-08-30" and markdown.date_of({}) == ""


def test_a_page_without_a_title_has_that_of_a_heading_or_of_its_file(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "book/a.asc": "=== Head\n\ntext",
        "book/b.asc": "text",
        "book/c.asc": "text",
        "d.asc": "",
    }
    with clone_of(tmp_path, sources.PROGIT_EN, files) as clone:
        found = list(markdown.pages(clone, "book/", ".asc", 1, wanted=lambda key, fields: key != "book/c"))
        none = list(markdown.pages(clone, "book/", ".asc", 0))
    assert [(page.key, page.title) for page in found] == [("book/a", "Head"), ("book/b", "b")] and none == []


def test_a_page_of_the_manual_is_reduced_to_text() -> None:
    page = """<?xml version="1.0"?>
<refentry xml:id="a.b"><!-- no -->
 <refnamediv><refname>f</refname>
  <refpurpose>Does
   a thing</refpurpose></refnamediv>
 &reftitle.description;
 <methodsynopsis><type>int</type><methodname>f</methodname>
  <methodparam><type>string</type><parameter>s</parameter></methodparam></methodsynopsis>
 <para>If <parameter>s</parameter> is &lt; 1 or &null;, it is &false;.</para>
 <para>Two.</para>
 <screen><![CDATA[
a  <b>
]]></screen>
 <programlisting><![CDATA[<?php f(); ?>]]></programlisting>
</refentry>"""
    assert (
        docbook.reduced(page)
        == "f\n\nDoes a thing\n\nint f string s\n\nIf s is < 1 or null, it is false.\n\nTwo.\n\na  <b>"
    )
    assert docbook.title_of(page) == "f"
    assert docbook.title_of("<title>On &x.y; <b>all</b></title>") == "On all"
    assert docbook.title_of("<para>text</para>") is None


def test_books_are_cut_where_a_paragraph_ends() -> None:
    assert books.pieces(["aaaa", "", " bb\n b ", "cc"], 4) == ["aaaa", "bb b", "cc"]
    assert books.pieces(["a", "b", "c"], 3) == ["a\nb", "c"]
    assert books.pieces([], 3) == []
    body = books.gutenberg_body("x\n*** START OF THIS BOOK ***\ntext\n*** END OF THIS BOOK ***\ny")
    assert body == "\ntext\n"


def test_russian_books_have_the_year_of_a_table(tmp_path: Path) -> None:
    lines = "\n".join(f"Строка {number}." for number in range(3))
    files: dict[str, str | bytes] = {
        "prose/Gogol/Книга.txt": "\ufeff" + lines,
        "prose/Gogol/info.csv": "name,year\nКнига,1833-1834",
        "poems/Blok/Стихи.txt": "\n\n".join(f"Первая\nвторая {number}" for number in range(30)),
        "prose/Gorky/Другая.txt": lines,
    }
    with clone_of(tmp_path, sources.RUSLIT, files) as clone:
        found = {text.key: text for text in books.russian(clone)}
    assert sorted(found) == ["Blok/Стихи/0001", "Gogol/Книга/0001"]
    assert found["Gogol/Книга/0001"] == ("Gogol/Книга/0001", "Николай Гоголь. Книга", lines, "1834")
    assert found["Blok/Стихи/0001"].text.startswith("Первая вторая 0\nПервая вторая 1\n")  # empty lines part paragraphs


def test_news_of_every_source(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("abc/rural.txt", "\n\n".join(f"Line {number}" for number in range(14)).encode("latin-1"))
    with clone_of(tmp_path, sources.ABC, {"packages/corpora/abc.zip": packed.getvalue()}) as clone:
        assert [(text.key, text.text.count("\n")) for text in news.abc(clone, "rural")] == [("0000", 11), ("0001", 1)]
    with clone_of(
        tmp_path, sources.BBC, {"bbc/sport/001.txt": "Head\n\nBody \n\n\n\nend", "bbc/README.txt": ""}
    ) as clone:
        assert list(news.bbc(clone)) == [("sport/001", "Head", "Body\n\nend", "")]
    story = (
        '<REUTERS NEWID="7"><DATE>26-FEB-1987 15:01</DATE><TEXT><TITLE>A &lt;B></TITLE><DATELINE>  X, Feb 26 - '
        '</DATELINE><BODY>Said.\n Reuter\n&#3;</BODY></TEXT></REUTERS>\n<REUTERS NEWID="8"><TITLE>No</TITLE></REUTERS>'
    )
    with clone_of(tmp_path, sources.REUTERS, {"reuters21578/reut2-000.sgm": story}) as clone:
        assert list(news.reuters(clone)) == [("7", "A <B>", "X, Feb 26 - Said.", "1987-02-26")]
    rows = "url,title,text,topic,tags,date\nu,Заголовок,Текст,t,t,2016/09/19\n"
    with clone_of(tmp_path, sources.LENTA, {"notebooks/transfer_learning_hg/lenta_sample.csv": rows}) as clone:
        assert list(news.lenta(clone)) == [("0000", "Заголовок", "Текст", "2016-09-19")]
    stories: dict[str, str | bytes] = {
        "NEREL-v1.1/train/1.txt": "Head\n\nBody",
        "NEREL-v1.1/train/2.txt": "a" * 300 + "\nb",
    }
    with clone_of(tmp_path, sources.NEREL, stories) as clone:
        assert [(text.key, text.title) for text in news.nerel(clone)] == [("1", "Head"), ("2", "")]
    article = json.dumps({"url": "https://x?curid=12", "title": "Name", "body": "\nName\n\nName is one.\n"})
    with clone_of(tmp_path, sources.ENWIKI, {"benches/wiki.json": article + "\n"}) as clone:
        assert list(news.enwiki(clone)) == [("12", "Name", "Name is one.", "")]


def test_short_foreign_and_repeated_documents_are_left_out() -> None:
    english, russian = "word " * 10, "слово " * 10
    given = [("a", "t", english), ("b", "t", english), ("c", "u", english), ("d", "t", "word"), ("e", "t", russian)]
    texts = [documents.Text(*row) for row in given]
    assert [text.key for text in documents.kept(texts, "en")] == ["a", "c"]
    assert [text.key for text in documents.kept(texts, "ru")] == ["e"]


def story_files(count: int) -> dict[str, str | bytes]:
    return {
        f"bbc/tech/{number:03}.txt": f"Head {number}\n\n" + "A story of many words. " * 4 for number in range(count)
    }


def test_a_corpus_is_written_without_the_sources_that_are_missing(tmp_path: Path) -> None:
    plant(tmp_path, sources.BBC, story_files(20))
    plant(tmp_path, sources.ENWIKI, {"benches/wiki.json": "no JSON"})
    out, said = tmp_path / "out", list[str]()
    out.mkdir()
    (out / "corpus-07.jsonl.gz").write_bytes(b"of another run")
    with pytest.raises(clones.NotThere, match=r"written without .*enwiki.*rust-ru"):
        mixed_corpus.build(tmp_path, out, said.append)
    found = records(out / "corpus-00.jsonl.gz")
    assert [path.name for path in out.iterdir()] == ["corpus-00.jsonl.gz"]
    assert f"  bbc: {len(found)} documents" in said and 0 < len(found) < 20
    assert any(line.startswith("  enwiki: left out: not as it was at the named commit") for line in said)
    assert found == sorted(found, key=lambda row: hashlib.sha1(f"order{row['id']}".encode()).digest())
    assert set(found[0]) == {"id", "title", "text", "lang", "source"}
    before = (out / "corpus-00.jsonl.gz").read_bytes()
    with pytest.raises(clones.NotThere):
        mixed_corpus.build(tmp_path, out, said.append)
    assert (out / "corpus-00.jsonl.gz").read_bytes() == before


def test_no_source_at_all_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(clones.NotThere, match="none of the sources"):
        mixed_corpus.build(tmp_path, tmp_path / "out", lambda line: None)
    assert not (tmp_path / "out").exists()


class TestProgram:
    def test_what_is_missing_is_listed_with_the_lines_that_clone_it(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert build.main([str(tmp_path), str(tmp_path / "out"), "--only", "names,lemma"]) == 1
        said = capsys.readouterr().out
        lines = [line for line in said.splitlines() if "git clone" in line]
        assert len(lines) == 5 and "5 repositories are missing" in said
        assert (
            f"  git clone https://github.com/{sources.NAMES.repository} {tmp_path}/steveash+NETransliteration-COLING2018"
            in lines
        )
        assert "names/en-ru.tsv.gz: not built" in said and "corpus" not in said

    def test_another_commit_is_warned_of_and_told_from_the_figures(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        plant(
            tmp_path, sources.NAMES, {"data/wd_russian_80": f"{word('x', True)}\tи м я\t2\n", "data/wd_russian_20": ""}
        )
        assert build.main([str(tmp_path), str(tmp_path / "out"), "--only", "names"]) == 1
        said = capsys.readouterr()
        assert f"has no commit {sources.NAMES.commit[:12]} here" in said.err and "WARNING" in said.out
        assert "names/en-ru.tsv.gz: 1 lines, DIFFERENT from what was measured, which has 82,272" in said.out

    def test_a_file_that_cannot_be_read_stops_only_its_own_step(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        plant(tmp_path, sources.KARTASLOV, {"dataset/orfo_and_typos/orfo_and_typos.L1_5.csv": "a\nno table"})
        plant(
            tmp_path,
            sources.RUSPELLRU,
            {f"{ruspellru.FOLDER}/{name}.txt": "a\n" for name in ("sources", "corrections")},
        )
        assert build.main([str(tmp_path), str(tmp_path / "out"), "--only", "spelling"]) == 1
        assert "NOT WHOLE: not as it was at the named commit: ValueError" in capsys.readouterr().out
        assert (tmp_path / "out" / "spelling" / "ru.ruspellru.sentences.tsv.gz").exists()

    def test_an_unknown_part_is_refused(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            build.main([str(tmp_path), str(tmp_path), "--only", "names,words"])
        assert "no part words; there are lemma, retrieval, spelling, names, corpus" in capsys.readouterr().err

    def test_the_same_content_is_known_however_it_is_packed(self, tmp_path: Path) -> None:
        path = tmp_path / "x.tsv.gz"
        path.write_bytes(gzip.compress(b"a\tb\n1\t2\n", mtime=1))
        digest = hashlib.sha256(b"a\tb\n1\t2\n").hexdigest()[:16]
        assert build.verdict_on(path, 1, digest) == ("1 lines, the same that was measured", True)
        assert build.verdict_on(path, 5, "0" * 16)[1] is False
