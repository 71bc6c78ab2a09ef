"""Files made to hurt: each ends quickly, with a reason that says what it is, or as the article it holds."""

import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import zipfile
from typing import Any

import brotli
import pytest

from services.errors import ArticleRejected, Reason
from services.models import Refusal
from tests.unit.enrich.formats.reading import LEAD, SECOND, article, articles, read

TEXT = f"{LEAD}\n\n{SECOND}"
LARGE = b"A" * (40 << 20)


def refusal(data: str | bytes) -> Reason:
    with pytest.raises(ArticleRejected) as rejected:
        read(data)
    return rejected.value.reason


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    "bomb",
    [
        gzip.compress(LARGE),
        bz2.compress(LARGE),
        lzma.compress(LARGE, preset=0),
        lzma.compress(gzip.compress(bz2.compress(LARGE))),
        gzip.compress(gzip.compress(gzip.compress(gzip.compress(TEXT.encode())))),
        zipped(("a.gz", gzip.compress(LARGE)), ("b.txt", TEXT.encode())),
    ],
    ids=["gzip", "bzip2", "xz", "mixed", "four layers", "gzip in zip"],
)
def test_compression_bombs_of_every_kind_are_refused(bomb: bytes) -> None:
    assert refusal(bomb) is Reason.ARCHIVE_BOMB


def test_a_zip_whose_entries_share_their_bytes_is_a_bomb() -> None:
    whole = zipped(("a.txt", LARGE[: 9 << 20]))
    start, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    entries = whole[start:end] * 200
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 200, 200, len(entries), start, 0)

    assert refusal(whole[:start] + entries + tail) is Reason.ARCHIVE_BOMB


def test_a_zip_of_too_many_members_is_refused_before_the_first_is_opened() -> None:
    assert refusal(zipped(*((f"{number}.txt", b"x") for number in range(20_001)))) is Reason.ARCHIVE_BOMB


def test_links_devices_and_paths_outside_a_tar_do_no_harm_to_its_article() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind, data in (
            ("../../etc/x.txt", tarfile.REGTYPE, TEXT.encode()),
            ("/x.txt", tarfile.REGTYPE, TEXT.encode()),
            ("link", tarfile.SYMTYPE, b""),
            ("device", tarfile.CHRTYPE, b""),
            ("pipe", tarfile.FIFOTYPE, b""),
            ("ok.txt", tarfile.REGTYPE, TEXT.encode()),
        ):
            entry = tarfile.TarInfo(name)
            entry.type, entry.size, entry.linkname = kind, len(data), "/etc/passwd"
            archive.addfile(entry, io.BytesIO(data))
    items = read(out.getvalue())

    assert [item.reason for item in items if isinstance(item, Refusal)] == [Reason.ARCHIVE_PATH] * 2
    assert [item.body for item in items if not isinstance(item, Refusal)] == [TEXT]


def test_a_book_that_lists_one_chapter_a_thousand_times_holds_it_once() -> None:
    package = (
        '<package><metadata><title>T</title></metadata><manifest><item id="a" href="a.xhtml"/></manifest>'
        "<spine>" + '<itemref idref="a"/>' * 1000 + "</spine></package>"
    )
    book = zipped(
        ("mimetype", b"application/epub+zip"),
        (
            "META-INF/container.xml",
            b'<container><rootfiles><rootfile full-path="o.opf"/></rootfiles></container>',
        ),
        ("o.opf", package.encode()),
        ("a.xhtml", f"<html><body><p>{LEAD}</p></body></html>".encode()),
    )

    assert article(book).body == LEAD


def nitf(body: str, doctype: str = "") -> str:
    return f'<?xml version="1.0"?>{doctype}<nitf><body><body.content>{body}</body.content></body></nitf>'


@pytest.mark.parametrize(
    ("doctype", "body", "reason"),
    [
        ('<!ENTITY a "&b;"><!ENTITY b "&a;">', "<p>&a;</p>", Reason.ENTITY_BOMB),
        ('<!ENTITY a "' + "x" * 4000 + '">', "<p>" + "&a;" * 5000 + "</p>", Reason.ENTITY_BOMB),
        ("".join(f'<!ENTITY e{n} "v">' for n in range(20_000)), "<p>x</p>", Reason.ENTITY_BOMB),
        ('<!ENTITY x SYSTEM "file:///etc/passwd">', "<p>&x;</p>", Reason.EXTERNAL_ENTITY),
        ("", "<p>" * 100_000, Reason.TOO_DEEP),
    ],
    ids=["a circle", "many of one", "too many", "external", "deep"],
)
def test_xml_bombs_are_refused_by_name(doctype: str, body: str, reason: Reason) -> None:
    assert refusal(nitf(body, f"<!DOCTYPE nitf [{doctype}]>")) is reason


