"""The table of mutations fits the code. Whether tests kill them is asked by `python tests/mutations.py`, which takes minutes."""

from __future__ import annotations

import pytest

from mutations import MUTATIONS, ROOT, Mutation


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.name)
def test_each_names_one_place_of_the_code_and_its_tests(mutation: Mutation) -> None:
    assert (ROOT / mutation.file).read_text("utf-8").count(mutation.old) == 1
    assert mutation.new != mutation.old
    assert all((ROOT / "tests" / f"{name}.py").is_file() for name in mutation.tests.split())
