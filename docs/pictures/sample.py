"""The folder over which most pictures are made: the documents of `seeds`, and some letters and notes beside them."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# File -> when it was changed, and what it says.
_TEXTS = {
    "notes/clinic.md": (
        "2025-02-11",
        "# Opening of the clinic\n\n"
        "The new children's clinic opens on 3 March. Vaccination takes place on weekdays from nine to one.\n\n"
        "Two rooms are kept for patients after a vaccination: half an hour of rest, with a nurse near by.\n",
    ),
    "notes/fridge.md": (
        "2025-02-27",
        "# The fridge\n\n"
        "Vaccines must be kept between 2 and 8 °C. The thermometer is read twice a day, and the reading signed.\n\n"
        "If the power fails, do not open the door: vaccines stay cold for six hours.\n",
    ),
    "notes/прививки.md": (
        "2025-03-05",
        "# План прививок на весну\n\n"
        "Прививаем детей от двух лет. Вакцину против кори привезут в среду, двадцать доз.\n\n"
        "После прививки ребёнок остаётся под наблюдением полчаса.\n",
    ),
    "letters/to-the-ministry.txt": (
        "2024-11-19",
        "Request for vaccines\n\nDear Ms Petrova,\n\n"
        "we ask for forty doses of the measles vaccine and for one more refrigerator. Last autumn we vaccinated 312 children.\n",
    ),
    "letters/ответ.txt": (
        "2024-12-02",
        "Ответ на заявку\n\nУважаемые коллеги!\n\n"
        "Вакцины против кори будут поставлены в марте 2025 года. Холодильник выделен, его привезут вместе с вакцинами.\n",
    ),
    "letters/поездка.txt": (
        "2023-06-20",
        "Отчёт о поездке\n\nПосетили три посёлка. Вакцинировано 58 детей и 14 взрослых. Дороги размыты дождём.\n",
    ),
    "stock.csv": (
        "2025-03-07",
        "item,doses,place\nmeasles vaccine,20,fridge 1\nfirst-aid kit,4,shelf\nвакцина против гриппа,35,холодильник 2\n",
    ),
}


def write_sample(folder: Path) -> None:
    """Write the folder, which is not there yet. It is the same wherever it is written, times of files included."""
    shutil.copytree(ROOT / "seeds", folder / "news")
    for name, (day, text) in _TEXTS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        changed = datetime.fromisoformat(day).replace(tzinfo=timezone.utc).timestamp()
        os.utime(path, (changed, changed))
