"""The reader of ZIP archives: each member of a known format is a part."""

from __future__ import annotations

from collections.abc import Iterator

from ...messages import message, sentence
from ..content import Content, Source
from ..nested import Inside, contents_of
from ..unpacking import OutOfTime, TooLarge, renamed
from ..zip_file import MAX_MEMBERS, ZipFile, open_zip

# What a ZIP file without a telling name may be: the member that shows it, and the extension of the format.
_DOCUMENTS = (
    ("word/document.xml", ".docx"),
    ("ppt/presentation.xml", ".pptx"),
    ("xl/workbook.xml", ".xlsx"),
    ("META-INF/container.xml", ".epub"),
)


def read_zip(source: Source) -> Iterator[Content]:
    """The members, or the document that the file really is. Raises ValueError: "no ZIP file", "encrypted", "members overlap"."""
    inside = Inside(source)
    packed = open_zip(source, inside.budget)
    if extension := _document(packed):
        yield from contents_of(renamed(source, source.name + extension, source.data))
        return
    if packed.left_out:
        inside.leave_out(message("more than {most} files", most=MAX_MEMBERS), packed.left_out)
    for number, member in enumerate(packed.members):
        try:
            if source.is_late():
                raise OutOfTime
            if not inside.wants(member.name, member.size):
                continue
            data = packed.read(member)
            yield from inside.read(member.name, data)
        except OutOfTime as error:
            inside.leave_out(sentence(error), len(packed.members) - number)
            break
        except TooLarge as error:
            inside.leave_out(sentence(error))
            if inside.budget.is_spent:
                inside.leave_out(sentence(error), len(packed.members) - number - 1)
                break
        except ValueError as error:
            inside.leave_out(sentence(error))
    yield from inside.rest()


def _document(packed: ZipFile) -> str:
    """The extension of the document that this archive is; empty if it is none."""
    for name, extension in _DOCUMENTS:
        if packed.find(name) is not None and (extension == ".epub" or packed.find("[Content_Types].xml") is not None):
            return extension
    if packed.find("content.xml") is not None and packed.find("META-INF/manifest.xml") is not None:
        return ".odt"
    return ""
