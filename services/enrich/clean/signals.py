"""What the choice knows of a line of a dump and of a piece of a web page, beyond the words themselves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.enrich.clean import features
from services.enrich.clean.dom import HINTS, TAGS, Holder, Piece
from services.enrich.clean.features import Matrix, Vector
from services.enrich.clean.lines import Line
from services.enrich.clean.metadata import Metadata

_PIECE_TAGS = (
    "p",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "div",
    "blockquote",
    "td",
    "figcaption",
    "section",
    "button",
)
_TAG_ROW = {tag: row for row, tag in enumerate(_PIECE_TAGS)}
_TAG_ROWS = np.eye(len(_PIECE_TAGS) + 1, len(_PIECE_TAGS), dtype=np.float32)  # the last for other tags
_BITS = len(HINTS) + len(TAGS)


def line_features(found: Sequence[Line]) -> Matrix:
    """What is known of the lines of a dump."""
    texts = [line.text for line in found]
    layout = np.array(
        [(line.linked, line.links, line.strong, line.gap, line.indent, line.heading, line.bullet, line.number,
          line.quote, line.table) for line in found],
        dtype=np.float32,
    )  # fmt: skip
    own, names = features.own(texts, layout[:, 0], layout[:, 1], layout[:, 2])
    gap = np.minimum(layout[:, 3], 8)
    indent = np.minimum(layout[:, 4], 60)
    n = len(found)
    marks = layout[:, 5:].copy()
    page = np.array(
        [marks[:, 0].astype(bool).mean(), marks[:, 1].mean(), (layout[:, 1] > 0).mean(), (gap > 0).mean()],
        dtype=np.float32,
    )
    usual = (
        float(np.median(indent[own[:, names["prose"]] > 0])) if (own[:, names["prose"]] > 0).any() else 0.0
    )
    extra = np.column_stack(
        [
            gap,
            np.append(gap[1:], 0),
            indent,
            indent - usual,
            np.append(0, np.diff(indent)),
            marks,
            np.tile(page, (n, 1)),
        ]
    )
    heading = _since(marks[:, 0] > 0)
    sets = features.words(texts)
    around = features.around(own, names, sets)
    return np.column_stack([own, around, extra, *heading, *features.tone(sets, own)]).astype(np.float32)


def _since(mask: np.ndarray) -> list[Vector]:
    rows = np.arange(len(mask))
    last = np.maximum.accumulate(np.where(mask, rows, -60))
    return [np.minimum(rows - last, 60).astype(np.float32), np.cumsum(mask).astype(np.float32)]


def piece_features(found: Sequence[Piece], said: Metadata, extracted: str) -> Matrix:
    """What is known of the pieces of a web page.

    Args:
        found: the pieces.
        said: what the page says about itself.
        extracted: what a rule-based extractor takes for the article, a block a line.

    """
    texts = [piece.text for piece in found]
    n = len(found)
    layout = np.array(
        [(p.linked, p.links, p.strong, p.part, p.holder.depth) for p in found], dtype=np.float32
    )
    own, names = features.own(texts, layout[:, 0], layout[:, 1], layout[:, 2])
    weight = np.expm1(own[:, names["mass"]]) * own[:, names["prose"]]
    columns: list[Vector] = [layout[:, 3], layout[:, 4]]
    columns += containers(found, weight)
    columns += _statements(texts, said, extracted)
    bits = np.array([(p.own, p.holder.around) for p in found], dtype=np.uint64)
    hints = ((bits[:, :, None] >> np.arange(_BITS, dtype=np.uint64)) & np.uint64(1)).astype(np.float32)
    tags = _TAG_ROWS[[_TAG_ROW.get(p.tag, -1) for p in found]]
    heading = np.array([p.tag in ("h1", "h2", "h3", "h4", "h5") for p in found])
    first_title = np.array([p.tag == "h1" for p in found])
    sets = features.words(texts)
    around = features.around(own, names, sets)
    since = [*_since(heading), *_since(first_title)]
    return np.column_stack(
        [own, around, *columns, hints.reshape(n, -1), tags, *since, *features.tone(sets, own)]
    ).astype(np.float32)


def containers(found: Sequence[Piece], weight: Vector) -> list[Vector]:
    """How much of the prose stands in the same element, in those around it, in others styled alike."""
    total = max(1.0, float(weight.sum()))
    own, above = _numbered([piece.holder for piece in found])
    around = np.array(above)
    parent = around[own]
    grand = around[parent]
    great = around[grand]
    members = _summed(np.bincount(own, minlength=len(above)), above)
    sums = _summed(np.bincount(own, weight, minlength=len(above)), above)
    # The element with most prose directly below it, and how far the others are from what is around it.
    direct = np.bincount(parent, weight, minlength=len(above))
    main = max(dict.fromkeys(parent.tolist()), key=direct.__getitem__, default=0)
    steps, height = _distances(above, main)
    styles: dict[str, int] = {}
    style = np.array([styles.setdefault(_style(piece), len(styles)) for piece in found], dtype=np.intp)
    linked = [piece.linked / max(1, len(piece.text)) for piece in found]
    alike = np.bincount(style)
    columns = (
        sums[own] / total, sums[parent] / total, sums[grand] / total, sums[great] / total,
        members[parent], members[grand], direct[parent] / total, direct[grand] / total,
        (np.bincount(style, weight) / total)[style], alike[style],
        (np.bincount(style, linked) / alike)[style],
        parent == main, steps[own], height[own], members[own],
    )  # fmt: skip
    return [column.astype(np.float32) for column in columns]


def _numbered(holders: Sequence[Holder]) -> tuple[NDArray[np.intp], list[int]]:
    """Each holder's number, and by number that of the element around it: smaller, the outermost's its own."""
    numbers: dict[int, int] = {}
    above: list[int] = []
    for holder in holders:
        missing: list[Holder] = []
        outer: Holder | None = holder
        while outer is not None and id(outer) not in numbers:
            missing.append(outer)
            outer = outer.above
        for inner in reversed(missing):
            number = numbers[id(inner)] = len(above)
            above.append(number if inner.above is None else numbers[id(inner.above)])
    return np.array([numbers[id(holder)] for holder in holders]), above


def _summed(values: NDArray[Any], above: Sequence[int]) -> NDArray[Any]:
    """What stands in each element and in those within it."""
    out = values.tolist()
    for inner in range(len(above) - 1, 0, -1):
        out[above[inner]] += out[inner]
    return np.array(out)


def _distances(above: Sequence[int], main: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """For each element how many steps up it meets the main one or one around that, and how far up that is."""
    heights = {main: 0}
    while (outer := above[main]) != main:
        heights[outer] = heights[main] + 1
        main = outer
    steps, height = [0] * len(above), [0] * len(above)
    for inner, outer in enumerate(above):
        if inner in heights:
            height[inner] = heights[inner]
        else:
            steps[inner], height[inner] = steps[outer] + 1, height[outer]
    return np.array(steps), np.array(height)


def _style(piece: Piece) -> str:
    above = piece.holder.above
    return f"{piece.holder.signature}<{above.signature if above else ''}"


def _statements(texts: Sequence[str], said: Metadata, extracted: str) -> list[Vector]:
    """Whether a block agrees with what the head of the page says and with the extractor."""
    n = len(texts)
    chosen = {squeezed(line.lstrip("- ")) for line in extracted.splitlines()}
    chosen_all = squeezed(extracted)
    body = squeezed(said.body or "")
    description = squeezed(said.standfirst or "")
    title = squeezed(said.headline or "")
    out = np.zeros((n, 8), dtype=np.float32)
    for row, text in enumerate(texts):
        key = squeezed(text)
        out[row] = (
            key in chosen, len(key) > 20 and key in chosen_all, bool(body), len(key) > 3 and key in body,
            len(key) > 30 and (key[:40] == description[:40] or key in description), key == title,
            len(key) > 10 and key in title, len(chosen_all) > 0,
        )  # fmt: skip
    agreed = out[:, 0]
    rows = np.arange(n)
    summed = np.concatenate(([0.0], np.cumsum(agreed)))
    near = [
        (summed[np.minimum(n, rows + reach + 1)] - summed[np.maximum(0, rows - reach)]) / (2 * reach + 1)
        for reach in (2, 6)
    ]
    titled = np.maximum.accumulate(out[:, 5])
    return [*out.T, *near, summed[:-1] / max(1.0, summed[-1]), titled,
            np.append(0, agreed[:-1]), np.append(agreed[1:], 0)]  # fmt: skip


def squeezed(text: str) -> str:
    """A text without its spaces, which templates change."""
    return "".join(text.split())
