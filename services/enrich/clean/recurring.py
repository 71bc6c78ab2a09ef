"""Lines that recur on most pages of one site: counted over many of its articles, marked in each later one.

A line that five articles of a site share is no part of any of them: a call to subscribe, a notice of
rights, a menu. Three things look the same and are not, and the rules here are made for them: an article
that comes in several versions, the teaser of an article on all other pages, and a name that is a menu's
word on every page and a heading on one. Pure: who reads pages and keeps records is `services.enrich.learnt`.
"""

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import AwareDatetime

from services.enrich.clean.blocks import is_sentence
from services.models import Article, Block, BlockKind, Model

#: On so many distinct articles of a site, and such a share of them, a line must recur.
LEAST_ARTICLES = 5
LEAST_SHARE = 0.5
#: The same for a line that the cleaner takes for the article's on most of its pages: nothing but the
#: recurrence speaks against it, so it must be on nearly all.
KEPT_ARTICLES = 10
KEPT_SHARE = 0.8
#: Two pages that share so much of the shorter one's body are one article.
_SAME = 0.5
_PROSE = frozenset((BlockKind.PARAGRAPH, BlockKind.LIST_ITEM))
#: Shorter lines are also headings, answers, results: "Politics", "Read on", "What happens next?".
_LEAST_WIDTH = 30
_PROSE_WIDTH = 60
_SAMPLE = 100  # characters of a line that a person is shown
_MOST_LINES = 300  # of a site
_HEAD = 2  # blocks of a body that its own teaser may repeat
_WORD = re.compile(r"\w+")


class Line(Model):
    """A line of a site: on how many articles it was, and on how many of these it was taken for the body's."""

    hash: str
    sample: str
    articles: int
    kept: int
    spared: bool = False  # by a person: it is no furniture, whatever is counted

    @property
    def doubted(self) -> bool:
        """Whether the cleaner cuts it on most pages by itself."""
        return 2 * self.kept <= self.articles


class Site(Model):
    """What was learnt of a site; kept as a file of its own that a person can read."""

    site: str
    articles: int  # distinct ones that were looked at
    learnt: AwareDatetime
    by: str  # which release
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Furniture:
    """The hashes of learnt lines, by site, each with whether the cleaner doubts it too."""

    sites: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    everywhere: Mapping[str, bool] = field(default_factory=dict)  # of a record that somebody named

    def of(self, article: Article, key: str) -> Mapping[str, bool]:
        """The lines that are furniture in this article; ``key`` is its file's name without its lane."""
        site = site_of(article, key)
        return self.everywhere or (self.sites.get(site, {}) if site is not None else {})


@dataclass(frozen=True)
class PageLine:
    """A line as it stands on one page."""

    hash: str
    sample: str
    size: int  # characters
    kept: bool
    prose: bool  # a sentence of some length in a paragraph


def site_of(article: Article, key: str) -> str | None:
    """The site of an article: the host of its address, else the folder it was dropped in; ``None``: neither.

    A folder's name ends in a slash, so that it is never taken for a host. Names that a text prints are
    not asked: they change from page to page.
    """
    if article.url is not None:
        try:
            host = urlsplit(article.url).hostname
        except ValueError:
            host = None
        if host:
            return host.removeprefix("www.")
    folder, slash, _ = key.partition("/")
    return folder + slash if folder and slash else None


def lines_of(article: Article) -> tuple[PageLine, ...]:
    """The lines of a page that are long enough to be told from a heading, each once."""
    found: dict[str, PageLine] = {}
    for block in article.blocks:
        for text in block.text.split("\n"):
            name = _hash(text)
            if name is None or (name in found and (found[name].kept or not block.kept)):
                continue
            prose = block.kind in _PROSE and _width(text) >= _PROSE_WIDTH and is_sentence(text)
            found[name] = PageLine(name, _shown(text), len(text), block.kept, prose)
    return tuple(found.values())


