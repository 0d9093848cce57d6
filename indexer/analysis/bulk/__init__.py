"""The same as the plain analysis for thousands of texts at once; tests hold one against the other."""
