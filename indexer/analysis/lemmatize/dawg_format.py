"""The bits of a unit of a dawg file (dawgdic), and the byte that separates a word from its values."""

LEAF, LABEL, EXTENSION, HAS_LEAF = 0x80000000, 0x800000FF, 0x200, 0x100
WORD_END = "\x01"
