"""Which language a text is in: sentences of many languages, mixed texts, and texts with nothing to go by."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi.indexer import core
from naidi.indexer.analysis import language
from naidi.indexer.analysis.bulk.languages import detect_languages
from naidi.indexer.analysis.language import detect_language

SENTENCES = """
en  The president met the director of the World Health Organization, and they discussed the pandemic.
en  Returns the number of items that were added to the list.
en  CHAPTER ONE. Loomings
en  vaccine
en  WHO
en  covid 19 vaccine
ru  Президент встретился с директором Всемирной организации здравоохранения, они обсудили пандемию.
ru  вакцина
ru  президент Токаев
ru  Нур-Султан
ru  Объём съезда объявили подъездам
ru  Съ утра онъ сидѣлъ въ своей комнатѣ и писалъ письма къ друзьямъ. Всѣ были довольны, ѣхать рѣшили лѣтомъ.
uk  Президент України зустрівся з представниками Всесвітньої організації охорони здоров'я та обговорив її діяльність.
uk  Київ
be  Прэзідэнт Беларусі сустрэўся з генеральным дырэктарам Сусветнай арганізацыі аховы здароўя.
kk  Қазақстан Республикасының Президенті Дүниежүзілік денсаулық сақтау ұйымының бас директорымен кездесті.
ky  Кыргыз Республикасынын Президенти Дүйнөлүк саламаттык сактоо уюмунун башкы директору менен жолукту. Өлкөнүн күнү.
tt  Татарстан Президенты Бөтендөнья сәламәтлек саклау оешмасы генераль директоры белән очрашты. Җәмгыять өчен әһәмиятле.
ba  Башҡортостан Республикаһы Башлығы Бөтә донъя һаулыҡ һаҡлау ойошмаһы етәксеһе менән осрашты, улар ҙур эш тураһында һөйләште.
mn  Монгол Улсын Ерөнхийлөгч Дэлхийн эрүүл мэндийн байгууллагын ерөнхий захиралтай уулзлаа.
tg  Президенти Ҷумҳурии Тоҷикистон бо директори генералии Созмони умумиҷаҳонии тандурустӣ мулоқот кард.
sr  Председник Републике разговарао је са директором Светске здравствене организације. Они су се сложили да ће помоћ већ стићи.
mk  Претседателот на Македонија се сретна со генералниот директор на Светската здравствена организација. Ќе соработуваат.
bg  Президентът на България се срещна с генералния директор на Световната здравна организация.
bg  Той заяви, че държавата ще продължи да работи, и благодари на лекарите, които са спасили много хора.
de  Der Präsident hat sich mit dem Generaldirektor der Weltgesundheitsorganisation getroffen und über die Pandemie gesprochen.
de  Das ist ein kurzer Text, und er ist nicht auf Englisch.
fr  Le président a rencontré le directeur général de l'Organisation mondiale de la santé pour parler de la pandémie.
es  El presidente se reunió con el director general de la Organización Mundial de la Salud para hablar de la pandemia.
it  Il presidente ha incontrato il direttore generale dell'Organizzazione mondiale della sanità per parlare della pandemia.
nl  De president heeft de directeur van de organisatie ontmoet om over de pandemie te praten.
pl  Prezydent spotkał się z dyrektorem generalnym Światowej Organizacji Zdrowia, aby porozmawiać o pandemii.
tr  Cumhurbaşkanı, Dünya Sağlık Örgütü genel direktörü ile görüştü ve salgın hakkında konuştu.
id  Presiden bertemu dengan direktur organisasi untuk membahas pandemi yang sedang berlangsung di dalam negeri.
el  Ο πρόεδρος συναντήθηκε με τον γενικό διευθυντή του Οργανισμού.
he  הנשיא נפגש עם מנכ״ל ארגון הבריאות העולמי
ka  პრეზიდენტი შეხვდა ორგანიზაციის დირექტორს
hy  Նախագահը հանդիպեց կազմակերպության տնօրենին
zh  总统会见了世界卫生组织总干事，讨论了疫情。
ja  大統領は世界保健機関の事務局長と会談した。
ko  대통령이 세계보건기구 사무총장을 만났다.
fa  این یک متن فارسی است که برای آزمایش نوشته شده است
und 123 456, 7.8 %
und ... — !?
und 2021-05-29
"""
TABLE = [(line[:4].strip(), line[4:]) for line in SENTENCES.strip().splitlines()]


@pytest.mark.parametrize("code, text", TABLE)
def test_sentences(code: str, text: str) -> None:
    assert detect_language(text) == code


@pytest.mark.parametrize("text", ["", " \n\t ", "\u200b", "\0", "\ufffd\ufffd"])
def test_nothing_to_go_by(text: str) -> None:
    assert detect_language(text) == "und"


def test_the_majority_of_letters_decides() -> None:
    english = "The committee was informed about the results of the vaccination and of its costs. "
    russian = "Комиссии сообщили о результатах вакцинации и о расходах на неё в этом году. "
    assert detect_language(english * 3 + russian) == "en"
    assert detect_language(russian * 3 + english) == "ru"


def test_names_and_code_do_not_make_a_russian_text_english() -> None:
    assert detect_language("Класс ZookeeperMarshallingException: обработка ошибок Client Server API") == "ru"
    code = "```\nfor the item in the list that was sorted by the key: this is not the end of the loop\n```\n"
    assert detect_language("Пример показывает цикл.\n" + code * 3) == "ru"
    assert detect_language("Смотрите https://example.com/the/of/and/to/is/that_we_have_been_with_this_for") == "ru"


def test_two_per_cent_of_foreign_letters_are_too_many_for_russian() -> None:
    assert detect_language("о" * 99 + "і") == "ru"
    assert detect_language("о" * 97 + "іїє") == "uk"


def test_english_is_told_without_langdetect(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("langdetect", "langdetect.lang_detect_exception"):
        monkeypatch.setitem(sys.modules, name, None)  # type: ignore[arg-type]  # importing it now fails
    with pytest.raises(ImportError):
        detect_language("Der Hund und die Katze sind nicht in dem Haus, und das ist auch gut für die Leute.")
    for code, text in TABLE:
        if code in {"en", "ru", "uk", "kk", "bg", "und"}:
            assert detect_language(text) == code


def test_the_same_answer_each_time_and_in_every_thread() -> None:
    text = {sentence: code for code, sentence in TABLE}
    foreign = [sentence for sentence, code in text.items() if code in {"de", "pl", "tr", "fr"}]
    answers: list[list[str]] = []
    threads = [threading.Thread(target=lambda: answers.append([detect_language(x) for x in foreign])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [[text[x] for x in foreign]] * 4


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    code = detect_language(text)
    assert code.isalpha() and 2 <= len(code) <= 3
    assert detect_language(text) == code


@pytest.mark.parametrize("piece", ["a", "я ", "x1", "слово", "the of and ", "ә", " ", "é", "漢"])
def test_time_does_not_depend_on_length(piece: str) -> None:
    detect_language("été à l'école")  # loads the profiles
    text = piece * (5_000_000 // len(piece))
    start = time.process_time()
    detect_language(text)
    assert time.process_time() - start < 0.2


@pytest.mark.slow
def test_many_texts_at_once_have_the_answers_of_each() -> None:
    sentences = [sentence for _, sentence in TABLE]
    texts = [
        *sentences,
        "",
        " ",
        "\0",
        "съ утра ъ",
        "ʼ the of and",
        "for the item\n```\nкод и слова\n```\n",
        "...,,,!",
        "1 2",
    ]
    texts += [
        f"{one}{gap}{other}" for one in sentences for other in sentences[::7] for gap in (" ", "\u2003", ".", "✅ ")
    ]
    texts += [f"({sentence.upper()})... " * 3 for sentence in sentences]
    assert detect_languages(texts) == [detect_language(text) for text in texts]
    assert detect_languages([]) == []


@given(st.lists(st.text(alphabet="the of and и в.,-«» éъыeüʼ漢\u2003`"), max_size=5))
def test_any_texts_at_once(texts: list[str]) -> None:
    assert detect_languages(texts) == [detect_language(text) for text in texts]


@given(
    st.lists(
        st.text(max_size=30) | st.sampled_from(["ъ", "объём", "İ der", "the of and", "Ъ е", "ﬁ", "\ud800", "µ"]),
        max_size=9,
    )
)
def test_any_characters_at_once(pieces: list[str]) -> None:
    text = " ".join(pieces)
    assert detect_languages([text, *pieces]) == [detect_language(one) for one in [text, *pieces]]


@pytest.mark.skipif(not core.is_used, reason="the core was not built, or NAIDI_PURE switches it off")
def test_the_core_counts_words_and_letters() -> None:
    from naidi._core import CommonWords

    def counts(text: str) -> list[int]:
        return np.frombuffer(common.count([text]), np.int64).tolist()  # type: ignore[no-any-return]

    common = CommonWords({"the": 1, "die": 3, "où": 2}, ".,()«»")
    assert counts("The (the), die. Où x1 a.b кот «Ёж»") == [6, 16, 5, 3, 2, 1, 0]
    assert counts("") == [0] * 7 == counts(" ... 12 a-b")
    assert counts("съел съ 漢")[6] == 1 == counts("съ")[6] and counts("съел")[6] == 0
    with pytest.raises(ValueError, match="common word"):
        CommonWords({"x" * 17: 1}, "")
    with pytest.raises(ValueError, match="common word"):
        CommonWords({"x": 4}, "")
    with pytest.raises(ValueError, match="edges"):
        CommonWords({}, "." * 65)
    with pytest.raises(TypeError):
        common.count([b"a"])  # type: ignore[list-item]


def test_importing_loads_no_profiles() -> None:
    code = "import sys, naidi.indexer.analysis.language as m; m.detect_language('Это текст.'); print('langdetect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_profiles_are_those_of_langdetect() -> None:
    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory

    plain = DetectorFactory()
    plain.load_profile(PROFILES_DIRECTORY)
    ours = language._detectors()
    assert ours.langlist == plain.langlist
    assert all(ours.word_lang_prob_map[ngram] == row for ngram, row in plain.word_lang_prob_map.items())
    for ngram in ("", "xqz", "qqqq"):
        assert ngram not in plain.word_lang_prob_map
        assert ngram not in ours.word_lang_prob_map
        with pytest.raises(KeyError):
            ours.word_lang_prob_map[ngram]
