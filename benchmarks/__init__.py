"""What naidi does, in numbers. Each program says in its first lines what it measures and how to call it.

`shared` knows none of the other folders, `peers` knows `shared` alone; `speed` and `quality` know these two, `meaning` all.
"""
