"""Fixtures shared by the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

# How long an example takes says more about who else uses the machine. `print_blob` says how to repeat one that failed. Fixtures
# of a test are shared by its examples knowingly. "as found": an example that fails is not made smaller, which takes time.
settings.register_profile(
    "naidi",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile("as found", parent=settings.get_profile("naidi"), phases=[Phase.explicit, Phase.generate])
settings.load_profile("naidi")


@pytest.fixture(autouse=True, scope="session")
def fast_disk() -> Iterator[None]:
    """Nothing is flushed to the disk: no test cuts the power, and a test run makes thousands of small commits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Where an index may be made; nothing is there yet."""
    return tmp_path / "index_data"


@pytest.fixture(scope="module")
def without_core() -> Iterator[None]:
    """Queries are answered in Python, whether the compiled core is there or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("naidi.indexer.core.is_used", False)
        yield
