"""Proof by violence: kills, power loss, failing calls, flipped bytes, lies, odd input, long use and narrow limits.

    python -m tests.trust --minutes 60           every check; the long run that docs/guarantees.md quotes
    python -m tests.trust.crash_points           one check, whole; --every 10 tries every tenth point, --seconds 60 ends sooner

Each check is a module. Its docstring says what it does and what it counts. It prints one line for each kind of failure with the
way to repeat it, one figure as the last line, and ends with status 0 if nothing was found, 1 if something was, 77 if it cannot
run here. `tests/test_trust.py` runs a small, seeded part of each."""
