"""Completions: words of the index for the word that is being typed."""
