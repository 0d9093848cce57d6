"""Searches in a program of asyncio: `NAIDI_INDEX=index_data python asyncio_app.py vaccine WHO`."""

from __future__ import annotations

import asyncio
import os
import sys

from naidi import Results, Searcher, open_index


async def search_all(searcher: Searcher, queries: list[str]) -> list[Results]:
    # A search computes and reads mapped files: in the event loop it would hold up everything else.
    return await asyncio.gather(*(asyncio.to_thread(searcher.search, query, timeout=2) for query in queries))


async def main(queries: list[str]) -> None:
    with open_index(os.environ.get("NAIDI_INDEX", "index_data")) as searcher:
        for results in await search_all(searcher, queries):
            print(f"{results.query}: {results.total}", *(hit.id for hit in results))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
