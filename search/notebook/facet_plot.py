"""A facet as a plot: bars from left to right for values and ranges, columns in their order for the steps of a histogram.

The plot is an SVG picture with text for screen readers, and each bar says what it stands for when it is pointed at.
"""

from __future__ import annotations

import datetime
import math
from itertools import pairwise

from naidi.indexer.record import record
from naidi.indexer.typed import TYPE_CHECKING, Any

from .markup import cut, escaped, several, value_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .shown import ShownFacet

MOST_BARS = 20
"""So many values are drawn; the documents of others are counted."""
MOST_COLUMNS = 60
"""So many columns are drawn: of a longer histogram each stands for several steps."""

_FILL = "#3b82f6"  # three times as bright or dark as either page
_LABEL, _BAR, _COUNT, _ROW = 150, 200, 70, 20  # the label at most
_HEIGHT, _ABOVE, _BELOW, _WIDE, _PITCH = 90, 16, 18, 360, 56
_LETTER = 6.6  # pixels, of a font of 11
# More text than a reader would listen to.
_READ_ALOUD = 40
# The days between two steps of a kind of step.
_GAPS = {"day": (1, 1), "week": (7, 7), "month": (28, 31), "quarter": (89, 93), "year": (365, 366)}
# What the facets of any index call documents without a value.
_UNNAMED = {"folder": ".", "type": "no ending"}


@record
class _Bar:
    label: str
    count: int


def facet_html(facet: ShownFacet, name: str = "") -> str:
    """The plot, with what it leaves out in a line below.

    Parameters:
      facet: values, ranges or steps.
      name: of the facet; "" if it is not known.
    """
    histogram = is_histogram([value for value, _ in facet.values])
    notes = []
    if histogram:
        bars, together = _columns(facet.values)
        plot = _column_plot(bars, name)
        notes += [f"a column stands for {together} steps"] if together > 1 else []
    else:
        shown = facet.values[:MOST_BARS]
        bars = [_Bar(_label(value, name), count) for value, count in shown]
        plot = _bar_plot(bars, name) if bars else ""
        left_out = len(facet.values) - len(shown)
        notes += [f"{several(left_out, 'more value', 'more values')} not drawn"] if left_out else []
        notes += [] if bars else ["no values"]
    notes += [f"others {facet.other:,}"] if facet.other else []
    notes += [f"without a value {facet.missing:,}"] if facet.missing else []
    heading = f'<div style="font-weight:600">{escaped(name, 80)}</div>\n' if name else ""
    below = f'\n<div style="opacity:.75;font-size:.9em">{" · ".join(notes)}</div>' if notes else ""
    return f'<div style="margin:.3em 0">\n{heading}{plot}{below}\n</div>'


def is_histogram(values: Sequence[Any]) -> bool:
    """Whether these are the steps of a histogram: several numbers or days that ascend in equal steps.

    Single values go by their counts. Where a histogram leaves out steps without documents, it has many others.
    """
    if len(values) < 2 or any(isinstance(value, bool) for value in values):
        return False
    numbers = all(isinstance(value, (int, float)) for value in values)
    kinds = set(map(type, values))
    if not (numbers or kinds == {datetime.date} or kinds == {datetime.datetime}):
        return False
    if not all(before < after for before, after in pairwise(values)):
        return False
    return len(values) > MOST_BARS or (_is_even(values) if numbers else _step_of(values) != "")


def _is_even(numbers: Sequence[float]) -> bool:
    first = numbers[1] - numbers[0]
    return all(math.isclose(after - before, first, rel_tol=1e-6) for before, after in pairwise(numbers))


def _label(value: Any, name: str) -> str:
    if isinstance(value, tuple) and len(value) == 2:
        low, high = value
        if low is None:
            return "all" if high is None else f"<{value_text(high)}"
        return f"≥{value_text(low)}" if high is None else f"{value_text(low)} to <{value_text(high)}"
    return value_text(value).strip() or _UNNAMED.get(name, "(empty)")


def _columns(values: Sequence[tuple[Any, int]]) -> tuple[list[_Bar], int]:
    """The columns, and how many steps are together in one."""
    together = math.ceil(len(values) / MOST_COLUMNS)
    step = _step_of([value for value, _ in values])
    bars = []
    for place in range(0, len(values), together):
        some = values[place : place + together]
        label = _step_label(some[0][0], step)
        if len(some) > 1:
            label = f"{label} to {_step_label(some[-1][0], step)}"
        bars.append(_Bar(label, sum(count for _, count in some)))
    return bars, together


def _step_of(begins: Sequence[Any]) -> str:
    """The kind of step between days; "" if it is not known, or between numbers."""
    if not isinstance(begins[0], datetime.date):
        return ""
    days = [begin.toordinal() for begin in begins]
    gaps = [after - before for before, after in pairwise(days)]
    for step, (least, most) in _GAPS.items():
        if all(least <= gap <= most for gap in gaps):
            return step
    return ""


