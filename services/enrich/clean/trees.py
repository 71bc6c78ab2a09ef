"""A trained choice, without the library that trained it: symmetric trees, evaluated for a page at once."""

from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from services.enrich.clean.features import Matrix, Vector


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

    def probability(self, matrix: Matrix) -> Vector:
        """For each row how likely it is what the trees were trained to find."""
        trees, depth = self.column.shape
        # By rows of the transposed matrix: each question then reads memory in order.
        asked = np.ascontiguousarray(matrix.T)[self.column.ravel()]
        answers = (asked > self.border.ravel()[:, None]).reshape(trees, depth, len(matrix))
        leaf = np.packbits(answers, axis=1, bitorder="little")[:, 0, :]
        score = self.leaves[np.arange(trees)[:, None], leaf].sum(axis=0) + self.bias
        verdict: Vector = 1.0 / (1.0 + np.exp(-score))
        return verdict
