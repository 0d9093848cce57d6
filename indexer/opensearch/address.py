"""The address of an index in an OpenSearch cluster: `https://host:9200/name`. Importing this loads nothing of a client."""

from __future__ import annotations

import os

from ..errors import InvalidAddress
from ..late import pattern
from ..messages import message

USER, PASSWORD, CA = "NAIDI_OPENSEARCH_USER", "NAIDI_OPENSEARCH_PASSWORD", "NAIDI_OPENSEARCH_CA"
"""The environment variables that say what the address leaves out."""
TIMEOUT = 10.0
"""Seconds to wait for an answer, unless the address says otherwise."""
LARGEST_TIMEOUT = 3600.0
_PORT = 9200
_SCHEMES = ("https://", "http://")
# What begins as an address of any kind: a mistyped one must not be taken for a folder, whose name may be shown, password and all.
_WITH_SCHEME = pattern(r"\s*[A-Za-z][A-Za-z0-9+.-]*://")
_SHAPE = "https://host:9200/name"
_LONGEST_NAME = 200
_NAME = pattern(r"[^\W_A-Z][^\sA-Z\\/*?\"<>|,#:]*")
# What naidi calls its own indices of an index `books`.
_TAKEN = pattern(r".*-(words|files)|.*-(docs|words|files)-\d+")
_HOST = pattern(r"\[[0-9A-Fa-f:.]+\]|[^\s\[\]/?#@:]+")


def is_address(text: object) -> bool:
    """Whether this names an index in a cluster, and no folder. It may still be wrong: `ClusterAddress.of` tells.

    >>> is_address("https://search.example.org:9200/books"), is_address("books")
    (True, False)

    Raises InvalidAddress for an address that was made a Path.
    """
    if isinstance(text, os.PathLike) and str(text).startswith(("https:/", "http:/")):
        raise InvalidAddress(
            message(
                "{place}: a Path makes one slash of two; give the address as a str",
                place=str(text).rpartition("@")[2],
            )
        )
    return isinstance(text, str) and _WITH_SCHEME.match(text) is not None


def shown_place(place: str | os.PathLike[str]) -> str:
    """A directory, or an address that need not be right, for people: without user and password.

    >>> shown_place("https://me:secret@host/books"), shown_place("books")
    ('https://host/books', 'books')
    """
    text = os.fspath(place)
    if not is_address(text):
        return text
    scheme, _, rest = text.partition("//")
    return f"{scheme}//{rest.rpartition('@')[2]}"


class ClusterAddress:
    """Where an index in a cluster is, and who asks.

    secure: whether by TLS.
    hosts: (name, port) of each node that may be asked.
    name: of the index: the alias of its documents.
    user, password: None if the cluster asks for none.
    ca: the file of the certificates that are trusted; None for those of the system.
    timeout: seconds to wait for an answer.

    Neither `str` nor `repr` shows the user and the password.
    """

    __slots__ = ("ca", "hosts", "name", "password", "secure", "timeout", "user")

    def __init__(
        self,
        secure: bool,
        hosts: tuple[tuple[str, int], ...],
        name: str,
        user: str | None = None,
        password: str | None = None,
        ca: str | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self.secure = secure
        self.hosts = hosts
        self.name = name
        self.user = user
        self.password = password
        self.ca = ca
        self.timeout = timeout

    @classmethod
    def of(cls, url: str) -> ClusterAddress:
        """The address that a URL gives: `https://[user:password@]host[:port][,host[:port]…]/name[?ca=FILE&timeout=SECONDS]`.

        The port is 9200 if none is given. A user, a password and a CA that the URL lacks are taken from $NAIDI_OPENSEARCH_USER,
        $NAIDI_OPENSEARCH_PASSWORD and $NAIDI_OPENSEARCH_CA.

        Raises InvalidAddress, in whose message no password stands.
        """
        scheme = next((each for each in _SCHEMES if url[:8].lower().startswith(each)), None)
        if scheme is None:
            raise InvalidAddress(
                message(
                    "the address of an index in a cluster begins with https:// or http://, as {shape}", shape=_SHAPE
                )
            )
        # A password may have any of @ / ? in it, so the last @ ends it.
        credentials, at, rest = url[len(scheme) :].rpartition("@")
        place, _, settings = rest.partition("?")
        hosts_text, _, name = place.partition("/")
        hosts = tuple(_host_of(each) for each in hosts_text.split(","))
        shown = scheme + ",".join(f"{host}:{port}" for host, port in hosts)
        _check_name(name.removesuffix("/"), shown)
        user, password = _credentials(credentials) if at else (None, None)
        if user is None:
            user = os.environ.get(USER) or None
        if password is None and user is not None:
            password = os.environ.get(PASSWORD)
        address = cls(scheme == "https://", hosts, name.removesuffix("/"), user, password, os.environ.get(CA) or None)
        address._set(settings)
        return address

    def _set(self, settings: str) -> None:
        """Take the settings behind the question mark."""
        for setting in settings.split("&") if settings else ():
            key, _, value = setting.partition("=")
            if key == "ca" and value:
                if not self.secure:
                    raise InvalidAddress(
                        message(
                            "{place}: ca is of https: without TLS there is no certificate to check", place=self.shown
                        )
                    )
                self.ca = _unquoted(value)
            elif key == "timeout":
                self.timeout = self._seconds(value)
            else:
                raise InvalidAddress(
                    message(
                        "{place}: an address has the settings ca and timeout, as ?timeout=30, and no other",
                        place=self.shown,
                    )
                )

    def _seconds(self, value: str) -> float:
        try:
            seconds = float(value)
        except ValueError:
            seconds = 0.0
        if not 0 < seconds <= LARGEST_TIMEOUT:
            raise InvalidAddress(
                message(
                    "{place}: timeout is a number of seconds, at most {most:.0f}",
                    place=self.shown,
                    most=LARGEST_TIMEOUT,
                )
            )
        return seconds

    @property
    def shown(self) -> str:
        """The address for people: without user, password and settings."""
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"{'https' if self.secure else 'http'}://{hosts}/{self.name}"

    def __str__(self) -> str:
        return self.shown

    def __repr__(self) -> str:
        return f"ClusterAddress({self.shown!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ClusterAddress) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)


def _host_of(text: str) -> tuple[str, int]:
    host, colon, port = (text, "", "") if text.endswith("]") else text.rpartition(":")
    if not colon:
        host, port = text, str(_PORT)
    if not _HOST.fullmatch(host):
        raise InvalidAddress(message("an address needs the name of a host and of an index, as {shape}", shape=_SHAPE))
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65_536):
        raise InvalidAddress(message("{host}: a port is a number up to 65535, as in {shape}", host=host, shape=_SHAPE))
    return host.lower(), int(port)


def _check_name(name: str, shown: str) -> None:
    if not name:
        raise InvalidAddress(message("{place}: the name of the index is missing: {place}/name", place=shown))
    if not _NAME.fullmatch(name) or len(name.encode()) > _LONGEST_NAME:
        raise InvalidAddress(
            message(
                "{place}: {name!r} is no name of an index: use small letters, digits, - and _, at most {most} bytes",
                place=shown,
                name=name[:40],
                most=_LONGEST_NAME,
            )
        )
    if _TAKEN.fullmatch(name):
        raise InvalidAddress(
            message(
                "{place}: {name!r} is what naidi calls a part of an index; call the index otherwise",
                place=shown,
                name=name,
            )
        )


def _credentials(text: str) -> tuple[str | None, str | None]:
    user, colon, password = text.partition(":")
    return _unquoted(user) or None, _unquoted(password) if colon else None


def _unquoted(text: str) -> str:
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text)
