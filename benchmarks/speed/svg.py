"""How is a picture written? The few elements of SVG that a plot needs, as text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"


def element(name: str, content: str = "", **attributes: str | float) -> str:
    """`<name ...>content</name>`; `_` in an attribute's name stands for `-`, at its end for nothing. Content is not escaped."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value) if isinstance(value, str) else f"{value:g}"}"'
        for key, value in attributes.items()
    )
    return f"<{name}{given}>{content}</{name}>" if content else f"<{name}{given}/>"


def text(words: str, x: float, y: float, kind: str = "", *, anchor: str = "start") -> str:
    """A line of text that starts, ends or has its middle at x; its foot is at y. kind: a class of the style."""
    return element("text", escape(words, quote=False), x=round(x, 1), y=round(y, 1), class_=kind, text_anchor=anchor)


def document(width: float, height: float, title: str, style: str, body: Sequence[str]) -> str:
    """The whole file. title: what is read out to those who do not see the picture."""
    return (
        element(
            "svg",
            "\n".join(["", element("title", escape(title)), element("style", style), *body, ""]),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {width:g} {height:g}",
            width=width,
            height=height,
            role="img",
            font_family=FONT,
        )
        + "\n"
    )
