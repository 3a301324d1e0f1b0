"""Marian's binary lexical shortlists (`lex.50.50.enpt.s2t.bin`) for the vocabularies of a model.

Six whole numbers (a mark, a checksum, how many first pieces are always allowed, how many a source piece has at most,
the number of offsets, of entries), then the offsets, then the entries by source piece.
"""

from pathlib import Path

import numpy as np

from dragoman.interchange.binary import Bytes
from dragoman.interchange.importing import Rows, fault
from dragoman.shortlist import Shortlist

MARK = 0xF11A48D5013417F5


def read(path: Path, source: Rows, target: Rows, shared: bool) -> Shortlist:
    """Return the list by our ids; raises CheckpointError.

    With a `shared` vocabulary a source piece may always be copied.
    """
    data = Bytes(path)
    if data.number("Q", "a mark") != MARK:
        raise fault(path, "not a binary shortlist of Marian")
    data.number("Q", "the checksum")
    first, _, count, entries = (data.number("Q", "a number") for _ in range(4))
    theirs = 1 + max((place for place in target.foreign if place is not None), default=0)
    words = 1 + max((place for place in source.foreign if place is not None), default=0)
    if count != words + 1 or first > theirs or data.left != 8 * count + 4 * entries:
        raise fault(path, f"damaged, or of another vocabulary: {count:,} offsets for {words:,} pieces")
    offsets = data.array("<u8", (count,), "the offsets").astype(np.int64)
    ids = data.array("<u4", (entries,), "the entries").astype(np.int64)
    if offsets[0] != 0 or offsets[-1] != entries or (np.diff(offsets) < 0).any() or (ids >= theirs).any():
        raise fault(path, "damaged: its offsets or entries lead beyond it")
    ours = np.full(theirs, -1, np.int32)
    for index, place in enumerate(target.foreign):
        if place is not None:
            ours[place] = index
    rows = []
    for index, place in enumerate(source.foreign):
        some = ours[ids[offsets[place] : offsets[place + 1]]] if place is not None else np.zeros(0, np.int32)
        own = [index] if shared and place is not None else []
        rows.append(np.unique(np.concatenate([some[some >= 0], np.array(own, np.int32)])).astype(np.int32))
    always = ours[:first]
    ends = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    return Shortlist(always[always >= 0], ends, np.concatenate(rows).astype(np.int32))
