"""From Documents to a commit: analyses them, gathers them into segments, merges segments, makes the result live."""
