"""Mails, their attachments, and mailboxes."""

from __future__ import annotations

import base64
import datetime
import quopri
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from naidi.indexer.readers import Content, ReadOptions, format_of_content
from naidi.indexer.readers.mail.mime import MAX_DEPTH, MAX_PARTS, decoded_header, leaves, part_of
from naidi.indexer.readers.read_file import read_documents
from tests.packed_files import content, contents, docx, paragraph, zipped


def mail(body: str | bytes = "text", **headers: str) -> bytes:
    """A mail; the names of headers have _ for a hyphen."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return lines.encode() + b"\r\n" + (body.encode() if isinstance(body, str) else body)


def multipart(kind: str, *parts: bytes, boundary: str = "b=_1") -> bytes:
    head = f'Subject: S\r\nContent-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\npreamble\r\n'.encode()
    return (
        head
        + b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts)
        + f"--{boundary}--\r\nend".encode()
    )


def part(kind: str, body: str | bytes, name: str = "", **headers: str) -> bytes:
    if name:
        headers["Content_Disposition"] = f'attachment; filename="{name}"'
    return mail(body, Content_Type=kind, **headers)


def test_a_mail() -> None:
    data = mail(
        "Первая строка\r\nвторая\r\n",
        From="Иван <ivan@example.org>",
        To="a@b.c, Пётр <p@q.r>",
        Cc="x@y.z",
        Subject="Отчёт",
        Date="Tue, 5 Mar 2024 01:30:00 +0300",
        Keywords="k, l",
    )
    assert content("a.eml", data) == Content(
        "Первая строка\nвторая",
        "Отчёт",
        datetime.date(2024, 3, 5),
        {
            "author": "Иван <ivan@example.org>",
            "to": "a@b.c, Пётр <p@q.r>, x@y.z",
            "tags": "k, l",
        },
        "Иван <ivan@example.org>\na@b.c\nПётр <p@q.r>\nx@y.z\nk\nl",
    )


@pytest.mark.parametrize(
    "charset", ["utf-8", "koi8-r", "windows-1251", "cp866", "iso-8859-5", "KOI8-R", "cp-1251", "utf-7"]
)
@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_bodies(charset: str, encoding: str) -> None:
    text = "Съешь ещё этих мягких французских булок, да выпей чаю = +\r\n"
    codec = {"cp-1251": "cp1251"}.get(charset, charset)
    body = text.encode(codec)
    body = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(encoding, bytes)(body)
    data = mail(body, Content_Type=f"text/plain; charset={charset}", Content_Transfer_Encoding=encoding)
    assert content("a.eml", data).text == text.strip("\r\n")


@pytest.mark.parametrize("stated", ["utf-8", "us-ascii", "nonsense", 'iso-8859-1"', "idna", "base64", ""])
def test_bodies_whose_charset_is_wrong(stated: str) -> None:
    text = "Это письмо написала старая программа, и кодировку она указала неверно."
    data = mail(text.encode("koi8-r"), Content_Type=f"text/plain; charset={stated}")
    if stated.startswith("iso"):
        assert content("a.eml", data).text  # any bytes are Latin 1
    else:
        assert content("a.eml", data).text == text


@pytest.mark.parametrize(
    "value, shown",
    [
        ("=?utf-8?B?0J/RgNC40LLQtdGC?=", "Привет"),
        ("=?koi8-r?B?8NLJ18XU?= =?koi8-r?Q?_=CD=C9=D2?=", "Привет мир"),
        ("=?utf-8?B?0J/RgNC40LLQ?=\r\n =?utf-8?B?tdGC?=", "Привет"),
        ("Re: =?windows-1251?Q?=CF=F0=E8=E2=E5=F2?= (fwd)", "Re: Привет (fwd)"),
        ("=?utf-8?B?0J/RgNC40LLQtdGC?=\r\n world", "Привет world"),
        ("hello\n\t=?utf-8?B?0J/RgNC40LLQtdGC?=", "hello Привет"),
        ("=?utf-8?B?broken", "=?utf-8?B?broken"),
        ("=?nonsense?Q?abc?=", "abc"),
        ("=?utf-8?B?!!!?=", ""),
        ("Привет".encode().decode("ascii", "surrogateescape"), "Привет"),
        ("Привет, это письмо".encode("koi8-r").decode("ascii", "surrogateescape"), "Привет, это письмо"),
        ("a\r\n  b\tc", "a b c"),
    ],
)
def test_headers(value: str, shown: str) -> None:
    assert decoded_header(value) == shown


@pytest.mark.parametrize(
    "date, day",
    [
        ("Tue, 5 Mar 2024 23:30:00 -0800", datetime.date(2024, 3, 5)),
        ("5 Mar 24 10:00 GMT", datetime.date(2024, 3, 5)),
        ("Tue, 35 Mar 2024 23:30:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates(date: str, day: datetime.date | None) -> None:
    assert content("a.eml", mail(Date=date, Subject="x")).date == day


HTML = part("text/html; charset=utf-8", "<html><head><title>T</title><style>p{}</style></head><p>Это <b>HTML</b><br>да")
PLAIN = part("text/plain; charset=utf-8", "простой текст")


@pytest.mark.parametrize(
    "data, text",
    [
        (multipart("alternative", PLAIN, HTML), "простой текст"),
        (multipart("alternative", HTML, PLAIN), "простой текст"),
        (multipart("alternative", part("text/plain", " \r\n"), HTML), "Это HTML\nда"),
        (HTML, "Это HTML\nда"),
        (multipart("mixed", PLAIN, HTML), "простой текст\n\nЭто HTML\nда"),
        (
            multipart("related", multipart("alternative", PLAIN, HTML, boundary="x"), part("image/png", "x")),
            "простой текст",
        ),
        (multipart("signed", PLAIN, part("application/pgp-signature", "x", "s.asc")), "простой текст"),
        (
            multipart("report", PLAIN, part("message/delivery-status", "Action: failed\n")),
            "простой текст\n\nAction: failed",
        ),
        (multipart("mixed", PLAIN)[:-14], "простой текст"),  # the last boundary is missing
        (multipart("mixed", PLAIN).replace(b"\r\n", b"\n"), "простой текст"),
        (b"Subject: s\nContent-Type: multipart/mixed\n\nno boundary", "s"),
        (b"Subject: only a subject", "only a subject"),
        (b"Subject: s\nThere is no line between.\n\ntext", "There is no line between.\n\ntext"),
        (b"Subject: s\n\n", "s"),
        (b"\xef\xbb\xbfSubject: s\n\ntext", "text"),
        (b"From x@y Tue Mar 5 10:00:00 2024\nSubject: s\n\ntext", "text"),
        (b"24        \nSubject: s\n\ntext\n\nmore text<?xml version='1.0'?><plist/>", "text\n\nmore t"),
    ],
)
def test_what_is_the_text(data: bytes, text: str) -> None:
    found = content("a.emlx", data)
    assert (found.text, found.part, found.warnings) == (text, "", ())


def test_attachments() -> None:
    word = base64.encodebytes(docx(paragraph("Договор"))).decode()
    archive = base64.encodebytes(zipped({"a.txt": "in the archive"})).decode()
    data = b"Date: Tue, 5 Mar 2024 10:00:00 +0000\r\n" + multipart(
        "mixed",
        PLAIN,
        part("application/msword", word, "=?utf-8?B?0LTQvtCz0L7QstC+0YA=?=.docx", Content_Transfer_Encoding="base64"),
        part("application/octet-stream", "binary", "x.exe"),
        part("application/zip", archive, Content_Transfer_Encoding="base64"),
        mail(mail("inner text", Subject="Fwd: inner"), Content_Type="message/rfc822"),
        mail("v", Content_Type="text/plain; name*=utf-8''%D1%84.txt"),
        part("application/pkcs7-mime", "x", "smime.p7m"),
    )
    found = contents("a.eml", data)
    assert [(each.part, each.text, each.date) for each in found] == [
        ("", "простой текст", datetime.date(2024, 3, 5)),
        ("2 договор.docx", "Договор", datetime.date(2024, 3, 5)),
        ("4 attachment.zip/a.txt", "in the archive", datetime.date(2024, 3, 5)),
        ("5 Fwd: inner.eml", "inner text", datetime.date(2024, 3, 5)),
        ("6 ф.txt", "v", datetime.date(2024, 3, 5)),
        ("", "", None),
    ]
    assert found[0].meta["attachments"] == "договор.docx, x.exe, attachment.zip, Fwd: inner.eml, ф.txt"
    assert "договор.docx" in found[0].keywords
    assert found[-1].warnings == ("2 parts left out: encrypted (1), unsupported format .exe (1)",)


def test_a_mail_that_is_an_attachment_alone() -> None:
    data = mail(b"text of the file", Content_Type="text/plain", Content_Disposition='attachment; filename="../a/b.txt"')
    texts = {each.part: each.text for each in contents("a.eml", data)}
    assert texts == {"": ".._a_b.txt", "2 .._a_b.txt": "text of the file"}


def test_a_mail_as_python_writes_it(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "Счёт за март и апрель, оплатить"
    message["From"] = "Бухгалтерия <buh@example.org>"
    message["Date"] = datetime.datetime(2024, 3, 5, 12, tzinfo=datetime.timezone.utc)
    message.set_content("Добрый день!\n")
    message.add_alternative("<p>Добрый <b>день</b>!", subtype="html")
    message.add_attachment(
        docx(paragraph("Счёт")), maintype="application", subtype="octet-stream", filename="счёт.docx"
    )
    path = tmp_path / "a.eml"
    path.write_bytes(message.as_bytes())
    told: list[str] = []
    first, second = read_documents(path, file_id="a.eml", warn=told.append)
    assert (first.id, first.text, first.title) == ("a.eml", "Добрый день!", str(message["Subject"]).strip())
    assert (second.id, second.text) == ("a.eml//2 счёт.docx", "Счёт")
    assert told == []


@pytest.mark.parametrize("data", [b"", b"no mail at all", b"\0\1\2", b"<html>: x", b"12\n"])
def test_what_is_no_mail(data: bytes) -> None:
    with pytest.raises(ValueError, match="no mail"):
        contents("a.eml", data)


def test_a_digest() -> None:
    data = multipart("digest", b"\r\n" + mail("one", Subject="1"), b"\r\n" + mail("two", Subject="2"))
    assert {each.part: each.text for each in contents("a.eml", data)} == {"": "S", "2 1.eml": "one", "2 2.eml": "two"}


def test_mails_in_mails() -> None:
    data = mail("deepest", Subject="s")
    for _ in range(3):
        data = mail(data, Subject="s", Content_Type="message/rfc822")
    assert [each.part for each in contents("a.eml", data)] == [
        "",
        "2 s.eml",
        "2 s.eml/2 s.eml",
        "2 s.eml/2 s.eml/2 s.eml",
    ]
    deeper = mail(mail(data, Subject="s", Content_Type="message/rfc822"), Subject="s", Content_Type="message/rfc822")
    found = contents("a.eml", deeper)
    assert "deepest" not in [each.text for each in found]
    assert [each.warnings for each in found if each.warnings] == [("1 part left out: packed more than 3 deep (1)",)]


def test_parts_without_end() -> None:
    """Depth and number of parts are bounded, however they are nested."""
    data = b"x"
    for number in range(MAX_DEPTH * 3):
        data = multipart("mixed", data, boundary=str(number))
    assert len(list(leaves(part_of(data)))) == 1
    many = multipart("mixed", *[b"\r\nx"] * (MAX_PARTS * 2))
    assert len(list(leaves(part_of(many)))) == MAX_PARTS
    rows = [multipart("mixed", *[b"\r\nx"] * 100, boundary=f"i{number}") for number in range(100)]
    assert len(list(leaves(part_of(multipart("mixed", *rows))))) <= MAX_PARTS


# --- mailboxes

LINE = b"From ivan@example.org Tue Mar  5 10:00:00 2024\n"


def mailbox(*mails: bytes) -> bytes:
    return b"".join(LINE + each.replace(b"\r\n", b"\n") + b"\n\n" for each in mails)


def test_a_mailbox() -> None:
    data = mailbox(
        mail("one\n\nFrom here on it is text.\n>From quoted\n>>From twice", Subject="1"),
        mail("two", Subject="2", Date="Tue, 5 Mar 2024 10:00:00 +0000"),
        multipart("mixed", PLAIN, part("text/plain", "attached", "a.txt"), part("x/y", "z", "b.exe")),
        mail("", Subject="4"),
    )
    found = contents("a.mbox", data)
    assert [(each.part, each.title, each.text) for each in found] == [
        ("1", "1", "one\n\nFrom here on it is text.\nFrom quoted\n>From twice"),
        ("2", "2", "two"),
        ("3", "S", "простой текст"),
        ("3/2 a.txt", "", "attached"),
        ("4", "4", "4"),
        ("", "", ""),
    ]
    assert found[-1].warnings == ("1 part left out: unsupported format .exe (1)",)
    assert contents("a.mbox", b"\n" + data.replace(b"\n", b"\r\n"))[1].text == "two"


def test_the_mailbox_of_a_program_without_an_extension() -> None:
    found = format_of_content(b"From - Tue Mar  5 10:00:00 2024\nSubject: s\n\ntext")
    assert found is not None and found.name == "mailbox"
    assert format_of_content(b"From here") is None


@pytest.mark.parametrize("data", [b"", b"Subject: s\n\ntext", b"from x\n"])
def test_what_is_no_mailbox(data: bytes) -> None:
    with pytest.raises(ValueError, match="no mailbox"):
        contents("a.mbox", data)


def test_a_mailbox_takes_the_time_that_it_is_given() -> None:
    data = mailbox(mail("one", Subject="1"), mail("two", Subject="2"))
    with pytest.raises(ValueError, match="out of time"):
        contents("a.mbox", data, deadline=time.monotonic() - 1)


def test_bombs_in_a_mailbox() -> None:
    bomb = base64.encodebytes(zipped({"a.txt": bytes(3_000_000)})).decode()
    each = multipart("mixed", PLAIN, part("application/zip", bomb, "a.zip", Content_Transfer_Encoding="base64"))
    found = contents("a.mbox", mailbox(*[each] * 5), options=ReadOptions(max_unpacked=7_000_000))
    assert [one.part for one in found if one.text] == ["1", "2", "3", "4", "5"]
    assert found[-1].warnings == ("5 parts left out: unpacks to more than 6.676 MB (3), binary file (2)",)


@pytest.mark.parametrize("name", ["a.eml", "a.mbox"])
def test_damaged_mails(name: str) -> None:
    word = base64.encodebytes(docx(paragraph("x"))).decode()
    whole = multipart(
        "mixed",
        multipart("alternative", PLAIN, HTML, boundary="x"),
        part("a/b", word, "a.docx", Content_Transfer_Encoding="base64"),
    )
    data = whole if name == "a.eml" else mailbox(whole, mail("x", Subject="=?utf-8?B?0J/RgNC40LLQtdGC?="))

    @settings(max_examples=100, deadline=None)
    @given(st.integers(0, len(data)), st.binary(max_size=20), st.text("From :=?;\"'\r\n-bx_1/*", max_size=100))
    def change(place: int, changed: bytes, other: str) -> None:
        odd = other.encode()
        for each in (
            data[:place] + changed + data[place + len(changed) :],
            data[:place],
            b"Subject: " + odd,
            b"Content-Type: multipart/mixed; boundary=" + odd + b"\n\n--" + odd,
            LINE + odd,
        ):
            try:
                found = contents(name, each)
            except ValueError as error:
                assert str(error) and "\n" not in str(error)
            else:
                named = [one.part for one in found if one.text]
                assert len(set(named)) == len(named) and not any("\r" in one.text for one in found)

    change()
