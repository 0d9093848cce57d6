"""Runs haystack's Whoosh tests with Django's runner, in the folder of its sdist, and prints the outcome of each as JSON."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import unittest
from typing import Any

OUTCOMES: dict[str, str] = {}


class Result(unittest.TextTestResult):
    """Notes what became of each test."""

    def addSuccess(self, test: Any) -> None:
        super().addSuccess(test)
        OUTCOMES.setdefault(test.id(), "passed")

    def addError(self, test: Any, err: Any) -> None:
        super().addError(test, err)
        OUTCOMES[test.id()] = "failed"

    def addFailure(self, test: Any, err: Any) -> None:
        super().addFailure(test, err)
        OUTCOMES[test.id()] = "failed"

    def addSkip(self, test: Any, reason: str) -> None:
        super().addSkip(test, reason)
        OUTCOMES[test.id()] = "skipped"

    def addExpectedFailure(self, test: Any, err: Any) -> None:
        super().addExpectedFailure(test, err)
        OUTCOMES[test.id()] = "expected to fail by haystack"

    def addUnexpectedSuccess(self, test: Any) -> None:
        super().addUnexpectedSuccess(test)
        OUTCOMES[test.id()] = "passed"


def main() -> None:
    sys.path.insert(0, os.getcwd())
    os.environ["DJANGO_SETTINGS_MODULE"] = "test_haystack.settings"
    multiprocessing.set_start_method("fork")
    import django

    django.setup()
    import peek
    from django.test.runner import DiscoverRunner

    peek.stand_in()

    class Runner(DiscoverRunner):
        def get_resultclass(self) -> type[unittest.TextTestResult]:
            return Result

    Runner(verbosity=1, interactive=False).run_tests(["test_haystack.whoosh_tests"])
    print(json.dumps(OUTCOMES))


if __name__ == "__main__":
    main()
