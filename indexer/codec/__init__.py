"""One segment as bytes: each structure with its writer and reader. `docs/format.md` describes the files."""
