"""Numbers that whoever writes a segment and whoever reads it agree on."""

from __future__ import annotations

# Empty positions between the title and the body of a document; larger than the largest slop of a near phrase.
POSITION_GAP = 100
# Of a longer list it is known how many tokens lie before every posting whose number is a multiple of this.
BLOCK_POSTINGS = 32
