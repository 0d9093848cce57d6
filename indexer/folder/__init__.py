"""From a folder to an index: finds the files that belong in it and those that changed since the last sync."""
