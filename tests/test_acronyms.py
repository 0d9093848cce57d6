"""Which acronyms does a text define?

The tables are the specification. `DEFINED`: text, then the pairs it defines, as the index stores them. `NOT_DEFINED`: texts that
define nothing.
"""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from naidi.indexer.analysis.acronyms import Definition, definitions, stored

DEFINED = """
# Long form first
Всемирная организация здравоохранения (ВОЗ) сообщила -> ВОЗ: всемирная организация здравоохранения
the World Health Organization (WHO) said -> WHO: world health organization
в Международный валютный фонд (МВФ), где -> МВФ: международный валютный фонд
# Case endings stay: the index knows the lemmas
представителями Всемирной организации здравоохранения (ВОЗ) -> ВОЗ: всемирной организации здравоохранения
офис Содружества Независимых Государств (СНГ) в Минске -> СНГ: содружества независимых государств
many non-governmental organizations (NGOs) -> NGO: non governmental organizations
вместе с Международным валютным фондом (МВФом) -> МВФ: международным валютным фондом
# Acronym first
ВОЗ (Всемирная организация здравоохранения) сообщила -> ВОЗ: всемирная организация здравоохранения
the WHO (World Health Organization) said -> WHO: world health organization
WHO (World Health Organization, Geneva) -> WHO: world health organization
XML (англ. Extensible Markup Language — расширяемый язык разметки) -> XML: extensible markup language
DNS (short for domain name system) -> DNS: domain name system
# Introduced
Всемирная организация здравоохранения (далее — ВОЗ) -> ВОЗ: всемирная организация здравоохранения
Всемирная организация здравоохранения (далее ВОЗ) -> ВОЗ: всемирная организация здравоохранения
Всемирная организация здравоохранения (далее также «ВОЗ») -> ВОЗ: всемирная организация здравоохранения
Всемирная организация здравоохранения (сокр. ВОЗ) -> ВОЗ: всемирная организация здравоохранения
Всемирная организация здравоохранения (сокращенно – ВОЗ) -> ВОЗ: всемирная организация здравоохранения
Всемирная организация здравоохранения (ВОЗ, англ. WHO) -> ВОЗ: всемирная организация здравоохранения
the World Health Organization (the "WHO") -> WHO: world health organization
the World Health Organization (hereinafter WHO) -> WHO: world health organization
# Quotes, marks and line ends
«Всемирная организация здравоохранения» (ВОЗ) -> ВОЗ: всемирная организация здравоохранения
- **ETL** (Event Trace Log) is -> ETL: event trace log
**World Health Organization** (**WHO**) -> WHO: world health organization
World Health¶Organization (WHO) -> WHO: world health organization
ВСЕМИРНАЯ ОРГАНИЗАЦИЯ ЗДРАВООХРАНЕНИЯ (ВОЗ) -> ВОЗ: всемирная организация здравоохранения
the International Monetary Fund's (IMF) forecast -> IMF: international monetary fund
# Small words are skipped or counted
Организация по безопасности и сотрудничеству в Европе (ОБСЕ) -> ОБСЕ: организация по безопасности и сотрудничеству в европе
Министерство образования и науки (МОН) -> МОН: министерство образования и науки
Organisation of the Petroleum Exporting Countries (OPEC) -> OPEC: organisation of the petroleum exporting countries
by the US Department of Defense (DoD) -> dod: department of defense
what you see is what you get (WYSIWYG) -> wysiwyg: what you see is what you get
налог на добавленную стоимость (НДС) -> НДС: налог на добавленную стоимость
# Hyphens, commas
Азиатско-Тихоокеанское экономическое сотрудничество (АТЭС) -> АТЭС: азиатско тихоокеанское экономическое сотрудничество
Massively-Parallel Processing (MPP) -> MPP: massively parallel processing
Ministry of Economy, Trade and Industry (METI) -> METI: ministry of economy trade and industry
# Letters from inside words
Extensible Markup Language (XML) -> XML: extensible markup language
HyperText Markup Language (HTML) -> HTML: hypertext markup language
Common Business-Oriented Language (COBOL) -> COBOL: common business oriented language
Международное агентство по атомной энергии (МАГАТЭ) -> МАГАТЭ: международное агентство по атомной энергии
antibodies and deoxyribonucleic acid (DNA) -> DNA: deoxyribonucleic acid
National Aeronautics and Space Administration (NASA) -> NASA: national aeronautics and space administration
Credential Security Service Provider (CredSSP) -> credssp: credential security service provider
North Atlantic Treaty Organization (NATO) -> NATO: north atlantic treaty organization
scripts in JavaScript (JS) -> JS: javascript
# Two acronyms in one bracket
Министерство внутренних дел Республики Казахстан (МВД РК) -> МВД: министерство внутренних дел; РК: республики казахстан
Министерство иностранных дел РФ (МИД РФ) -> МИД: министерство иностранных дел
# Digits
password-based key derivation function 2 (PBKDF2) -> pbkdf2: password based key derivation function 2
# Twice in a text, and two in a text
World Health Organization (WHO). World Health Organization (WHO) -> WHO: world health organization
World Bank (WB) and the Moscow Exchange Index (MEI) -> WB: world bank; MEI: moscow exchange index
"""

