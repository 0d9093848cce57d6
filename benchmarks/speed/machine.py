"""On which machine was it measured, and with which versions?"""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

_PACKAGES = ("naidi", "numpy", "tantivy", "bm25s", "whoosh3", "PyStemmer")


def machine() -> dict[str, Any]:
    """The processor, how many of it, how busy it is, memory, system, and the versions of everything that is measured."""
    import sqlite3

    from naidi.indexer.core import core_name

    versions = {"sqlite": sqlite3.sqlite_version, "naidi core": core_name()}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "ram_gb": _memory_gb(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "system": _system(),
        "python": platform.python_version(),
        "versions": versions,
    }


def machine_line(described: dict[str, Any], date: str) -> str:
    """All of it in one line."""
    versions = ", ".join(f"{name} {version}" for name, version in described["versions"].items())
    memory = f", {described['ram_gb']:.0f} GB" if described["ram_gb"] else ""
    hardware = f"{described['cpu']}, {described['cores']} cores{memory}, load {described['load']}"
    return f"{date}, {hardware}; {described['system']}, Python {described['python']}; {versions}"


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory_gb() -> float | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    except (AttributeError, ValueError, OSError):
        return None


def _system() -> str:
    try:
        name = platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        name = ""
    return ", ".join(part for part in (name, f"{platform.system()} {platform.release()} {platform.machine()}") if part)
