"""The fast twins of the plain analysis, for thousands of texts at once. Tests check that both give the same."""
