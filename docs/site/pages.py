"""Which pages has the site, and where does each link lead? A hook of mkdocs.

The pages are the Markdown files of docs/ and some of the folder above, which are read on GitHub too. So a link is written as GitHub
takes it, from file to file. Here it leads to the page made of that file, or to the file in the repository where it is no page.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
REPOSITORY = "https://github.com/naidi-search/naidi"
# Pages whose files stand beside docs/: file in the repository -> page of the site.
ABOVE = {
    "README.md": "index.md",
    "README.ru.md": "ru/index.md",
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
_PICTURE = re.compile(r'(<img src=")([^"]+)(")')
_LINK = re.compile(r"(\]\()([^)\s]+)(\))")
_WHOLE_LINK = re.compile(r"\[([^\]]*)\]\([^)\s]+\)")
_ALTERNATE = re.compile(r'<link rel="alternate"[^>]*>')
_ITEM = re.compile(r"(- |\d+\. )")
# A list in a list: Python-Markdown wants four blanks, GitHub takes two.
_LIST_IN_LIST = re.compile(r"^  (?=- |\d\. )", re.MULTILINE)


def page_of(source: str) -> str:
    """The page of the site that is made of a file of the repository, whether it is a page or not: "README.md" -> "index.md"."""
    return ABOVE.get(source, posixpath.relpath(source, "docs"))


def sources() -> list[str]:
    """The files of the repository that are pages of the site."""
    below = (path.relative_to(ROOT).as_posix() for path in sorted((ROOT / "docs").glob("**/*.md")))
    return [*ABOVE, *(path for path in below if not path.startswith("docs/site/"))]


def source_of(page: str) -> str:
    """The file of the repository that a page is made of."""
    return next((source for source, of in ABOVE.items() if of == page), f"docs/{page}")


def outside_code(markdown: str, change: Callable[[str], str]) -> str:
    """The text with all changed but its fenced blocks."""
    pieces, end = [], 0
    for code in _FENCE.finditer(markdown):
        pieces += [change(markdown[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*pieces, change(markdown[end:])])


def without_targets(markdown: str) -> str:
    """The text of a page as it is read: of a link, what it says."""
    return outside_code(markdown, lambda text: _WHOLE_LINK.sub(r"\1", text))


def relinked(markdown: str, page: str) -> str:
    """The text of a page with links as the site has them, and lists as GitHub sees them. Code stays as it is."""
    source, home = source_of(page), posixpath.dirname(page)

    def link(found: re.Match[str]) -> str:
        target = found[2]
        if target.startswith("#") or re.match(r"\w+:", target):
            return found[0]
        path, _, anchor = target.partition("#")
        file = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        if file in ABOVE or file.startswith("docs/"):
            leads = posixpath.relpath(page_of(file), home or ".")
        elif (ROOT / file).exists():
            kind = "tree" if (ROOT / file).is_dir() else "blob"
            leads = f"{REPOSITORY}/{kind}/main/{file}"
        else:
            leads = target  # mkdocs says that it leads nowhere
        return f"{found[1]}{leads}{'#' + anchor if anchor else ''}{found[3]}"

    def picture(found: re.Match[str]) -> str:
        # mkdocs leaves HTML as it is, and gives each page but an index a folder of its own.
        assert posixpath.basename(page) == "index.md", (
            f"{source}: a picture in HTML, which leads from a start page alone"
        )
        return link(found)

    def changed(text: str) -> str:
        return _PICTURE.sub(picture, _LIST_IN_LIST.sub("    ", _list_apart(_LINK.sub(link, text))))

    return outside_code(markdown, changed)


def _list_apart(text: str) -> str:
    """A block of lines that begins with no list and goes on with one: two blocks on GitHub, and only with an empty line here."""
    lines = [""]
    in_list = False
    for line in text.split("\n"):
        begins = bool(_ITEM.match(line))
        if begins and not in_list and lines[-1]:
            lines.append("")
        in_list = begins or (in_list and bool(lines[-1]))
        lines.append(line)
    return "\n".join(lines[1:])


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages whose files stand beside docs/."""
    from mkdocs.structure.files import File

    for source, page in ABOVE.items():
        if (ROOT / source).exists():
            files.append(File.generated(config, page, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Have links lead to pages."""
    return relinked(markdown, page.file.src_uri)


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Say in which language a page is: the theme knows one for all, and takes the start pages for translations of every page."""
    output = _ALTERNATE.sub("", output)
    if not page.file.src_uri.startswith("ru/"):
        return output
    return output.replace('<html lang="en"', '<html lang="ru"', 1).replace("Table of contents", "Содержание")