def _step_label(begin: Any, step: str) -> str:
    if not isinstance(begin, datetime.date):
        return value_text(begin)
    if step == "quarter":
        return f"{begin.year:04}-Q{(begin.month + 2) // 3}"
    return begin.isoformat()[: {"year": 4, "month": 7}.get(step, 10)]


def _documents(count: int) -> str:
    return several(count, "document", "documents")


def _picture(bars: Sequence[_Bar], name: str, width: float, height: float, body: str) -> str:
    """The SVG element around a plot."""
    said = "; ".join(f"{cut(bar.label, 80)}: {bar.count:,}" for bar in bars[:_READ_ALOUD])
    more = f"; {len(bars) - _READ_ALOUD} more" if len(bars) > _READ_ALOUD else ""
    title = f"Number of documents by {cut(name, 80)}" if name else "Number of documents by value"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width:g}" height="{height:g}"'
        f' viewBox="0 0 {width:g} {height:g}" style="max-width:100%;font:11px sans-serif" fill="currentColor">\n'
        f"<title>{escaped(title)}</title>\n<desc>{escaped(said + more, 4_000)}</desc>\n{body}\n</svg>"
    )


def _hint(bar: _Bar) -> str:
    return f"<title>{escaped(f'{cut(bar.label, 80)}: {_documents(bar.count)}')}</title>"


def _bar_plot(bars: Sequence[_Bar], name: str) -> str:
    greatest = max(bar.count for bar in bars) or 1
    widest = min(round(max(len(bar.label) for bar in bars) * _LETTER) + 10, _LABEL)
    rows = []
    for place, bar in enumerate(bars):
        top = place * _ROW
        length = max(_BAR * bar.count / greatest, 1 if bar.count else 0)
        # The label is a picture of its own, so that a wide one ends where the bar begins.
        rows.append(
            f"<g>{_hint(bar)}"
            f'<svg x="0" y="{top}" width="{widest - 8}" height="{_ROW}"><text x="0" y="14">{escaped(bar.label, 23)}</text></svg>'
            f'<rect x="{widest}" y="{top + 3}" width="{length:.4g}" height="{_ROW - 6}" rx="2" fill="{_FILL}"/>'
            f'<text x="{widest + length + 6:.4g}" y="{top + 14}">{bar.count:,}</text></g>'
        )
    return _picture(bars, name, widest + _BAR + _COUNT, len(bars) * _ROW, "\n".join(rows))


def _column_plot(bars: Sequence[_Bar], name: str) -> str:
    greatest = max(bar.count for bar in bars) or 1
    pitch = min(max(_WIDE / len(bars), 6), _PITCH)
    names = [cut(bar.label.partition(" to ")[0], 12) for bar in bars]
    widest = max(map(len, names)) * _LETTER
    left = max(widest / 2 - pitch / 2, 0) + 4
    every = math.ceil((widest + 8) / pitch)  # so that labels do not touch
    bottom = _ABOVE + _HEIGHT
    # Each column has its number above it where there is room for all; else the tallest alone.
    numbered = max(len(f"{bar.count:,}") for bar in bars) * _LETTER < pitch
    tallest = max(range(len(bars)), key=lambda place: bars[place].count)
    parts = []
    for place, bar in enumerate(bars):
        x, middle = left + place * pitch, left + (place + 0.5) * pitch
        tall = max(_HEIGHT * bar.count / greatest, 1 if bar.count else 0)
        parts.append(
            f'<g>{_hint(bar)}<rect x="{x:.5g}" y="{_ABOVE}" width="{pitch:.5g}" height="{_HEIGHT}" fill-opacity="0"/>'
            f'<rect x="{x + pitch * 0.1:.5g}" y="{bottom - tall:.5g}" width="{pitch * 0.8:.5g}" height="{tall:.5g}"'
            f' fill="{_FILL}"/></g>'
        )
        if bar.count and (numbered or place == tallest):
            parts.append(
                f'<text x="{middle:.5g}" y="{bottom - tall - 4:.5g}" text-anchor="middle">{bar.count:,}</text>'
            )
        if not place % every:
            parts.append(
                f'<text x="{middle:.5g}" y="{bottom + 13}" text-anchor="middle">{escaped(names[place], 12)}</text>'
            )
    width = left + len(bars) * pitch + max(widest / 2 - pitch / 2, 0) + 4
    parts.append(
        f'<rect x="{left:.5g}" y="{bottom}" width="{len(bars) * pitch:.5g}" height="1" fill="currentColor" opacity=".5"/>'
    )
    return _picture(bars, name, round(max(width, 120), 1), bottom + _BELOW, "\n".join(parts))
