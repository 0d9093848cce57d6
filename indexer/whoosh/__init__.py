"""Shows the files of an index to Whoosh, read-only. `whoosh.index.open_dir` opens a generation."""
