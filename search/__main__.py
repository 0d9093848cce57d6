"""`python -m search WORDS` is `naidi search WORDS`."""

import sys

from search.cli import main

main(["search", *sys.argv[1:]], prog_name="python -m")
