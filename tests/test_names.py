"""Do all cases of a name meet under one key, whether the dictionary knows the name or not, and do other names stay apart?

The tables are the specification. `MEET`: the forms of a line have a key in common. `APART`: no two forms of a line have.
A line that begins with XFAIL is a known failure; when it starts to hold, the test says so and the word can go.
"""

from __future__ import annotations

from itertools import combinations

import pytest
from _pytest.mark import ParameterSet
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi.indexer.analysis import keys
from naidi.indexer.analysis.lemmatize.keys import all_keys
from naidi.indexer.analysis.lemmatize.name_cases import nominatives

MEET = """
# -ов, -ев, -ёв: men, women, families
Токаев Токаева Токаеву Токаевым Токаеве
Токаева Токаевой Токаеву Токаев
Ашикбаев Ашикбаева Ашикбаеву Ашикбаевым Ашикбаеве Ашикбаевой Ашикбаевы Ашикбаевых Ашикбаевым Ашикбаевыми
Масимов Масимова Масимову Масимовым Масимове Масимовой
Рыскулбеков Рыскулбекова Рыскулбекову Рыскулбековым Рыскулбекове Рыскулбековой
Тасмагамбетов Тасмагамбетова Тасмагамбетову Тасмагамбетовым Тасмагамбетове
Иванов Иванова Иванову Ивановым Иванове
Иванова Ивановой Иванову
Иванов Ивановы Ивановых Ивановым Ивановыми
Горбачёв Горбачева Горбачёву Горбачевым Горбачёве
Лоссов Лоссова Лоссову Лоссовым Лоссове
Борисов Борисова Борисову Борисовым Борисове

# -ин, -ын; foreign names among them have -ом
Путин Путина Путину Путиным Путине Путиной Путины Путиных
Птицын Птицына Птицыну Птицыным Птицыне Птицыной
Мишустин Мишустина Мишустину Мишустиным Мишустине Мишустиной
Ортин Ортина Ортину Ортиным Ортине Ортиной Ортины Ортиных Ортиными
Бравлин Бравлина Бравлину Бравлином Бравлине
Дарвин Дарвина Дарвину Дарвином Дарвине

# -ский, -цкий, -ой, -ый
Зеленский Зеленского Зеленскому Зеленским Зеленском
Зеленский Зеленская Зеленской Зеленскую Зеленские Зеленских Зеленскими
Троцкий Троцкого Троцкому Троцким Троцком Троцкая Троцкой
Борщевский Борщевского Борщевскому Борщевским Борщевском Борщевская Борщевской Борщевскую
Толстой Толстого Толстому Толстым Толстом Толстая Толстую
Бедный Бедного Бедному Бедным Бедном

# -ян, -ук, -юк, -ич
Саркисян Саркисяна Саркисяну Саркисяном Саркисяне
Агаронян Агароняна Агароняну Агароняном Агароняне
Навасардян Навасардяна Навасардяну Навасардяном Навасардяне
Ковальчук Ковальчука Ковальчуку Ковальчуком Ковальчуке
Стецюк Стецюка Стецюку Стецюком Стецюке
Янукович Януковича Януковичу Януковичем Януковиче
Ибричич Ибричича Ибричичу Ибричичем Ибричиче

# in other consonants
Байден Байдена Байдену Байденом Байдене
Макрон Макрона Макрону Макроном Макроне
Шольц Шольца Шольцу Шольцем Шольце
Трамп Трампа Трампу Трампом Трампе
Гебрейесус Гебрейесуса Гебрейесусу Гебрейесусом Гебрейесусе
Цукерберг Цукерберга Цукербергу Цукербергом Цукерберге
Безос Безоса Безосу Безосом Безосе
Шифлетт Шифлетта Шифлетту Шифлеттом Шифлетте
Квиет Квиета Квиету Квиетом Квиете
Дейгнан Дейгнана Дейгнану Дейгнаном Дейгнане
Фосхайм Фосхайма Фосхайму Фосхаймом Фосхайме
Спайкс Спайкса Спайксу Спайксом Спайксе
Тоденхёфер Тоденхёфера Тоденхефером Тоденхёфере
Круминьш Круминьша Круминьшу Круминьшем Круминьше
Кауц Кауца Кауцу Кауцем Кауце
Рейксач Рейксача Рейксачу Рейксачем Рейксаче

# in a soft consonant, in -й
Гоголь Гоголя Гоголю Гоголем Гоголе
Рингдаль Рингдаля Рингдалю Рингдалем Рингдале
Патюрель Патюреля Патюрелю Патюрелем Патюреле
Ридль Ридля Ридлю Ридлем Ридле
Гайдай Гайдая Гайдаю Гайдаем Гайдае
Маккавей Маккавея Маккавею Маккавеем Маккавее
Априй Априя Априю Априем Априи
Цой Цоя Цою Цоем Цое
XFAIL Меркель Меркеле

# in a vowel
Обама Обамы Обаме Обаму Обамой
Окуджава Окуджавы Окуджаве Окуджаву Окуджавой
Урресола Урресолы Урресоле Урресолу Урресолой
Кногба Кногбы Кногбе Кногбу Кногбой

# undeclined
Шевченко шевченко
Лукашенко лукашенко
Саакашвили саакашвили
Шеварднадзе шеварднадзе
Черных черных
Нурсултанулы нурсултанулы
Абайкызы абайкызы
Ландау ландау

# first names and patronymics
Касым-Жомарт Касым-Жомарта Касым-Жомарту Касым-Жомартом Касым-Жомарте
Жомарт Жомарта Жомарту Жомартом Жомарте
Нурсултан Нурсултана Нурсултану Нурсултаном Нурсултане
Тедрос Тедроса Тедросу Тедросом Тедросе
Иванович Ивановича Ивановичу Ивановичем Ивановиче
Петровна Петровны Петровне Петровну Петровной
Кемелевич Кемелевича Кемелевичу Кемелевичем Кемелевиче
Кемелевна Кемелевны Кемелевне Кемелевну Кемелевной

# English
Tokayev Tokayev's Tokayev’s
Zelenskyy Zelenskyy's
Macron Macron's
O'Brien O'Brien's
Adams Adamses

# where the dictionary takes some cases for those of another word
XFAIL Маск Маска Маску Маском
XFAIL Машин Машина Машиным
XFAIL Борцов Борцова Борцовым
"""

