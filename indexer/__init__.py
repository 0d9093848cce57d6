"""What is on disk: from a folder or an application's documents to an index. The public names are those of `naidi`."""
