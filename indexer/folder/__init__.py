"""Which files of a folder belong in the index, and which of them changed since the last sync?"""
