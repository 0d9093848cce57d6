"""An index in an OpenSearch cluster: where it is, what its indices hold, and how documents come into it."""
