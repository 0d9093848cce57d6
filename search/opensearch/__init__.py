"""Answers queries from an index in an OpenSearch cluster."""
