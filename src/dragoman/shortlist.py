"""A lexical shortlist: which pieces a translation may hold, by the pieces of its source.

A search then looks at some hundred rows of the output matrix in the place of all, which is faster; a word that the
list does not know for any piece of the source cannot come (Jean et al. 2015, section 3.3; Devlin 2017, section 6.3).
"""

# Shapes.  F pieces that are always allowed, S source vocabulary, N entries.

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from dragoman.architecture import ModelConfig
from dragoman.manifest import fault
from dragoman.options import EOS

FILE = "shortlist.safetensors"
MOST = 1 << 28  # bytes


@dataclass(frozen=True, eq=False)
class Shortlist:
    """Ids of the target: those `always` allowed [F], and `ids` [N] from offsets[s] on for source piece s."""

    always: NDArray[np.int32]
    offsets: NDArray[np.int64]  # [S + 1]
    ids: NDArray[np.int32]

    def of(self, source: Sequence[int]) -> NDArray[np.int32]:
        """Return the ids that a translation of these source pieces may hold, in rising order, `</s>` among them."""
        rows = [self.ids[self.offsets[piece] : self.offsets[piece + 1]] for piece in set(source)]
        return np.unique(np.concatenate([self.always, np.array([EOS], np.int32), *rows]))


def encode(shortlist: Shortlist, config: ModelConfig, path: Path) -> bytes:
    """Return the bytes of its file; raises CheckpointError for one that is not of this model."""
    _check(shortlist, config, path)
    return safetensors.numpy.save({"always": shortlist.always, "offsets": shortlist.offsets, "ids": shortlist.ids})


def decode(data: bytes | bytearray, config: ModelConfig, path: Path) -> Shortlist:
    """Read the bytes of a file; raises CheckpointError."""
    try:
        found = safetensors.numpy.load(bytes(data))
    except (safetensors.SafetensorError, ValueError, KeyError) as error:
        raise fault(path, f"not a safetensors file: {error}") from None
    if set(found) != {"always", "offsets", "ids"}:
        raise fault(path, f"holds {sorted(found)}; always, offsets and ids are wanted")
    shortlist = Shortlist(found["always"], found["offsets"], found["ids"])
    _check(shortlist, config, path)
    return shortlist


def _check(shortlist: Shortlist, config: ModelConfig, path: Path) -> None:
    always, offsets, ids = shortlist.always, shortlist.offsets, shortlist.ids
    for some, wanted in ((always, np.int32), (offsets, np.int64), (ids, np.int32)):
        if some.dtype != wanted or some.ndim != 1:
            raise fault(path, "its numbers are not int32, int64 and int32, each in a row")
    for some in (always, ids):
        if some.size and not (some.min() >= 0 and some.max() < config.target_vocabulary):
            raise fault(path, f"an id is outside the vocabulary of {config.target_vocabulary}")
    if (
        len(offsets) != config.vocab_size + 1
        or offsets[0] != 0
        or offsets[-1] != len(ids)
        or (np.diff(offsets) < 0).any()
    ):
        raise fault(path, f"its offsets are not {config.vocab_size + 1} rising numbers up to {len(ids)}")
