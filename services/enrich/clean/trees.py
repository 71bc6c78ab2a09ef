"""A trained choice, without the library that trained it: symmetric trees, evaluated for a page at once."""

from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from services.enrich.clean.features import Matrix, Vector

_FIRST = 60  # trees
_HOPELESS = -4.0  # log-odds after those: on the pages of the training command 3 rows of 5,500 changed sides


@dataclass(frozen=True)
class Trees:
    """All trees have one depth and ask one question per level, so a leaf's number is the answers' bits.

    ``column`` and ``border`` hold a question each (tree by level), ``leaves`` a value per tree and leaf.
    """

    column: NDArray[np.int32]
    border: NDArray[np.float32]
    leaves: NDArray[np.float32]
    bias: float

    @classmethod
    def load(cls, name: str) -> "Trees":
        """Weights shipped beside this module."""
        with np.load(BytesIO(files(__package__).joinpath("weights", name).read_bytes())) as data:
            return cls(
                data["column"].astype(np.int32),
                data["border"],
                data["leaves"].astype(np.float32),
                float(data["bias"]),
            )

    def score(self, matrix: Matrix) -> Vector:
        """For each row the log-odds that it is what the trees were trained to find."""
        score = self._score(matrix, slice(_FIRST)) + self.bias
        # Most of a page is furniture beyond doubt: the first trees settle that, the others judge the rest.
        rest = np.flatnonzero(score > _HOPELESS)
        score[rest] += self._score(matrix[rest], slice(_FIRST, None))
        return score

    def _score(self, matrix: Matrix, which: slice) -> Vector:
        # Level by level, and by rows of the transposed matrix: so each step reads memory in order.
        column, border, leaves = self.column[which].T, self.border[which].T, self.leaves[which]
        values = np.ascontiguousarray(matrix.T)
        leaf = np.zeros((len(leaves), len(matrix)), dtype=np.uint8)
        for level, (asked, least) in enumerate(zip(column, border, strict=True)):
            leaf |= (values[asked] > least[:, None]).view(np.uint8) << np.uint8(level)
        first = np.arange(0, leaves.size, leaves.shape[1])  # where each tree's leaves begin
        score: Vector = leaves.ravel().take(leaf + first[:, None]).sum(axis=0)
        return score
