"""What answers: from a query string to ranked documents with snippets. The public names are those of `naidi`."""
