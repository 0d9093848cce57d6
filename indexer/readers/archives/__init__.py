"""Readers of archives and compressed files: what is inside of them is read as if it stood in a folder."""
