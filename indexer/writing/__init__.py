"""From Documents to a commit: analysed, gathered into segments, merged, made live."""
