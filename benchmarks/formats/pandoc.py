"""Writes texts in Markdown as files of other formats by pandoc, which knows nothing of naidi: tables, lists, links, code."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

# One process for all files; the program alone takes longer to start than most files take. The words that must be found are those
# that pandoc itself writes as plain text.
_PROGRAM = """
local jobs = io.open(arg[1])
-- Pandoc writes no HTML but into HTML, and what stood around it would be one word. The text of a picture is in few formats.
local no_html = {RawInline = function() return pandoc.Space() end}
local no_pictures = {Image = function() return pandoc.Space() end}
local templates, template_of = {}, {odt = 'opendocument', epub = 'epub3'}
for line in jobs:lines() do
  local from, writer, to, plain = line:match('^([^\\t]+)\\t([^\\t]+)\\t([^\\t]+)\\t([^\\t]+)$')
  local file = io.open(from, 'rb')
  local title = file:read('l')
  local ok, doc = pcall(pandoc.read, file:read('a'), 'gfm')
  file:close()
  if ok then
    doc = doc:walk(no_html)
    doc.meta.title = pandoc.MetaInlines{pandoc.Str(title)}
    if not templates[writer] and writer ~= 'docx' and writer ~= 'pptx' then
      templates[writer] = pandoc.template.compile(pandoc.template.default(template_of[writer] or writer))
    end
    local good, out = pcall(pandoc.write, doc, writer, {template = templates[writer]})
    if good then
      local written = io.open(to, 'wb')
      written:write(out)
      written:close()
      written = io.open(plain, 'wb')
      written:write(title, '\\n\\n', pandoc.write(doc:walk(no_pictures), 'plain'))
      written:close()
    else io.stderr:write(to, ': ', tostring(out), '\\n') end
  else io.stderr:write(from, ': ', tostring(doc), '\\n') end
end
"""


class Job(NamedTuple):
    """A text to write. writer: as pandoc calls the format. A file that pandoc refuses is not written."""

    title: str
    text: str
    writer: str
    to: Path


def command() -> str | None:
    """The program, if it is installed: $PANDOC, or one in the PATH."""
    return os.environ.get("PANDOC") or shutil.which("pandoc")


def write(jobs: Sequence[Job], place: Path) -> dict[Path, str]:
    """Write the files. Returns, by path, the text that must be found in each.

    place: an empty directory for what is only needed meanwhile.
    """
    program = command()
    assert program is not None
    lines, plain = [], {}
    for number, job in enumerate(jobs):
        (place / f"{number}.md").write_text(f"{job.title}\n{job.text}\n", encoding="utf-8")
        plain[job.to] = place / f"{number}.txt"
        lines.append(f"{place / f'{number}.md'}\t{job.writer}\t{job.to}\t{plain[job.to]}\n")
    (place / "jobs").write_text("".join(lines), encoding="utf-8")
    (place / "program.lua").write_text(_PROGRAM, encoding="utf-8")
    subprocess.run([program, "lua", str(place / "program.lua"), str(place / "jobs")], check=True)
    return {to: text.read_text(encoding="utf-8") for to, text in plain.items() if text.is_file()}
