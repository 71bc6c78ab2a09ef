"""The trained verdict on the blocks of a page: trees and a network, which are wrong in different places."""

from dataclasses import dataclass

import numpy as np

from services.enrich.clean.features import Matrix, Vector
from services.enrich.clean.network import Network
from services.enrich.clean.trees import Trees


@dataclass(frozen=True)
class Judge:
    """Both ways of judging, each trained on the same pages."""

    trees: Trees
    network: Network

    @classmethod
    def load(cls, name: str) -> "Judge":
        """The judge of ``lines`` or of ``pieces``, as shipped."""
        return cls(Trees.load(f"{name}.trees.npz"), Network.load(f"{name}.network.npz"))

    def probability(self, matrix: Matrix) -> Vector:
        """For each row how likely it is a part of the body: the log-odds of both count the same."""
        score = (self.trees.score(matrix) + self.network.score(matrix)) / 2
        verdict: Vector = 1.0 / (1.0 + np.exp(-score))
        return verdict
