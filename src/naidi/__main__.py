"""`python -m naidi` is the command `naidi`."""

from naidi.search.cli import main

main(prog_name="naidi")
