"""What more than one benchmark needs: documents, queries, measures of a ranking."""