NOT_DEFINED = """
the thing (API)
выступил министр (МИД)
организация здравоохранения (ВОЗ)
foo(ABC) and World Health Organization(WHO)
World Health. Organization (WHO)
World Health¶¶Organization (WHO)
World Health (see below) Organization (WHO)
The value must be set (TRUE)
Louis the Great (XIV)
according to Reuters (NYSE)
Vladimir Putin (TASS)
Kazakhstan Today (АСТАНА)
Azure Kubernetes (AKS)
a unique id (UUID)
mqseries_put (MQPUT)
World Health Organization (who)
World Health Organization (2020)
World Health Organization (WHO
ООН (см. раздел о здравоохранении)
WHO (we opened)
WHO (who has opened)
ВОЗ (в отличие здесь)
США (Соединенное Королевство)
Минздрав (МЗ РК)
Research and Development (R&D)
()
"""


def rows(table: str) -> list[str]:
    return [line.replace("¶", "\n") for line in table.strip().splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("row", rows(DEFINED))
def test_defined(row: str) -> None:
    text, _, pairs = row.partition(" -> ")
    expected = [tuple(pair.split(": ")) for pair in pairs.split("; ")]
    assert [stored(found) for found in definitions(text)] == expected


@pytest.mark.parametrize("text", rows(NOT_DEFINED))
def test_not_defined(text: str) -> None:
    assert definitions(text) == []


def test_a_long_form_is_told_as_written_with_single_blanks() -> None:
    text = "в  «Шанхайской\nорганизации   сотрудничества» (ШОС)"
    assert definitions(text) == [Definition("ШОС", "Шанхайской организации сотрудничества")]


def test_a_long_form_has_no_more_words_than_its_letters_allow() -> None:
    # min(2 + 5, 2 * 2) words for two letters.
    assert definitions("Alpha of the Beta (AB)") == [Definition("AB", "Alpha of the Beta")]
    assert definitions("Alpha of the and Beta (AB)") == []


@given(st.text(st.sampled_from("AБcд ()-,.«»\n'1&"), max_size=60))
@example("(AA) (BB (CC))")
def test_any_text_is_read(text: str) -> None:
    for acronym, long_form in definitions(text):
        assert acronym and long_form
        assert long_form in " ".join(text.split())


@pytest.mark.parametrize(
    "piece", ["(", "A (", "AA (", "(AA) ", "A a ", "A-", " ()", "AB (A b ", "A b (AB) ", "далее ", "(далее ", "XX (от "]
)
def test_time_is_linear(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    started = time.thread_time()
    definitions(text)
    assert time.thread_time() - started < 3


@pytest.mark.parametrize(
    "text", ["WHO (from the )", "ВОЗ (сокр. от )", "The WHO (the or the ) says", "WHO (from the “ )"]
)
def test_a_bracket_that_only_introduces_a_long_form_defines_nothing(text: str) -> None:
    """Such a text ended the whole run of `naidi index`."""
    assert not list(definitions(text))
