"""The bytes of one segment. Each structure has its writer and its reader here; `docs/format.md` describes the files."""
