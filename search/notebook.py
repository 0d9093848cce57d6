"""Shows results, hits and facets in a notebook, as HTML."""
