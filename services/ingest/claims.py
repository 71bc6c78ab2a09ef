"""What a file claims to be: the documents it stands for, told from its bytes alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from services.models import RawFile


@dataclass(frozen=True)
class Claim:
    """A document that must be in the index, in this version or a later one.

    ``dated`` says whether the version's time is the article's own. Else it is the time at which the
    file was dropped, which a store may forget when the file is moved: then ``version`` is the least
    it can be.
    """

    id: str
    version: int
    dated: bool = True


#: The claims of a file; none for one that holds no article. Passed in by the commands: custody of
#: files knows nothing of what is in them.
Claims: TypeAlias = Callable[[RawFile], tuple[Claim, ...]]
