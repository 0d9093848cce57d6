"""What stands in the list where there are no hits?"""

from __future__ import annotations

from naidi.indexer.messages import message, plural, told
from naidi.indexer.printable import printable


def before_a_question(doc_count: int, index_name: str) -> list[str]:
    """The lines before anything is asked.

    Parameters:
      doc_count: documents of the index.
      index_name: its name, as it is shown.
    """
    documents = plural(
        "{number} document in {index}",
        "{number} documents in {index}",
        doc_count,
        number=f"{doc_count:,}",
        index=printable(index_name),
    )
    return [
        str(told(documents)),
        "",
        str(told(message("Type words in English or Russian: any form of a word is found."))),
        str(told(message("Up brings back earlier queries. F1 shows all keys."))),
    ]


def nothing_found(*, filtered: bool) -> list[str]:
    """The lines for a question without hits. filtered: whether filters are chosen, which may be why."""
    lines = [message("Nothing was found.")]
    if filtered:
        lines.append(message("F2 shows the filters; x takes them away."))
    return [str(told(line)) for line in lines]