def recurring(pages: Sequence[Sequence[PageLine]]) -> tuple[int, tuple[Line, ...]]:
    """How many distinct articles the pages of a site hold, and the lines that recur on most of them."""
    articles = _distinct(pages)
    count = 1 + max(articles, default=-1)
    seen: dict[str, set[int]] = defaultdict(set)
    kept: dict[str, set[int]] = defaultdict(set)
    samples: dict[str, PageLine] = {}
    heading: set[str] = set()  # kept somewhere, and not as prose
    for page, article in zip(pages, articles, strict=True):
        for line in page:
            seen[line.hash].add(article)
            samples.setdefault(line.hash, line)
            if line.kept:
                kept[line.hash].add(article)
                if not line.prose:
                    heading.add(line.hash)
    found = [
        Line(hash=name, sample=samples[name].sample, articles=len(on), kept=len(kept[name]))
        for name, on in seen.items()
        if len(on) >= LEAST_ARTICLES and len(on) >= LEAST_SHARE * count
    ]
    found = [
        line
        for line in found
        if line.doubted
        or (
            line.articles >= KEPT_ARTICLES
            and line.articles >= KEPT_SHARE * count
            and line.hash not in heading
        )
    ]
    found.sort(key=lambda line: (-line.articles, line.hash))
    return count, tuple(found[:_MOST_LINES])


def without_recurring(article: Article, known: Mapping[str, bool]) -> Article:
    """The same article, its blocks that are furniture of its site labelled and no longer kept.

    The text that other pages show as this article's teaser stands at the head of its own body, so a line
    that the cleaner doubts elsewhere is not cut there. Where nothing would be left, or more than half of the
    body would go that the cleaner does not doubt, the record knows another kind of page: nothing is cut.
    """
    if not known:
        return article
    own = {_key(text) for text in (article.headline, article.standfirst) if text}
    blocks = list(article.blocks)
    kept = [position for position, block in enumerate(blocks) if block.kept]
    whole = sum(len(blocks[position].text) for position in kept)
    left, undoubted = len(kept), 0
    for place, position in enumerate(kept):
        text = blocks[position].text
        doubted = known.get(_hash(text) or "")
        if doubted is None or (doubted and place < _HEAD) or _key(text) in own:
            continue
        blocks[position] = Block(kind=BlockKind.RECURRING, text=text, kept=False)
        left -= 1
        undoubted += 0 if doubted else len(text)
    if left in (0, len(kept)) or 2 * undoubted > whole:
        return article
    return article.model_copy(update={"blocks": tuple(blocks)})


def with_spared(new: Site, old: Site | None) -> Site:
    """What was learnt anew, with the lines that a person has spared before."""
    spared = {line.hash: line for line in old.lines if line.spared} if old is not None else {}
    lines = [line.model_copy(update={"spared": line.hash in spared}) for line in new.lines]
    gone = set(spared).difference(line.hash for line in lines)
    return new.model_copy(update={"lines": (*lines, *(spared[name] for name in sorted(gone)))})


def known_lines(site: Site) -> dict[str, bool]:
    """The lines of a record as ``Furniture`` holds them."""
    return {line.hash: line.doubted for line in site.lines if not line.spared}


def _distinct(pages: Sequence[Sequence[PageLine]]) -> list[int]:
    """For each page the number of its article: versions of one, or copies, share most of a body.

    What the cleaner cuts on most pages is no body where it fails to, or a site's menu would make all of its
    broken pages one article.
    """
    seen = Counter(line.hash for page in pages for line in page)
    kept = Counter(line.hash for page in pages for line in page if line.kept)
    bodies = [
        {line.hash: line.size for line in page if line.kept and 2 * kept[line.hash] > seen[line.hash]}
        for page in pages
    ]
    holding: dict[str, list[int]] = defaultdict(list)
    parent = list(range(len(pages)))

    def root(page: int) -> int:
        while parent[page] != page:
            parent[page] = parent[parent[page]]
            page = parent[page]
        return page

    for page, body in enumerate(bodies):
        shared: dict[int, int] = defaultdict(int)
        for name, size in body.items():
            for other in holding[name]:
                shared[other] += size
            holding[name].append(page)
        for other, size in shared.items():
            if size >= _SAME * min(sum(body.values()), sum(bodies[other].values())):
                parent[root(page)] = root(other)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(root(page), len(numbers)) for page in range(len(pages))]


def _key(text: str) -> str:
    """What of a line must agree: its words, however they are written."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def _hash(text: str) -> str | None:
    if _width(text) < _LEAST_WIDTH:
        return None
    return hashlib.blake2b(_key(text).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _width(text: str) -> int:
    """Characters, those that stand for a syllable or a word counted twice."""
    return len(text) + sum(ord(char) > 0x2E7F for char in text[:_PROSE_WIDTH])


def _shown(text: str) -> str:
    return text if len(text) <= _SAMPLE else text[: _SAMPLE - 1].rstrip() + "…"
