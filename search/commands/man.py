"""The command `naidi man`: the manual page, made from the help of the commands."""

from __future__ import annotations

from collections.abc import Iterator

import click

from naidi.indexer.messages import Message, message, told
from naidi.indexer.opensearch.address import CA, PASSWORD, USER

_ENVIRONMENT = {
    "NAIDI_INDEX": message("The directory of the index, or its address in an OpenSearch cluster."),
    f"{USER}, {PASSWORD}": message(
        "Who asks the cluster. In an address on the command line, others on the machine would see them."
    ),
    CA: message("The file of the certificates that are trusted, where a cluster has an authority of its own."),
    "NAIDI_TOKEN": message("What clients must send to `naidi mcp --http` or `naidi serve` as a bearer token."),
    "NAIDI_COMMAND_OPTION": message("The default of an option, such as NAIDI_SEARCH_LIMIT=20."),
}


@click.command("man", short_help="Print the manual page.")
@click.pass_context
def man_command(ctx: click.Context) -> int:
    """Print the manual page of naidi, made from the help of its commands.

    \b
      naidi man > ~/.local/share/man/man1/naidi.1
      man naidi
    """
    root = ctx.find_root()
    for line in page(root):
        click.echo(line)
    return 0


def page(root: click.Context) -> Iterator[str]:
    """The lines of the manual page, in the language of man(7). root: the context of the group of commands."""
    group = root.command
    assert isinstance(group, click.Group)
    yield '.TH NAIDI 1 "" "naidi" "' + told(message("User Commands")) + '"'
    yield _heading(message("NAME"))
    yield r"naidi \- " + told(message("full-text search in English and Russian documents"))
    yield _heading(message("SYNOPSIS"))
    yield r".B naidi \fICOMMAND\fR [\fIOPTIONS\fR] [\fIARGUMENTS\fR]"
    yield _heading(message("DESCRIPTION"))
    yield from _text(group.help or "")
    for name in sorted(group.commands):
        command = group.commands[name]
        ctx = click.Context(command, parent=root, info_name=name)
        yield f'.SH "NAIDI {name.upper()}"'
        usage = " ".join(command.collect_usage_pieces(ctx))
        yield f".B naidi {name} {_escaped(usage)}"
        yield ".PP"
        yield from _text(command.help or "")
        for parameter in command.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                yield ".TP"
                yield rf"\fB{_escaped(record[0])}\fR"
                yield from _lines(record[1])
    yield _heading(message("EXIT STATUS"))
    yield told(message("0: something was found, or all went well. 1: nothing was found. 2: an error."))
    yield _heading(message("ENVIRONMENT"))
    for name, meaning in _ENVIRONMENT.items():
        yield ".TP"
        yield rf"\fB{name}\fR"
        yield told(meaning)


def _heading(title: Message) -> str:
    return f".SH {told(title)}"


def _text(text: str) -> Iterator[str]:
    """A help text: paragraphs, and behind a line with \\b one whose lines stay."""
    for paragraph in text.strip().split("\n\n"):
        lines = [line.strip() if "\b" not in paragraph else line.rstrip() for line in paragraph.split("\n")]
        if lines and lines[0].strip() == "\b":
            yield ".PP"
            yield ".nf"
            yield from map(_line, lines[1:])
            yield ".fi"
        else:
            yield ".PP"
            yield from map(_line, lines)


def _lines(text: str) -> Iterator[str]:
    yield from map(_line, text.split("\n"))


def _line(line: str) -> str:
    """A line of text that no request of man is read from."""
    escaped = _escaped(line)
    return "\\&" + escaped if escaped.startswith((".", "'")) else escaped


def _escaped(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-")
