"""The reader of picture files: the text that is recognised in them, if that is asked for."""

from __future__ import annotations

from .broken_words import join_broken_words
from .content import Content, Source
from .ocr import PICTURE, recogniser
from .page_layout import paragraphs


def read_image(source: Source) -> Content:
    """The text in the picture. Raises ValueError without --ocr, without the command, or for data that is no picture."""
    recognise = recogniser(source.options, source.deadline)
    if recognise is None:
        raise ValueError(PICTURE)
    (text,) = join_broken_words([recognise(source.data)])
    return Content("\n\n".join(paragraphs(block.split("\n")) for block in text.split("\n\n") if block.strip()))
