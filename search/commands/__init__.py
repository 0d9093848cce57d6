"""The commands that ask an index: their options, and how their results are printed."""
