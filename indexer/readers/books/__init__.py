"""Readers of electronic books."""
