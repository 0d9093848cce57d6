"""The committed states of an index: which generation is live, and whether it is whole."""
