"""Words of the names of files and folders: what is searched of a path, and whether a name is good enough for a title."""

from __future__ import annotations

import re
from functools import lru_cache

# "readMe2", "HTTPServer": a small letter or a digit before a capital one, and capitals before a capitalised word.
_CAMEL = re.compile(r"(?<=[^\W\d_A-ZА-ЯЁ])(?=[A-ZА-ЯЁ])|(?<=[A-ZА-ЯЁ])(?=[A-ZА-ЯЁ][a-zа-яё])")
_CAMEL_CASE = re.compile(r"[^\W\d_]*[a-zа-яё][A-ZА-ЯЁ][^\W\d_]*")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# Letters and digits of a digest or another made-up name; a number that only counts: "001", "12".
_MADE_UP = re.compile(r"(?=\S*[0-9])(?=\S*[a-f])[0-9a-f]{8,}|0[0-9]*|[0-9]{1,3}", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(?=\S*[^\W\d_])[^\W_]{1,10}")
# A name of a web page: "how-to-cook".
_SLUG = re.compile(r"[^\W_A-ZА-ЯЁ]+(?:-[^\W_A-ZА-ЯЁ]+)+")
# A number at the start of a name that only counts: "03 ", "7. ", "(2) ".
_COUNTED = re.compile(r"^(?:0[0-9]*|[0-9]{1,3}[.)\]]|[(\[][0-9]{1,3}[)\]])[\s.)\]-]+(?=\S*[^\W\d_])")
_LONGEST_PATH = 4_096

# Names that say what a file is, and not what it is about. In lower case.
_GENERIC_WORDS = """
    untitled document doc file text txt new copy draft note notes page scan image img dsc photo pic picture video audio readme index
    main default test temp tmp data report output backup chapter part section content contents letter message mail inbox download
    todo changelog license scanned unnamed noname misc other readme_first screenshot
    без названия имени документ док файл текст новый копия черновик заметка заметки страница скан фото снимок рисунок изображение
    видео аудио индекс тест данные отчёт отчет глава часть раздел содержание письмо сообщение безымянный новая папка скриншот
"""
_GENERIC = frozenset(_GENERIC_WORDS.split())


@lru_cache(1_000)  # the words, the title and the day of a name are asked for one after another
def stem_of(name: str) -> str:
    """The name of a file without its extension, or without two of them: "notes.tar.gz" is "notes"."""
    for _ in range(2):
        dot = name.rfind(".")
        if dot <= 0 or not _EXTENSION.fullmatch(name, dot):
            break
        name = name[:dot]
    return name


@lru_cache(10_000)  # many files lie in one folder
def words_of(name: str) -> str:
    """The words of a name with single blanks between them; numbers that only count, and digests, are left out.

    One in camel case stands there whole and in parts.
    """
    parts = [
        part
        for word in _WORD.findall(name)
        for part in ((word, *_CAMEL.split(word)) if _CAMEL_CASE.search(word) else (word,))
        if not _MADE_UP.fullmatch(part)
    ]
    return " ".join(parts)


@lru_cache(1_000)  # asked for each row of a table
def searched_names(path: str, part: str = "") -> tuple[str, str]:
    """(the words of the file's own name, those of the folders above it), a line for each name.

    If the file's own name has no words, as "001.txt", the nearest folder that has some gives them.

    Parameters:
      path: below the folder that is indexed, with "/" between names.
      part: the name of a part inside the file, as the path of a member of an archive; empty if there is none.
    """
    *folders, name = path[-_LONGEST_PATH:].split("/")
    names = [*map(words_of, folders), words_of(stem_of(name))]
    if part:
        *folders, name = part[-_LONGEST_PATH:].split("/")
        names += [*map(words_of, folders), words_of(stem_of(name))]
    names = [each for each in names if each]
    own = max((place for place, each in enumerate(names) if any(map(str.isalpha, each))), default=len(names) - 1)
    return (names.pop(own), "\n".join(names)) if names else ("", "")


def title_from_name(name: str) -> str:
    """The title that the name of a file makes; empty if it says too little: "001_x", "IMG_2034", "untitled", "документ (1)".

    It does if it has several words, or one that is neither generic nor short.
    """
    stem = stem_of(name)
    shown = stem if " " in stem.strip() else stem.replace("_", " ")
    if _SLUG.fullmatch(shown):
        shown = shown.replace("-", " ")
    shown = _COUNTED.sub("", " ".join(shown.split()))
    words = [word.lower() for word in _WORD.findall(shown) if not _MADE_UP.fullmatch(word)]
    telling = [word for word in words if word not in _GENERIC and any(map(str.isalpha, word))]
    return shown if any(len(word) > 3 for word in telling) or len(telling) > 2 else ""