APART = """
Иван Иванова
Иван Ивановой
Иван Ивановых
Иван Иванович
Иван Ивановна
Петр Петровна
Петр Петрович
Николай Николаевич
Кемель Кемелевич
Семен Семенова
Сидор Сидорова
Илья Ильин
Фома Фомин
Никита Никитина
Волк Волкова
Орел Орлова
Сокол Соколова
Король Королева
Пушка Пушкин
Маша Машин
Путь Путин
Зелень Зеленский
Зеленый Зеленский
Токай Токаева
Коваль Ковальчук
Шевченко Шевченков
Гора Горький
Шольц Шольцев
Кауц Кауцкий
Ридль Риддл
Фосхайм Фосхаймер
Adam Adams
John Johnson
Clint Clinton
Robert Roberts
Will Williams
"""


def cases(table: str) -> list[ParameterSet]:
    """The lines as test parameters; XFAIL lines must fail."""
    marked = []
    for line in map(str.strip, table.splitlines()):
        if line and not line.startswith("#"):
            text = line.removeprefix("XFAIL ")
            marks = [pytest.mark.xfail(strict=True, reason="known failure")] if text != line else []
            marked.append(pytest.param(text.split(), id=text, marks=marks))
    return marked


@pytest.mark.parametrize("forms", cases(MEET))
def test_cases_of_a_name_meet(forms: list[str]) -> None:
    assert set.intersection(*(set(keys(form)) for form in forms)), {form: keys(form) for form in forms}


@pytest.mark.parametrize("forms", cases(APART))
def test_other_names_stay_apart(forms: list[str]) -> None:
    shared = {(a, b): set(keys(a)) & set(keys(b)) for a, b in combinations(forms, 2)}
    assert not any(shared.values()), shared


MEN = {
    "hard": ("", "а", "у", "ом", "е"),
    "hushing": ("", "а", "у", "ем", "е"),
    "surname": ("", "а", "у", "ым", "е", "ой", "ы", "ых"),
}
SOFT = {"ь": ("ь", "я", "ю", "ем", "е"), "й": ("й", "я", "ю", "ем", "е")}


@pytest.mark.parametrize(
    ("name", "endings"),
    [
        ("грюнвард", MEN["hard"]),
        ("кшиштопольц", MEN["hushing"]),
        ("зартыжбаев", MEN["surname"]),
        ("кургузбин", MEN["surname"]),
        ("шнаппел", SOFT["ь"]),
        ("бормотуха", SOFT["й"]),
    ],
)
def test_the_endings_lead_to_the_name(name: str, endings: tuple[str, ...]) -> None:
    nominative = name + endings[0]
    assert nominatives(nominative) == ()
    for ending in endings[1:]:
        assert nominative in nominatives(name + ending)


@settings(max_examples=300)
@given(st.text("абвгдежзийклмнопрстуфхцчшщъыьэюя", min_size=1, max_size=14))
def test_a_nominative_is_the_word_without_its_ending(word: str) -> None:
    for name in nominatives(word):
        assert name != word and len(name) <= len(word) and word.startswith(name.rstrip("йь")) and len(name) > 2


def test_an_adjective_is_no_name() -> None:
    for form in ("хрямзистому", "хрямзистую", "хрямзинской", "хрямзистый", "хрямзистых"):
        assert nominatives(form) == ()


def test_a_name_is_no_key_where_the_dictionary_has_it() -> None:
    """Its cases are in the dictionary too, so an unknown word is none of them."""
    assert "кот" not in keys("котей") and "стол" not in keys("столем")


def test_many_names_at_once_have_the_same_keys() -> None:
    words = sorted({word.lower() for table in (MEET, APART) for word in table.split() if "-" not in word})
    assert all_keys(words) == [keys(word) for word in words]
