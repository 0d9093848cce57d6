"""Shows results, hits, facets and documents in a notebook, as HTML.

What is shown is on higher floors: its classes call this room in their `_repr_html_`, and `shown` says what is asked of them.
The HTML is well-formed XML, without a script, an outside resource or a style sheet. It takes its colours from the text around it,
and so it fits light and dark pages. It is bounded: what was left out is said.
"""
