"""Is found what was meant? `meaning.py` runs all parts; each is a program of its own, too."""
