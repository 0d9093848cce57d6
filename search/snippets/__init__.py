"""From the text of a document that was found to the passages that are shown, with the words found marked."""
