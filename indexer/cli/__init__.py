"""The commands that deal with what is on disk."""
