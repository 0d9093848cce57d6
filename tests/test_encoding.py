"""Bytes to text: every encoding that Russian and English files are met in."""

from __future__ import annotations

import contextlib
import random
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi.indexer.readers.encoding import UndecodableBytes, check_start, decode

RUSSIAN = """
Первый заместитель министра иностранных дел встретился с представителями Всемирной организации здравоохранения. Стороны
обменялись мнениями по ключевым направлениям сотрудничества: было отмечено снижение распространённости заболеваний на 25 %,
а также увеличение средней продолжительности жизни. Ещё один вопрос — подготовка врачей, объём которой вырос; «Мы ждём
съезда», — сказал Юрий Щукин. Летом в горах бывает холодно, и лыжники из Алматы едут туда на поезде. Цена билета № 7 та же.
Эхо шагов затихло, жёлтый фонарь над крыльцом погас. Хозяйка поставила чайник, нарезала хлеб и позвала детей к столу.
""".strip()
WORDS = RUSSIAN.split()
CODEPAGES = ("cp1251", "koi8-r", "cp866")


def passages(letters: int) -> list[str]:
    """Runs of whole words of RUSSIAN with at least so many letters; the fewer the longer they are."""
    chosen = random.Random(letters)
    found = []
    for _ in range(max(1, 2000 // letters)):
        start = chosen.randrange(len(WORDS))
        passage: list[str] = []
        length = 0
        while length < letters:
            passage.append(WORDS[start % len(WORDS)])
            length += sum(map(str.isalpha, passage[-1]))
            start += 1
        found.append(" ".join(passage))
    return found


@pytest.mark.parametrize("codepage", CODEPAGES)
@pytest.mark.parametrize("letters", [20, 30, 60, 200, 1000, 20_000])
@pytest.mark.parametrize("case", [str, str.lower, str.upper])
def test_russian_code_pages(codepage: str, letters: int, case: type[str]) -> None:
    for passage in passages(letters):
        data = case(passage).encode(codepage, "ignore")
        assert decode(data) == (data.decode(codepage), codepage, 0)


@pytest.mark.parametrize("codepage", CODEPAGES)
def test_a_few_letters_are_mostly_enough(codepage: str) -> None:
    words = [word for word in WORDS if sum(map(str.isalpha, word)) >= 6]
    right = sum(decode(word.encode(codepage, "ignore")).encoding == codepage for word in words)
    assert right >= 0.95 * len(words)


@pytest.mark.parametrize("codepage", CODEPAGES)
def test_a_russian_word_in_an_english_text(codepage: str) -> None:
    text = "The newspaper is called Правда, which means truth. " + "It was founded long ago. " * 30
    assert decode(text.encode(codepage)) == (text, codepage, 0)


def test_russian_far_behind_the_start() -> None:
    text = "0123456789\n" * 200_000 + "Конец файла"
    assert decode(text.encode("koi8-r")) == (text, "koi8-r", 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_unicode_round_trip(encoding: str, text: str) -> None:
    if not text.startswith("\ufeff"):
        assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize("mark, encoding", [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
def test_utf_16_of_both_byte_orders(mark: bytes, encoding: str) -> None:
    assert decode(mark + RUSSIAN.encode(encoding)) == (RUSSIAN, encoding, 0)
    assert decode(mark + "слово\ufffd".encode(encoding)).bad == 0, "a replacement character of the author's own"
    assert decode(mark + "слово".encode(encoding) + b"\x20") == ("слово\ufffd", encoding, 1)


ENGLISH = "It’s a file that Notepad wrote as “Unicode”;\r\nnobody gave it a mark: £5 — or €6.\r\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [RUSSIAN, ENGLISH, "Два слова", "id;имя\r\n1;кот\r\n", ENGLISH * 2_000])
def test_utf_16_without_a_byte_order_mark(encoding: str, text: str) -> None:
    check_start(text.encode(encoding))
    assert decode(text.encode(encoding)) == (text, encoding, 0)


@pytest.mark.parametrize("dtype", ["<u2", ">u2", "<i2", "<u4", ">u4", "<f4"])
def test_numbers_are_no_utf_16(dtype: str) -> None:
    numbers = np.random.default_rng(0)
    for most in (3, 60, 250, 1_100):
        with pytest.raises(UndecodableBytes):
            decode(numbers.integers(0, most, 5_000).astype(dtype).tobytes())
    letters = np.frombuffer(b"abc" * 500, np.uint8).astype("<u4").tobytes()
    with pytest.raises(UndecodableBytes, match=r"^binary file$"):
        decode(letters)


@pytest.mark.parametrize(
    "text, encoding",
    [
        ("“Don’t,” he said — it’s a café.", "cp1252"),
        ("It costs £5 — or €6", "cp1252"),
        ("naïve", "latin-1"),
        ("Le garçon a été à l'école où il a mangé une crêpe près de la forêt.", "cp1252"),
        ("Größe und Länge der Straße überprüfen", "cp1252"),
        ("Zażółć gęślą jaźń, proszę państwa, idziemy dalej do domu.", "cp1250"),
    ],
)
def test_latin_letters(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text


def test_utf_8_cut_inside_a_character() -> None:
    data = RUSSIAN.encode()
    for end in range(2, 40):
        whole = data[:end].decode("utf-8", "ignore")
        assert decode(data[:end])[:2] == (whole, "utf-8")
        assert decode(data[:end]).bad == (len(whole.encode()) < end)
    assert decode("it’s".encode()[:-2]) == ("it", "utf-8", 1)
    assert decode(b"caf\xe9").text == "café", "one odd byte behind plain ASCII is no cut sequence"


def test_a_damaged_byte_in_utf_8_is_replaced_and_counted() -> None:
    data = RUSSIAN.encode()
    middle = len(RUSSIAN[:100].encode())
    text, encoding, bad = decode(data[:middle] + b"\xff" + data[middle:])
    assert (text, encoding, bad) == (RUSSIAN[:100] + "\ufffd" + RUSSIAN[100:], "utf-8", 1)
    english = "It’s “fine” — really. ".encode()
    assert decode(english + b"\xe9" + english)[1:] == ("utf-8", 1)


@pytest.mark.parametrize(
    "data",
    [b"\0", b"text\0text", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", RUSSIAN.encode("utf-32-le"), bytes(range(1, 32)) * 3],
)
def test_binary(data: bytes) -> None:
    with pytest.raises(UndecodableBytes, match=r"^binary file$"):
        decode(data)


def test_no_encoding_fits() -> None:
    noise = random.Random(0)
    with pytest.raises(UndecodableBytes, match=r"^unknown encoding$"):
        decode(bytes(noise.choice([*range(0x80, 0x100), 0x20]) for _ in range(2000)))


@given(st.binary(max_size=200))
def test_any_bytes_give_text_or_a_reason(data: bytes) -> None:
    try:
        text, encoding, bad = decode(data)
    except UndecodableBytes as error:
        assert str(error) in {"binary file", "unknown encoding"}
    else:
        text.encode()
        assert encoding and bad >= 0


def test_form_feeds_and_escapes_are_text() -> None:
    assert decode(b"page one\n\f page two \x1b[1mbold\x1b[0m\x1a").encoding == "utf-8"


@pytest.mark.parametrize("piece", [b"\xf1\xeb\xee\xe2\xee ", b"\xe9", "слово ".encode(), b"a", b"a\xe9", b"\xd1 "])
def test_time_is_linear(piece: bytes) -> None:
    data = piece * (5_000_000 // len(piece))
    start = time.process_time()
    with contextlib.suppress(UndecodableBytes):
        decode(data)
    assert time.process_time() - start < 2
