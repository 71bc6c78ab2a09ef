import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest

from services.enrich.formats import parse
from services.enrich.formats.archive import Budget, open_zip
from services.errors import ArticleRejected, Reason
from services.models import Article, RawFile, Refusal
from tests.unit.enrich.formats.reading import LEAD, SECOND, articles, raw, read

STORY = f"Lock to close until October\n\n{LEAD}\n\n{SECOND}\n"


def zipped(**members: str | bytes) -> bytes:
    return zipped_names({f"{name}.txt": data for name, data in members.items()})


def zipped_names(members: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def refusal(data: bytes) -> Reason:
    with pytest.raises(ArticleRejected) as rejected:
        read(data)
    return rejected.value.reason


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_file_is_what_is_inside_it(pack) -> None:
    parsed = parse(raw(pack(STORY.encode()), "story.txt"))

    assert parsed.format == "text"
    assert isinstance(next(parsed.items), Article)


def test_each_member_of_a_bundle_is_judged_alone_and_named_after_both() -> None:
    good, bad = read(zipped(a=STORY, b=b"\x89PNG\r\n\x1a\n" + bytes(200)), "drop.zip")

    assert isinstance(good, Article)
    assert good.uid == "drop.zip!a.txt"
    assert isinstance(bad, Refusal)
    assert (bad.reason, bad.item) == (Reason.BINARY, "drop.zip!b.txt")


def test_bundles_inside_bundles_are_opened_three_layers_deep_and_no_further() -> None:
    layers: bytes = zipped(story=STORY)
    layers = zipped_names({"1.zip": layers})
    assert len(articles(gzip.compress(layers))) == 1

    for number in range(3):
        layers = zipped_names({f"{number}.zip": layers})
    assert refusal(layers) is Reason.ARCHIVE_BOMB


def test_a_bomb_is_refused_before_it_fills_the_memory() -> None:
    assert refusal(zipped(bomb=bytes(40 << 20))) is Reason.ARCHIVE_BOMB
    assert refusal(gzip.compress(bytes(40 << 20))) is Reason.ARCHIVE_BOMB


def test_the_budget_counts_over_all_members() -> None:
    with pytest.raises(ArticleRejected) as rejected:
        list(open_zip(raw(zipped(a="x" * 800, b="y" * 800)), Budget(bytes=1000)))
    assert rejected.value.reason is Reason.ARCHIVE_BOMB


def test_names_that_point_outside_are_refused_and_their_neighbours_read() -> None:
    items = read(zipped_names({"../../evil.txt": STORY, "/abs.txt": STORY, "good.txt": STORY}))

    assert [item.reason for item in items if isinstance(item, Refusal)] == [Reason.ARCHIVE_PATH] * 2
    assert sum(isinstance(item, Article) for item in items) == 1


def test_the_litter_of_desktops_is_passed_over() -> None:
    names = {
        "__MACOSX/._a.txt": "x",
        ".DS_Store": "x",
        "folder/": "",
        "folder/Thumbs.db": "x",
        "a.txt": STORY,
    }

    assert len(read(zipped_names(names))) == 1


def test_an_encrypted_member_is_named_as_such() -> None:
    data = bytearray(zipped(a=STORY))
    data[6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1

    assert refusal(bytes(data)) is Reason.ENCRYPTED


def test_a_size_that_lies_is_damage() -> None:
    data = bytearray(zipped(a=STORY))
    start = data.rfind(b"PK\x01\x02")
    data[start + 24 : start + 28] = (10).to_bytes(4, "little")

    assert refusal(bytes(data)) is Reason.NOT_WELLFORMED


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_file_compressed_in_many_members_is_read_to_its_end(pack) -> None:
    half = len(STORY) // 2
    packed = pack(STORY[:half].encode()) + pack(STORY[half:].encode())
    (article,) = parse(raw(packed, "story.txt")).items
    assert isinstance(article, Article)
    assert article.body.endswith(SECOND)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_file_that_ends_early_is_truncated(pack) -> None:
    assert refusal(pack(STORY.encode() * 50)[:-40]) is Reason.TRUNCATED


def test_devices_and_links_in_a_tar_are_skipped_alone() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        device, link, story = tarfile.TarInfo("null"), tarfile.TarInfo("link"), tarfile.TarInfo("story.txt")
        device.type, link.type, link.linkname = tarfile.CHRTYPE, tarfile.SYMTYPE, "/etc/passwd"
        story.size = len(STORY.encode())
        archive.addfile(device)
        archive.addfile(link)
        archive.addfile(story, io.BytesIO(STORY.encode()))

    (found,) = read(out.getvalue(), "drop.tar")
    assert isinstance(found, Article)
    assert found.uid == "drop.tar!story.txt"


def test_content_decides_and_not_the_name() -> None:
    assert parse(RawFile("story.gz", STORY.encode(), raw("").modified)).format == "text"
