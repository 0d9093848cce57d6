"""The indexer: turns a folder or an application's documents into an index on disk. `naidi` has the public names."""
