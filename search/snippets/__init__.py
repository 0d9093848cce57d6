"""Snippets: passages of a document that was found, with the words of the query marked."""
