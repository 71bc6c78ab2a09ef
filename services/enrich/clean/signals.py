"""What the choice knows of a line of a dump and of a piece of a web page, beyond the words themselves."""

from collections.abc import Sequence

import numpy as np

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
    columns += _containers(found, weight)
    columns += _statements(texts, said, extracted)
    bits = np.array([(p.own, p.holder.around) for p in found], dtype=np.uint64)
    hints = ((bits[:, :, None] >> np.arange(_BITS, dtype=np.uint64)) & np.uint64(1)).astype(np.float32)
    tags = np.array([[p.tag == tag for tag in _PIECE_TAGS] for p in found], dtype=np.float32)
    heading = np.array([p.tag in ("h1", "h2", "h3", "h4", "h5") for p in found])
    first_title = np.array([p.tag == "h1" for p in found])
    sets = features.words(texts)
    around = features.around(own, names, sets)
    since = [*_since(heading), *_since(first_title)]
    return np.column_stack(
        [own, around, *columns, hints.reshape(n, -1), tags, *since, *features.tone(sets, own)]
    ).astype(np.float32)


def _containers(found: Sequence[Piece], weight: Vector) -> list[Vector]:
    """How much of the prose stands in the same element, in those around it, in others styled alike."""
    total = max(1.0, float(weight.sum()))
    sums: dict[int, float] = {}
    members: dict[int, int] = {}
    styles: dict[str, list[float]] = {}
    known: dict[int, list[Holder]] = {}
    paths = [_path(piece.holder, known) for piece in found]
    names = [_style(piece) for piece in found]
    for piece, path, name, mass in zip(found, paths, names, weight.tolist(), strict=True):
        for holder in path:
            key = id(holder)
            sums[key] = sums.get(key, 0.0) + mass
            members[key] = members.get(key, 0) + 1
        style = styles.setdefault(name, [0.0, 0.0, 0.0])
        style[0] += mass
        style[1] += 1
        style[2] += piece.linked / max(1, len(piece.text))
    # The smallest element that holds most of the prose; and the one with most prose directly below it.
    direct: dict[int, float] = {}
    for path, mass in zip(paths, weight.tolist(), strict=True):
        parent = path[1] if len(path) > 1 else path[0]
        direct[id(parent)] = direct.get(id(parent), 0.0) + mass
    main = max(direct, key=direct.__getitem__, default=0)
    main_path = next((path for path in paths if any(id(holder) == main for holder in path)), [])
    position = next((p for p, holder in enumerate(main_path) if id(holder) == main), 0)
    rank = {id(holder): height for height, holder in enumerate(main_path[position:])}
    rows: list[tuple[float, ...]] = []
    for row, path in enumerate(paths):
        parent = path[min(1, len(path) - 1)]
        grand = path[min(2, len(path) - 1)]
        great = path[min(3, len(path) - 1)]
        style = styles[names[row]]
        steps = next((step for step, holder in enumerate(path) if id(holder) in rank), len(path))
        height = rank.get(id(path[steps]), 20) if steps < len(path) else 20
        rows.append((
            sums[id(path[0])] / total, sums[id(parent)] / total, sums[id(grand)] / total,
            sums[id(great)] / total,
            members[id(parent)], members[id(grand)], direct.get(id(parent), 0.0) / total,
            direct.get(id(grand), 0.0) / total,
            style[0] / total, style[1], style[2] / style[1],
            id(parent) == main, steps, height, members[id(path[0])],
        ))  # fmt: skip
    return list(np.array(rows, dtype=np.float32).T)


def _path(holder: Holder, known: dict[int, list[Holder]]) -> list[Holder]:
    """An element and all around it, innermost first."""
    missing: list[Holder] = []
    above: Holder | None = holder
    while above is not None and id(above) not in known:
        missing.append(above)
        above = above.above
    for inner in reversed(missing):
        known[id(inner)] = [inner] if inner.above is None else [inner, *known[id(inner.above)]]
    return known[id(holder)]


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
