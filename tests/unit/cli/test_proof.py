"""The page that shows an editor what was kept and what was cut."""

from html.parser import HTMLParser

import pytest

from services.cli.proof import MOST_CHARACTERS, MOST_FILES, Proof, proof_page
from services.models import Block, BlockKind

HOSTILE = '<script src="https://bad.example/x.js"></script><img src=x onerror=alert(1)>"\'&'


class Page(HTMLParser):
    """Which elements a browser would make, and the text it would show."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def marks(self) -> list[str | None]:
        return [attrs["title"] for tag, attrs in self.elements if tag == "mark"]


def article(**fields):
    return {"uid": "a", "headline": "Harbour bridge closes", "blocks": [], **fields}


def block(kind, text, *, kept=True):
    return Block(kind=kind, text=text, kept=kept).model_dump(mode="json")


def page(*articles, file="a.html", outcome="indexed", original="", **record):
    found = {"file": file, "outcome": outcome, "reason": None, "detail": None, "articles": list(articles)}
    return Page("".join(proof_page([Proof(found | record, original)])))


def test_every_block_says_its_kind_and_whether_it_was_kept():
    shown = page(
        article(blocks=[block("promotion", "Subscribe now", kept=False), block("paragraph", "It rains.")]),
        original="Subscribe now\nIt rains.",
    )
    assert "cut: promotion" in shown.text
    assert "kept: paragraph" in shown.text
    assert shown.text.count("It rains.") == 2  # as a block, and in the original


@pytest.mark.parametrize("kind", BlockKind)
def test_every_kind_has_a_colour(kind):
    source = "".join(proof_page([]))
    style = source[source.index("<style>") : source.index("</style>")]
    assert any(
        f".{kind}" in "".join(rule.split("{")[0].split()).split(",")
        for rule in style.split("}")
        if "--hue:" in rule
    )


def test_names_are_marked_where_they_stand_though_blocks_before_were_cut():
    first, second = "It rains in Newhaven.", "Mayor Anna Brightwater said: “Stay in.”"
    start = len(first) + 2 + second.index("Anna")
    quote = len(first) + 2 + second.index("“Stay") + 1
    shown = page(
        article(
            blocks=[
                block("navigation", "Home › Weather", kept=False),
                block("paragraph", first),
                block("related", "Also read: Fog", kept=False),
                block("paragraph", second),
            ],
            entities=[
                {
                    "name": "Anna Brightwater",
                    "type": "person",
                    "mentions": [{"start": start, "end": start + 16, "text": "Anna Brightwater"}],
                }
            ],
            quotes=[
                {
                    "start": quote,
                    "end": quote + 8,
                    "text": "Stay in.",
                    "speaker": {"name": "Anna Brightwater"},
                }
            ],
        )
    )
    assert shown.marks() == ["Anna Brightwater (person)", "said by Anna Brightwater"]


def test_where_marks_overlap_each_stretch_bears_all_of_them():
    text = "“Newhaven will dry,” he said."
    shown = page(
        article(
            blocks=[block("paragraph", text)],
            entities=[
                {
                    "name": "Newhaven",
                    "type": "place",
                    "mentions": [{"start": 1, "end": 9, "text": "Newhaven"}],
                }
            ],
            quotes=[{"start": 1, "end": 18, "text": text[1:18], "speaker": None}],
        )
    )
    assert shown.marks() == ["Newhaven (place); said by nobody named", "said by nobody named"]
    assert text in shown.text


def test_nothing_of_a_file_becomes_markup_or_asks_a_server():
    shown = page(
        article(headline=HOSTILE, byline=HOSTILE, blocks=[block("paragraph", HOSTILE)]),
        file=HOSTILE,
        detail=HOSTILE,
        original=HOSTILE,
    )
    assert not {tag for tag, _ in shown.elements} & {"script", "img", "link", "iframe", "object"}
    assert all(
        value is None or value.startswith("#")
        for _, attrs in shown.elements
        for name, value in attrs.items()
        if name in ("href", "src") or name.startswith("on")
    )
    policy = next(attrs["content"] for tag, attrs in shown.elements if attrs.get("http-equiv"))
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_a_refused_file_says_why_and_what_to_do():
    shown = page(outcome="quarantined", reason="empty", detail="no bytes")
    assert "empty: no bytes" in shown.text
    assert "send the file again" in shown.text


def test_a_page_stays_small_enough_to_open_and_says_what_it_leaves_out():
    record = {"file": "a", "outcome": "indexed", "reason": None, "detail": None, "articles": []}
    long = article(blocks=[block("paragraph", "x" * (2 * MOST_CHARACTERS)), block("paragraph", "the end")])
    proofs = [Proof(record | {"articles": [long]}, "y" * (3 * MOST_CHARACTERS))]
    proofs += [Proof(record, "")] * MOST_FILES
    source = "".join(proof_page(proofs))
    assert source.count("x" * MOST_CHARACTERS) == 1
    assert "the end" not in source
    assert f"and {2 * MOST_CHARACTERS:,} more characters" in source
    assert "1 more files are not shown" in source
