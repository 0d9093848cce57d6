"""Which generation of an index is live, and is it whole?"""
