"""The documentation at one address, searched by naidi itself.

`python docs/site/serve.py` builds the site, indexes its pages and serves both. It needs `pip install -e '.[docs,web]'`. Search is
the page of `naidi serve`, under /search/. What it finds leads to the page of the site, to the section in which the passage stands.
"""

from __future__ import annotations

import argparse
import bisect
import logging
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from naidi import DocumentMissing, open_index, sync

sys.path.insert(0, str(Path(__file__).parent))
from pages import ROOT, page_of, sources, without_targets

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

CONFIG = Path(__file__).parent / "mkdocs.yml"
BUILT = ROOT / "build"
# The folder whose name begins the ids of the pages: "naidi/json.md".
NAME = "naidi"
SEARCH = "search"
_HEADING = re.compile(r"^(?:(```|~~~).*?^\1|#{1,6} +(.*?)(?: +#+)?$)", re.DOTALL | re.MULTILINE)


def build(site: Path) -> None:
    """Build the site into a folder, with the search box. A warning is an error."""
    from mkdocs.commands.build import build as build_site
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort

    os.environ["NAIDI_SEARCH_URL"] = f"{SEARCH}/"
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")  # an advertisement of the theme
    try:
        build_site(load_config(str(CONFIG), site_dir=str(site), strict=True))
    except Abort as error:
        raise SystemExit(f"the site cannot be built: {error}") from error


def index_pages(texts: Path, index: Path) -> None:
    """Bring an index of the pages up to date. `texts`: a folder for their texts."""
    folder = texts / NAME
    there = {folder / page_of(source): without_targets((ROOT / source).read_text("utf-8")) for source in sources()}
    for path, text in there.items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    for path in folder.rglob("*.md"):
        if path not in there:
            path.unlink()
    sync(folder, index)


def headings(markdown: str) -> list[tuple[int, str]]:
    """(where it begins, its anchor) of each heading of a page."""
    from pymdownx.slugs import slugify

    slug, given, found = slugify(case="lower"), set[str](), []
    for match in _HEADING.finditer(markdown):
        if match[1]:
            continue  # code
        name = anchor = slug(match[2], "-")
        number = 0
        while anchor in given:
            number += 1
            anchor = f"{name}_{number}"
        given.add(anchor)
        found.append((match.start(), anchor))
    return found


def address(page: str, text: str = "", at: int = 0) -> str:
    """The path of a page on the site, with the anchor of the section that has the character `at` of its text."""
    path = page.removesuffix(".md")
    path = path.removesuffix("index") if path.split("/")[-1] == "index" else f"{path}/"
    places = headings(text)
    section = bisect.bisect_right(places, at, key=lambda place: place[0]) - 1
    # The first heading is the title: that is the top of the page.
    return f"/{path}#{places[section][1]}" if section > 0 else f"/{path}"


def application(site: Path, index: Path) -> Starlette:
    """The site, and the page of `naidi serve` over the index under /search/."""
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.responses import RedirectResponse
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    from naidi.search.web.app import web_app

    searcher = open_index(index, refresh_every=5)

    def found_page(request: Request) -> Response:
        """What was found is read as a page of the site, not as the text that the index has."""
        doc_id, at = request.path_params["id"], request.query_params.get("at", "")
        try:
            text = searcher.get(doc_id).text or ""
        except DocumentMissing as error:
            raise HTTPException(404, str(error)) from error
        return RedirectResponse(address(doc_id.removeprefix(f"{NAME}/"), text, int(at) if at.isdecimal() else 0), 303)

    return Starlette(
        routes=[
            Route(f"/{SEARCH}/documents/{{id:path}}", found_page),
            Mount(f"/{SEARCH}", web_app(index)),
            Mount("/", StaticFiles(directory=site, html=True)),
        ]
    )


def main() -> None:
    """Build, index, and serve until Ctrl-C."""
    import uvicorn

    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--host", default="127.0.0.1", help="where to listen (%(default)s: this machine alone)")
    options.add_argument("--port", type=int, default=8000, help="%(default)s, or 0 for a free one")
    options.add_argument("--into", type=Path, default=BUILT, help="where site and index are made (%(default)s)")
    asked = options.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")  # what is wrong with a page
    site, texts, index = (asked.into / name for name in ("site", "site-texts", "site-index"))
    build(site)
    index_pages(texts, index)
    uvicorn.run(application(site, index), host=asked.host, port=asked.port)


if __name__ == "__main__":
    main()
