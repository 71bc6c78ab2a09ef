"""A trained choice that sees each block among those around it, without the library that trained it.

Residual layers of dilated convolutions over the blocks of a page, each with the mean of the page beside it.
Dilated convolutions after van den Oord and others, "WaveNet" (2016, https://arxiv.org/abs/1609.03499);
root-mean-square normalisation after Zhang and Sennrich (2019, https://arxiv.org/abs/1910.07467).
"""

from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.enrich.clean.features import FIRST, LAST, Matrix, Vector

#: How far apart the three blocks are that each layer looks at.
DILATIONS = (1, 2, 4, 8, 16, 1)
LIMIT = 4.0  # standard deviations: no feature says more, however odd the page
TINY = 1e-5  # keeps the norm of an empty row from dividing by nothing

Weights = NDArray[np.float32]


@dataclass(frozen=True)
class Network:
    """Weights by layer: ``F`` features, ``H`` hidden numbers a block, ``L`` layers.

    ``mean`` and ``scale`` (F) make features comparable. ``enter`` (F, H), ``entered`` (H) and, by the classes
    of a block's first and last character, ``first`` and ``final`` (CLASSES, H) begin. ``near`` (L, 3 H, H)
    looks at the block before, the block and the one after, ``page`` (L, H, H) at all, ``bias`` (L, H) is
    added, and ``back`` (L, H, H) leads to the next layer. ``last`` (H, H), ``lasted`` (H), ``out`` (H) and
    ``base`` (1) end.
    """

    mean: Weights
    scale: Weights
    enter: Weights
    entered: Weights
    first: Weights
    final: Weights
    near: Weights
    page: Weights
    bias: Weights
    back: Weights
    last: Weights
    lasted: Weights
    out: Weights
    base: Weights

    @classmethod
    def load(cls, name: str) -> "Network":
        """Weights shipped beside this module."""
        with np.load(BytesIO(files(__package__).joinpath("weights", name).read_bytes())) as data:
            return cls(**{field: data[field].astype(np.float32) for field in cls.__dataclass_fields__})

    def score(self, matrix: Matrix) -> Vector:
        """For each row the log-odds that it is what the network was trained to find."""
        state = np.clip((matrix - self.mean) * self.scale, -LIMIT, LIMIT) @ self.enter + self.entered
        state += self.first[matrix[:, FIRST].astype(np.intp)] + self.final[matrix[:, LAST].astype(np.intp)]
        count, width = state.shape
        farthest = max(DILATIONS)
        # Room for what stands before the first block and after the last: nothing.
        room = np.zeros((count + 2 * farthest, width), dtype=np.float32)
        middle = room[farthest : farthest + count]
        near = np.empty((count, 3 * width), dtype=np.float32)
        for layer, step in enumerate(DILATIONS):
            middle[:] = _normal(state)
            near[:, :width] = room[farthest - step : farthest - step + count]
            near[:, width : 2 * width] = middle
            near[:, 2 * width :] = room[farthest + step : farthest + step + count]
            found = near @ self.near[layer]
            found += middle.mean(axis=0) @ self.page[layer] + self.bias[layer]
            np.maximum(found, 0, out=found)
            state += found @ self.back[layer]
        found = np.maximum(_normal(state) @ self.last + self.lasted, 0)
        score: Vector = found @ self.out + self.base
        return score


def _normal(state: NDArray[Any]) -> NDArray[Any]:
    squares = np.einsum("ij,ij->i", state, state) / state.shape[1]
    normal: NDArray[Any] = state / np.sqrt(squares + TINY)[:, None]
    return normal
