"""Takes the documents of another program's index over. `naidi.from_whoosh` is the call."""
