"""Bridges: from a word of a query to other words of the index that may be meant by it."""