def test_a_doctype_that_never_ends_is_damage_not_text() -> None:
    data = '<?xml version="1.0"?><!DOCTYPE nitf [' + '<!ENTITY a "x">' * 20_000

    assert refusal(data) is Reason.NOT_WELLFORMED


def test_a_million_bare_ampersands_are_read_as_they_stand() -> None:
    story = article(nitf(f"<p>{LEAD}</p><p>{'&' * 1_000_000}x</p>"))

    assert story.body.startswith(LEAD)
    assert story.body.count("&") == 1_000_000


def test_xml_of_a_mainframe_is_read() -> None:
    assert article(nitf(f"<p>{LEAD}</p>").encode("cp1140")).body == LEAD


def tree(depth: int) -> dict[str, Any]:
    return {"type": "doc", "content": [tree(depth - 1), tree(depth - 1)]} if depth else {"text": "x"}


def chain(depth: int) -> dict[str, Any]:
    node: dict[str, Any] = {"text": LEAD}
    for _ in range(depth):
        node = {"type": "doc", "content": [node]}
    return node


def test_a_body_tree_is_walked_in_its_size_however_deep_or_wide() -> None:
    assert article(json.dumps({"title": "T", "body": tree(12)})).body.startswith("x")
    assert refusal(json.dumps({"title": "T", "body": chain(150)})) is Reason.TYPE_MISMATCH
    hollow = json.dumps({"title": "T", "body": chain(40) | {"blocks": tree(10)["content"]}})
    assert article(hollow).headline == "T"


def test_an_article_under_hundreds_of_wrappers_is_found_or_refused() -> None:
    wrapped = '{"data":' * 400 + json.dumps({"title": "T", "text": LEAD}) + "}" * 400

    assert article(wrapped).body == LEAD


def test_aliases_that_multiply_in_front_matter_do_not_fill_the_memory() -> None:
    lines = ['a: &a ["x"]'] + [
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 9)}]" for n in range(9)
    ]
    story = article("---\ntitle: Lock to close\n" + "\n".join(lines) + f"\n---\n{LEAD}\n")

    assert (story.headline, story.body) == ("Lock to close", LEAD)


def mail(headers: str) -> str:
    return f"From: a@test.example\n{headers}MIME-Version: 1.0\nMessage-ID: <1@test.example>\n\n{LEAD}\n"


def test_headers_made_to_exhaust_a_mail_reader_leave_the_letter_readable() -> None:
    nested = mail("Subject: Lock\n").replace("a@test.example", "(" * 20_000, 1)
    words = mail("Subject: " + "=?utf-8?b?QUFB?= " * 50_000 + "\n")
    charset = mail('Subject: Lock\nContent-Type: text/plain; charset="hex"\n')

    assert [article(data).body for data in (nested, words, charset)] == [LEAD] * 3


def test_shortcodes_that_never_close_do_not_stall_a_wordpress_export() -> None:
    content = '[gallery a="' * 30_000 + "[caption id=a " * 30_000 + LEAD
    export = (
        '<rss xmlns:wp="http://wordpress.org/export/1.2/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item><title>T</title>'
        f"<content:encoded><![CDATA[{content}]]></content:encoded></item></channel></rss>"
    )

    assert LEAD in article(export).body


def test_shortcodes_go_and_words_in_brackets_stay() -> None:
    content = f"[gallery ids=\"1,2\" link='file']\n\n{LEAD} [see note 5]\n\n[/gallery][more]"
    export = (
        '<rss xmlns:wp="http://wordpress.org/export/1.2/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item><title>T</title>'
        f"<content:encoded><![CDATA[{content}]]></content:encoded></item></channel></rss>"
    )

    assert article(export).body == f"{LEAD} [see note 5]"


def test_a_page_that_unfolds_in_a_web_archive_is_cut_at_a_pages_size() -> None:
    page = (
        b"<html><head><title>Lock</title><meta property='article:published_time' "
        b"content='2024-09-23T10:15:00Z'></head><body><article><h1>Lock to close</h1>"
        + f"<p>{LEAD}</p><p>{SECOND}</p>".encode()
        + b"</article></body></html>"
    )
    body = brotli.compress(page + b" " * (64 << 20), quality=1)
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: br\r\n\r\n" + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://test.example/lock\r\n"
        f"WARC-Date: 2024-09-23T10:15:00Z\r\nContent-Type: application/http\r\nContent-Length: {len(answer)}"
    )

    (story,) = articles(head.encode() + b"\r\n\r\n" + answer + b"\r\n\r\n")
    assert LEAD in story.body


def test_pictures_and_noise_are_binary_whatever_they_call_themselves() -> None:
    noise = bytes((number * 167 + 13) % 256 for number in range(300))

    assert refusal(noise) is Reason.BINARY
    assert refusal('<svg xmlns="http://www.w3.org/2000/svg"><text>Lock</text></svg>') is Reason.BINARY
