"""The last step of every parser: one article made harmless, complete and honest.

Parsers say what the file says. Here, once for all formats: characters are cleaned, lengths bounded,
doubtful dates dropped, the identity chosen, a missing headline taken from the first sentence, and an
article without text refused.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from services.enrich.clean import names
from services.enrich.formats.confidential import publishable
from services.enrich.formats.dateline import dateline_of
from services.enrich.formats.encoding import harmless
from services.errors import ArticleRejected, Reason
from services.models import Article, Block, BlockKind, Link, RawFile, Status, Subject

_MAX_LINE = 1_000  # a headline of 50,000 characters is a defect, yet its story may be sound
_MAX_UID = 512
_MAX_BLOCK = 200_000
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])(?<!\b[A-Z]\.)(?<!\b[MDS][rt]\.)[\"”’»)]*(?:\s|$)|\n")
_SIGNED = re.compile(r"(?:By|Von|Par|Por)\s+(?=\S+\s+\S)[^.!?\d]{5,100}")
_LINES = ("headline", "kicker", "byline", "source", "provider", "credit", "genre", "version", "story")
_TEXTS = ("standfirst", "copyright", "editorial_note")


def finished(article: Article, raw: RawFile, position: int | None = None) -> Article:
    """``article`` ready for the pipeline. Raises ``ArticleRejected`` when there is nothing to read."""
    changes: dict[str, Any] = {name: _line(getattr(article, name)) for name in _LINES}
    changes |= {name: _text(getattr(article, name)) for name in _TEXTS}
    blocks = _opened(tuple(publishable(_blocks(article.blocks))), changes)
    start = [block.text for block in blocks if block.kept and any(map(str.isalnum, block.text))][:3]
    body = start[0] if start else None
    url = _url(article.url)
    headline = (changes["headline"] or "").lstrip(">*+ ")  # agencies' marks for priority and updates
    changes["headline"] = headline or (first_sentence(body) if body else None)
    if body is None and article.status is not Status.CANCELED:
        raise ArticleRejected(Reason.NO_TEXT, _what(article, changes["headline"]))
    latest = raw.modified + timedelta(days=366)
    byline = changes["byline"] = _byline(changes["byline"])
    changes |= {
        "uid": _uid(article.uid, url, raw, position),
        "url": url,
        "blocks": blocks,
        "authors": tuple(_names(article.authors or names.people([byline or ""], as_written=True))),
        "dateline": article.dateline or next(filter(None, map(dateline_of, start)), None),
        "published": _plausible(article.published, latest),
        "updated": _plausible(article.updated, latest),
        "language": language_tag(article.language),
        "subjects": tuple(_subjects(article.subjects)),
        "keywords": tuple(_names(article.keywords)),
        "links": tuple(_links(article.links)),
    }
    return article.model_copy(update=changes)


def _opened(blocks: tuple[Block, ...], changes: dict[str, Any]) -> tuple[Block, ...]:
    """Without the headline said again above the text, and with the byline that stands there as one."""
    result = list(blocks)
    kept = [position for position, block in enumerate(blocks) if block.kept][:4]
    if changes["headline"] and len(kept) > 1 and _same(blocks[kept[0]].text, changes["headline"]):
        position = kept.pop(0)
        result[position] = _cut(blocks[position], BlockKind.HEADLINE)
    for position in kept[:-1] if changes["byline"] is None else ():
        text = " ".join(blocks[position].text.split())
        if _SIGNED.fullmatch(text) and names.people([text]):
            changes["byline"] = text
            result[position] = _cut(blocks[position], BlockKind.BYLINE)
            break
    return tuple(result)


def _cut(block: Block, kind: BlockKind) -> Block:
    return block.model_copy(update={"kind": kind, "kept": False})


def _same(one: str, other: str) -> bool:
    return len(one) < _MAX_LINE and re.sub(r"\W+", "", one.casefold()) == re.sub(r"\W+", "", other.casefold())


def _byline(text: str | None) -> str | None:
    """Without the date or dash that hung on to it, and without a name said twice."""
    if text is None:
        return None
    text = re.sub(
        r"\s+[-–—|•·]\s+\W*(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|[A-Z][a-z]{2,8}\.? \d{1,2},? \d{4})\b.*$",
        "",
        text,
    )
    parts: dict[str, str] = {}
    for part in re.split(r"\s*,\s*", text.strip(" -–—|,;")):
        key = re.sub(r"^by\s+|\W+", "", part.casefold())
        parts.setdefault(key, part.strip(" -–—|"))
    return ", ".join(part for part in parts.values() if part) or None


def first_sentence(text: str, limit: int = 140) -> str:
    """What an editor would put above a story that came without a headline."""
    text = text.strip()
    end = next((found.start() for found in _SENTENCE_END.finditer(text) if found.start() >= 12), len(text))
    sentence = " ".join(text[: min(end, 2_000)].split())
    if len(sentence) <= limit:
        return sentence
    return sentence[:limit].rsplit(" ", 1)[0].rstrip(",;:–- ") + "…"


_THREE_LETTERS = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "por": "pt",
    "nld": "nl", "dut": "nl", "nor": "no", "nob": "nb", "nno": "nn", "swe": "sv", "dan": "da", "fin": "fi",
    "rus": "ru", "ara": "ar", "zho": "zh", "chi": "zh", "jpn": "ja", "kor": "ko", "pol": "pl", "tur": "tr",
}  # fmt: skip
_NAMED = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr", "spanish": "es",
    "español": "es", "italian": "it", "italiano": "it", "portuguese": "pt", "dutch": "nl", "nederlands": "nl",
    "swedish": "sv", "norwegian": "no", "danish": "da", "finnish": "fi", "russian": "ru", "arabic": "ar",
    "chinese": "zh", "japanese": "ja", "korean": "ko", "polish": "pl", "turkish": "tr",
}  # fmt: skip


def language_tag(value: str | None) -> str | None:
    """A BCP 47 tag as it should be written (``en``, ``pt-BR``, ``zh-Hant``), or ``None``."""
    if not value:
        return None
    value = value.strip().replace("_", "-")
    if value.lower() in _NAMED:
        return _NAMED[value.lower()]
    if not re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}", value) or value.lower() in {
        "und",
        "mul",
        "zxx",
    }:
        return None
    language, *rest = value.split("-")
    language = _THREE_LETTERS.get(language.lower(), language.lower())
    parts = [
        part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower() for part in rest
    ]
    return "-".join([language, *parts])


def _line(value: str | None) -> str | None:
    if not value:
        return None
    value = " ".join(harmless(value).split())
    if len(value) > _MAX_LINE:
        value = value[: _MAX_LINE - 1] + "…"
    return value or None


def _text(value: str | None) -> str | None:
    if not value:
        return None
    return harmless(value).strip()[: 20 * _MAX_LINE] or None


def _blocks(blocks: Iterable[Block]) -> Iterable[Block]:
    for block in blocks:
        text = harmless(block.text).strip()
        if not text:
            continue
        if text == block.text and len(text) <= _MAX_BLOCK:
            yield block
            continue
        # One endless paragraph is cut into several: nothing is lost, and no later step chokes.
        for start in range(0, len(text), _MAX_BLOCK):
            yield Block(kind=block.kind, text=text[start : start + _MAX_BLOCK], kept=block.kept)


def _uid(uid: str, url: str | None, raw: RawFile, position: int | None) -> str:
    """Provider's guid, else the address, else the key, with the place in the file from the second on."""
    place = "" if position in (None, 1) else f"#{position}"
    chosen = harmless(uid).strip() or url or raw.key + place
    if len(chosen) <= _MAX_UID:
        return chosen
    return f"{chosen[:400]}…{hashlib.sha256(chosen.encode()).hexdigest()}"


def _url(value: str | None) -> str | None:
    if not value:
        return None
    value = harmless(value).strip()
    return value if re.match(r"https?://[^\s/]", value) and len(value) <= 2_048 else None


def _plausible(moment: datetime | None, latest: datetime) -> datetime | None:
    """A date beyond next year would sort first for ever; it is a defect, not a date."""
    return moment if moment is not None and moment <= latest else None


def _names(values: Iterable[str]) -> list[str]:
    lines = (_line(value) for value in values)
    return list(dict.fromkeys(line for line in lines if line))


def _subjects(values: Iterable[Subject]) -> Iterable[Subject]:
    seen = set()
    for subject in values:
        clean = Subject(scheme=_line(subject.scheme), code=_line(subject.code), name=_line(subject.name))
        key = (clean.scheme, clean.code or clean.name)
        if (clean.code or clean.name) and key not in seen:
            seen.add(key)
            yield clean


def _links(values: Iterable[Link]) -> Iterable[Link]:
    for link in values:
        if target := _line(link.target):
            yield Link(rel=link.rel, target=target, title=_line(link.title))


def _what(article: Article, headline: str | None) -> str:
    name = headline or article.uid
    return f"no text in {name[:120]!r}" if name else "no text in the file"
