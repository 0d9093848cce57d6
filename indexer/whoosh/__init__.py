"""The files of an index shown to Whoosh, read-only: `whoosh.index.open_dir` works on them."""
