"""What is written behind the options of `naidi index`, and what it means."""

from __future__ import annotations

import re

import click

from ..messages import message, sentence

DEFAULT_MAX_SIZE = "64M"


def byte_count(context: click.Context, option: click.Parameter, text: str | None) -> int | None:
    """A number of bytes: 500, 64K, 1.5M or 2G. A K has 1,024 bytes."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([kmg]?)", text.strip().lower())
    if found is None:
        raise click.BadParameter(message("{text!r} is no size; write 500K, 64M or 2G", text=text), context, option)
    return int(float(found[1]) * 1024 ** " kmg".index(found[2] or " "))


def comma_list(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...] | None:
    """The values of an option that may be repeated and may have several values with commas between."""
    found = tuple(part.strip() for value in values for part in value.split(",") if part.strip())
    return found or None


def extensions_of(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...] | None:
    """Extensions in lower case, each with its dot: `.foo,.bar`, or `foo,bar`."""
    found = tuple("." + value.lstrip(".").lower() for value in comma_list(context, option, values) or ())
    for one in found:
        if len(one) < 2 or not one.isprintable() or set(one) & set("/*? "):
            raise click.BadParameter(message("{one!r} is no file extension; write .foo,.bar", one=one), context, option)
    return found or None


def ocr_languages(context: click.Context, option: click.Parameter, text: str | None) -> tuple[str, ...] | None:
    from ..readers.ocr import languages

    if text is None or text == "off":
        return None if text is None else ()
    try:
        return languages(text)
    except ValueError as error:
        raise click.BadParameter(sentence(error), context, option) from error


def patterns(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...] | None:
    return values or None
