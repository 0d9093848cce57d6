"""Backends of naidi for frameworks. Each stands on the public names of naidi alone, and is imported by nothing in it."""
