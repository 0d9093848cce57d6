"""Five fields of every document, for benchmarks of filters: partly what its source says of it, partly drawn by a seed.

team     "rare" for 1 % of the documents, "common" for 50 %; the others have the source that they come from
tags     the source, the language, and up to three of 200 topics, of which the first are the most frequent
price    from 1 to some thousands, with cents; half of them are below MIDDLE_PRICE, a tenth from TENTH_PRICE on
stock    true for 80 %
created  the date of the document with a time of the day, in UTC; two of five documents have none
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.shared.records import Record, rows

RARE, COMMON = "rare", "common"
TOPICS = 200
MIDDLE_PRICE = 100.0
# One of the standard normal distribution in ten is beyond 1.2816.
_SPREAD = 1.0
TENTH_PRICE = 360.0


class Values(NamedTuple):
    """The fields of a document; created: None if it has none."""

    team: str
    tags: tuple[str, ...]
    price: float
    stock: bool
    created: datetime | None

    def given(self) -> dict[str, Any]:
        """As `Document(fields=…)` takes them."""
        return {**self._asdict(), "tags": list(self.tags)}


def load_with_values(corpus: Path, limit: int | None, seed: int) -> tuple[list[Record], list[Values]]:
    """The first `limit` documents of a collection, or all, with their fields. Raises SystemExit where there is none."""
    shards = "corpus-*.jsonl.gz" if any(corpus.glob("corpus-*.jsonl.gz")) else "*.jsonl.gz"
    records, described = [], []
    for row in islice(rows(corpus, shards), limit or None):
        records.append(Record(row["id"], row.get("title") or "", row["text"]))
        described.append({name: row[name] for name in ("source", "lang", "date") if row.get(name)})
    return records, values_of(described, seed)


def values_of(described: Iterable[dict[str, str]], seed: int) -> list[Values]:
    """The fields of documents. described: what each one's source says: source, lang, date (year-month-day)."""
    draw = random.Random(seed)
    return [_values(known, draw) for known in described]


def _values(known: dict[str, str], draw: random.Random) -> Values:
    source = known.get("source", "unknown")
    chance = draw.random()
    team = RARE if chance < 0.01 else COMMON if chance < 0.51 else source
    topics = {f"topic {int(TOPICS * draw.random() ** 3):03}" for _ in range(draw.randrange(4))}
    price = round(1 + (MIDDLE_PRICE - 1) * draw.lognormvariate(0, _SPREAD), 2)
    stock = draw.random() < 0.8
    time = draw.randrange(86_400)
    created = None
    if "date" in known:
        # Of some, the year alone is known, or the month.
        day = datetime.fromisoformat((known["date"] + "-01-01")[:10])
        created = day.replace(hour=time // 3600, minute=time // 60 % 60, second=time % 60, tzinfo=timezone.utc)
    return Values(team, tuple(sorted({source, known.get("lang", "en"), *topics})), price, stock, created)
