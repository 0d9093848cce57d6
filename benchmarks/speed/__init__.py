"""How fast, how small, how frugal? `speed.py` is the program to start with."""
