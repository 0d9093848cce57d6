"""Run every check, each in a process of its own, for so many minutes in all.

Enumerations (kills, power loss, errors, flips, lies, limits, descriptors) have shares of the time. What they leave goes to the
fuzzers and the soak, which have at least their own shares. An enumeration that its share did not suffice for says how much of
the whole it tried."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from .check import CANNOT_RUN, FOUND, NOTHING_FOUND

# Check -> its share of the time.
SHARES = {
    "crash_points": 0.07,
    "power_loss": 0.12,
    "injected_errors": 0.15,
    "byte_flips": 0.12,
    "hostile_index": 0.16,
    "limits": 0.03,
    "descriptors": 0.02,
    "soak": 0.08,
    "fuzz": 0.25,
}
_SOAK_SECONDS = 600.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.trust", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="of enumerations, every so manieth item")
    given = parser.parse_args()
    ends = time.monotonic() + given.minutes * 60
    left = dict(SHARES)
    worst = NOTHING_FOUND
    for name in SHARES:
        seconds = max(1.0, (ends - time.monotonic()) * left[name] / sum(left.values()))
        if name not in ("fuzz", "soak"):
            # Faster than its share, it leaves time to others; slower, it may take up to twice the share while there is enough.
            seconds = min(2 * seconds, max(1.0, ends - time.monotonic()))
        elif name == "soak":
            seconds = min(seconds, _SOAK_SECONDS)
        del left[name]
        print(f"== {name}, at most {seconds:.0f} s", flush=True)
        module = f"{__package__}.{name}"
        arguments = ["--seconds", f"{seconds:.0f}", "--seed", str(given.seed)]
        every = [] if name in ("fuzz", "soak") else ["--every", str(given.every)]
        status = subprocess.call([sys.executable, "-m", module, *arguments, *every])
        if status not in (NOTHING_FOUND, CANNOT_RUN):
            worst = FOUND
    return worst


if __name__ == "__main__":
    sys.exit(main())
