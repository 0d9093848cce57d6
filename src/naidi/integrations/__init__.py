"""Backends of naidi for frameworks: `naidi.integrations.haystack`."""
