"""Combines nodes into a Bool in normal form, so that trees stay small.

`combine` uses only laws that keep both the documents and their scores: (a AND b) AND c is a AND b AND c, and the same for OR;
NOT (a OR b) is NOT a and NOT b; NOT NOT a is a. `plain` builds its Bools itself; they are in this form already.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeGuard

from .nodes import Bool, Node


def combine(*, must: Iterable[Node] = (), should: Iterable[Node] = (), must_not: Iterable[Node] = ()) -> Node:
    """The simplest node with the meaning of a Bool of these nodes.

    The nodes must be in normal form. Beside `should`, `must` is either empty or holds more than filters and negations.

    Raises ValueError if there is no node at all.
    """
    needed, wanted, unwanted = tuple(must), tuple(should), tuple(must_not)
    if Bool not in map(type, (*needed, *wanted, *unwanted)):
        # The usual case, in short. The code below would give the same.
        if not needed and len(wanted) == 1:
            needed, wanted = wanted, ()
        if len(needed) == 1 and not wanted and not unwanted:
            return needed[0]
        if needed or wanted or unwanted:
            return Bool(needed, wanted, unwanted)
    required: list[Node] = []
    excluded: list[Node] = []

    def require(node: Node) -> None:
        if isinstance(node, Bool) and not node.should and node.boost == 1.0:
            required.extend(node.must)
            excluded.extend(node.must_not)
        else:
            required.append(node)

    def exclude(node: Node) -> None:
        if is_negation(node):
            require(any_of(node.must_not))
        elif isinstance(node, Bool) and not node.must and not node.must_not:
            for child in node.should:
                exclude(child)
        else:
            excluded.append(node)

    for node in needed:
        require(node)
    for node in unwanted:
        exclude(node)
    optional: list[Node] = []
    for node in wanted:
        if isinstance(node, Bool) and not node.must and not node.must_not and node.boost == 1.0:
            optional.extend(node.should)
        else:
            optional.append(node)

    if not required and len(optional) == 1:
        require(optional.pop())
    if not optional and len(required) == 1:
        only = required[0]
        if isinstance(only, Bool) and not only.must and only.boost == 1.0:
            required.clear()
            optional.extend(only.should)
            excluded[:0] = only.must_not
        elif not excluded:
            return only
    if not (required or optional or excluded):
        raise ValueError("nothing to combine")
    return Bool(tuple(required), tuple(optional), tuple(excluded))


def all_of(nodes: Iterable[Node]) -> Node:
    """The documents that answer all of the nodes. At least one node is needed."""
    nodes = tuple(nodes)
    return nodes[0] if len(nodes) == 1 else combine(must=nodes)


def any_of(nodes: Iterable[Node]) -> Node:
    """The documents that answer any of the nodes. At least one node is needed."""
    nodes = tuple(nodes)
    return nodes[0] if len(nodes) == 1 else combine(should=nodes)


def negation(node: Node) -> Node:
    """The documents that do not answer the node."""
    return combine(must_not=(node,)) if isinstance(node, Bool) else Bool(must_not=(node,))


def is_negation(node: Node) -> TypeGuard[Bool]:
    """Whether the node has `must_not` alone."""
    return isinstance(node, Bool) and not node.must and not node.should
