"""Says what became of typed words: the words that were searched for beside them or instead, and those that are offered.

Help that changes nothing of what is shown is not worth telling. What can be said of that is decided here, for each word alone.
"""

from __future__ import annotations

from naidi.indexer.record import replace
from naidi.indexer.typed import TYPE_CHECKING

from .query.analysed import Term
from .results import Correction, CorrectionAction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from .collection import Collection
    from .query.analysed import AnalysedNode, Bridged, Identity
    from .read_query import Respelling

# A slip is seldom in more documents: of 228 right offers for typos of lists that 38,000 documents have, 209 are for words in
# so many.
MOST_SLIPS = 2
# A name of the other alphabet that is at least so much like a word is what was meant. At .5 half of such names are right.
SURE_NAME = 0.7
# A word that was replaced otherwise is offered another only if that is likelier right than wrong.
LIKELY = 0.5
_ACTIONS: tuple[CorrectionAction, ...] = ("instead", "offered", "as well")


def corrections_of(
    root: AnalysedNode,
    is_anywhere: Callable[[AnalysedNode], bool],
    arms: Callable[[Bridged], AbstractSet[int]] | None,
) -> Iterator[Correction]:
    """The alternatives that were searched for beside typed words or instead of them. Those that no document has are left out.

    An alternative is told if a document of the page has its score from it. All others could be left out of the query, and each
    document of the page would have the same score, but for the bonus of neighbours, whose rarity is counted among all that is
    found.

    Parameters:
      root: the query.
      is_anywhere: see `BridgeWeights.is_anywhere`.
      arms: gives the arms by which the documents of the page have their scores; see `Evaluation.best_arms`. None if no document is
        shown: then their number is, and each alternative may add to it.
    """
    used: dict[int, list[AnalysedNode]] = {}
    for bridged, alternative in root.bridges():
        if not is_anywhere(alternative.node):
            continue
        if arms is not None and id(bridged) not in used:
            nodes = bridged.arms
            used[id(bridged)] = [nodes[number] for number in arms(bridged)]
        told = arms is None or any(node is alternative.node for node in used[id(bridged)])
        action: CorrectionAction = "as well" if is_anywhere(bridged.own) else "instead"
        yield Correction(
            bridged.own.typed_text,
            alternative.node.typed_text,
            alternative.kind,
            action=action,
            confidence=alternative.confidence,
            told=told,
        )


def offers(collection: Collection, root: AnalysedNode, found: Sequence[Respelling]) -> Iterator[Correction]:
    """The respellings as corrections that are offered and were not searched for.

    They are not told of words that are hardly slips: those of more than MOST_SLIPS documents, and names that the index has in the
    other alphabet.
    """
    names = set(_names(collection, root))
    for term, form, confidence, _ in found:
        told = collection.doc_freq(term.keys) <= MOST_SLIPS and term.identity not in names
        yield Correction(term.text, form, "spelling", action="offered", confidence=confidence, told=told)


def _names(collection: Collection, root: AnalysedNode) -> Iterator[Identity]:
    """The words of a query that surely are names in the other alphabet."""
    for bridged, other in root.bridges():
        if other.kind != "romanisation" or other.confidence < SURE_NAME:
            continue
        own, name = bridged.own, other.node
        if isinstance(own, Term) and isinstance(name, Term) and not any(map(collection.is_common_key, name.keys)):
            yield own.identity


def in_order(corrections: Iterable[Correction]) -> tuple[Correction, ...]:
    """The corrections of a query, each once, those first that matter most: words that were replaced, offered words, words beside
    the typed ones; the surest of each first.

    Words that differ in small and capital letters alone are one. Of a word that was replaced, the surest replacement is told if no
    other is, and no word is offered that is unlikely.
    """
    corrections = tuple(corrections)
    if len(corrections) < 2:
        return tuple([replace(one, told=True) if one.action == "instead" else one for one in corrections])
    distinct: dict[tuple[str, str, str], Correction] = {}
    for one in corrections:
        name = one.original, one.replacement.casefold(), one.action
        same = distinct.setdefault(name, one)
        if same is not one:
            distinct[name] = replace(same, confidence=max(same.confidence, one.confidence), told=same.told or one.told)
    ordered = sorted(distinct.values(), key=lambda one: (_ACTIONS.index(one.action), -one.confidence))
    replaced = {one.original for one in ordered if one.action == "instead"}
    told = {one.original for one in ordered if one.action == "instead" and one.told}
    found = []
    for one in ordered:
        if one.action == "instead" and one.original not in told:
            told.add(one.original)
            one = replace(one, told=True)
        elif one.action == "offered" and one.original in replaced and one.confidence < LIKELY:
            one = replace(one, told=False)
        found.append(one)
    return tuple(found)
