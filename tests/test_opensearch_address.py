"""The address of an index in a cluster: what it says, what it must not show."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from naidi import InvalidAddress
from naidi.indexer.opensearch.address import CA, PASSWORD, USER, ClusterAddress, is_address


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (USER, PASSWORD, CA):
        monkeypatch.delenv(name, raising=False)


def test_what_is_an_address() -> None:
    assert is_address("https://host/name") and is_address("HTTP://x")
    assert not any(map(is_address, ("index", "./https://x", "a/b://x", "c:/x", "", b"http://x", None)))
    for mistyped in ("htp://joe:s3cret@host/x", " http://joe:s3cret@host/x", "ftp://joe:s3cret@host/x", "file:///x"):
        assert is_address(mistyped)
        with pytest.raises(InvalidAddress) as refused:
            ClusterAddress.of(mistyped)
        assert "s3cret" not in str(refused.value)


def test_all_parts() -> None:
    found = ClusterAddress.of("https://me:p%40s@H1,h2:9300,[::1]:1/books?timeout=3.5&ca=/etc/ca%20.pem")
    assert found.secure and found.hosts == (("h1", 9200), ("h2", 9300), ("[::1]", 1))
    assert (found.name, found.user, found.password, found.ca, found.timeout) == (
        "books",
        "me",
        "p@s",
        "/etc/ca .pem",
        3.5,
    )
    assert str(found) == found.shown == "https://h1:9200,h2:9300,[::1]:1/books"
    assert pickle.loads(pickle.dumps(found)) == found and hash(found) == hash(pickle.loads(pickle.dumps(found)))


def test_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = ClusterAddress.of("http://host/books")
    assert (bare.user, bare.password, bare.ca, bare.timeout, bare.secure) == (None, None, None, 10.0, False)
    monkeypatch.setenv(PASSWORD, "p")
    assert ClusterAddress.of("http://host/books").password is None  # without a user it is of no use
    monkeypatch.setenv(USER, "u")
    monkeypatch.setenv(CA, "/ca")
    found = ClusterAddress.of("http://host/books")
    assert (found.user, found.password, found.ca) == ("u", "p", "/ca")
    found = ClusterAddress.of("https://v:q@host/books?ca=/own")
    assert (found.user, found.password, found.ca) == ("v", "q", "/own")
    assert ClusterAddress.of("http://v@host/books").password == "p"


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("books", "https://"),
        ("http://h/x?ca=/own", "without TLS"),
        ("http://h", "name of the index is missing"),
        ("http://h/", "name of the index is missing"),
        ("http:///x", "name of a host"),
        ("http://h,/x", "name of a host"),
        ("http://a b/x", "name of a host"),
        ("http://h:0/x", "port"),
        ("http://h:65536/x", "port"),
        ("http://h:٣/x", "port"),
        ("http://h/Books", "no name of an index"),
        ("http://h/_x", "no name of an index"),
        ("http://h/a/b", "no name of an index"),
        ("http://h/a*", "no name of an index"),
        ("http://h/" + "a" * 201, "no name of an index"),
        ("http://h/a-words", "call the index otherwise"),
        ("http://h/a-files", "call the index otherwise"),
        ("http://h/a-files-1", "call the index otherwise"),
        ("http://h/a-files", "call the index otherwise"),
        ("http://h/a-docs-3", "call the index otherwise"),
        ("http://h/a?x=1", "and no other"),
        ("http://h/a?ca=", "and no other"),
        ("http://h/a?timeout=nan", "timeout"),
        ("http://h/a?timeout=0", "timeout"),
        ("http://h/a?timeout=", "timeout"),
    ],
)
def test_what_is_refused(url: str, what: str) -> None:
    with pytest.raises(InvalidAddress, match=what) as error:
        ClusterAddress.of(url)
    assert "\n" not in str(error.value)


@given(
    st.text(st.characters(codec="utf-8"), max_size=20),
    st.sampled_from(["@h/name", "@h:x/name", "@h", "@/", "@h/Bad?x", "@h/a?timeout=x", "@", "@h,/a"]),
)
def test_no_password_is_shown(middle: str, rest: str) -> None:
    """Whatever signs it has, and whatever else is wrong."""
    secret = f"Geheim{middle}Wort"
    try:
        found = ClusterAddress.of(f"https://me:{secret}{rest}")
    except InvalidAddress as error:
        shown = str(error)
    else:
        shown = f"{found} {found!r} {found.shown}"
    assert "Geheim" not in shown and "Wort" not in shown and "me:" not in shown


def test_it_loads_no_client() -> None:
    code = (
        "import sys; from naidi.indexer.opensearch.address import ClusterAddress; ClusterAddress.of('http://h/a');"
        "print(*{name.partition('.')[0] for name in sys.modules} & {'opensearchpy', 'urllib3', 'ssl', 'socket', 'urllib', 'numpy'})"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert loaded == []
