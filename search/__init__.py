"""Answers queries: from a query string to ranked documents with snippets. The public names are in `naidi`."""
