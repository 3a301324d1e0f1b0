"""Which word became which: links from attention, how wrong they are, and the heads that know best.

A link is (source position, target position). Attention aligns pieces; gold alignments are of words, so
pieces are gathered by their characters. Where there is no gold, IBM model 1 makes links from text alone,
which is enough to find the heads that align.
"""

# Shapes.  T target pieces, S source pieces (both with </s>), N heads, L decoder layers,
#          P pieces of one side (without </s>), W words of one side.

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dragoman.errors import DataError

Link = tuple[int, int]
Span = tuple[int, int]  # characters from, up to but without

MAX_HEADS = 4  # of a chosen set


def error_rate(found: Sequence[Collection[Link]], sure: Sequence[Collection[Link]]) -> float:
    """Return the alignment error rate of a corpus, 0 (the same links) to 1 (none in common).

    AER = 1 - 2 |A and S| / (|A| + |S|), Och & Ney 2003 with sure links only. Raises DataError for unequal
    counts and where there is nothing to find.
    """
    if len(found) != len(sure):
        raise DataError(f"{len(found)} alignments against {len(sure)} gold ones; one a sentence is wanted")
    common = sum(len(set(a) & set(s)) for a, s in zip(found, sure, strict=True))
    total = sum(len(set(a)) + len(set(s)) for a, s in zip(found, sure, strict=True))
    if not any(sure):
        raise DataError("the gold alignment has no links; one sure link at least is wanted")
    return 1 - 2 * common / total


def word_links(
    weights_TS: NDArray[np.floating],
    source_offsets: Sequence[Span],
    target_offsets: Sequence[Span],
    source_words: Sequence[Span],
    target_words: Sequence[Span],
) -> tuple[Link, ...]:
    """Return a link for each target word: to the source word at which its pieces look most, in sum.

    Offsets are characters of the pieces, words those of the words, both sides in the same texts. Rows and
    columns beyond the offsets are `</s>`'s and are left out. A piece that reaches over several words counts
    for each by its share of characters, one that touches none (a blank) for none. Ties go to the first word.
    """
    pieces_PP = weights_TS[: len(target_offsets), : len(source_offsets)].astype(np.float64)
    if pieces_PP.shape != (len(target_offsets), len(source_offsets)):
        raise ValueError(f"weights {weights_TS.shape} for {len(target_offsets)} x {len(source_offsets)} pieces")
    words_WW = _membership(target_offsets, target_words).T @ pieces_PP @ _membership(source_offsets, source_words)
    if not len(source_words):
        return ()
    return tuple((int(row.argmax()), t) for t, row in enumerate(words_WW) if row.max() > 0)


def _membership(offsets: Sequence[Span], words: Sequence[Span]) -> NDArray[np.float64]:
    """Return the share [P, W] of each piece's word characters that lies in each word."""
    pieces_P2 = np.array(offsets, dtype=np.int64).reshape(-1, 2)
    words_W2 = np.array(words, dtype=np.int64).reshape(-1, 2)
    ends_PW = np.minimum(pieces_P2[:, None, 1], words_W2[None, :, 1])
    overlap_PW = np.maximum(0, ends_PW - np.maximum(pieces_P2[:, None, 0], words_W2[None, :, 0]))
    share_PW: NDArray[np.float64] = overlap_PW / np.maximum(1, overlap_PW.sum(1, keepdims=True))
    return share_PW


@dataclass(frozen=True, slots=True, eq=False)
class Model1:
    """Translation probabilities t(target id | source id) of IBM model 1; the empty word explains the rest."""

    keys: NDArray[np.int64]  # (source id + 1) * pieces + target id, sorted; source 0 is the empty word
    probabilities: NDArray[np.float64]  # of each key
    pieces: int  # above every target id

    def probability(self, source: NDArray[np.int64], target: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return t(target | source) of ids, elementwise; -1 is the empty word, an unseen pair has 0."""
        key = (source + 1) * self.pieces + target
        place = np.minimum(np.searchsorted(self.keys, key), len(self.keys) - 1)
        known = (self.keys[place] == key) & (target < self.pieces)
        return np.where(known, self.probabilities[place], 0.0)

    def links(self, source: Sequence[int], target: Sequence[int]) -> tuple[Link, ...]:
        """Return a link for each target piece that a source piece explains better than the empty word."""
        if not len(source) or not len(target):
            return ()
        ids_S = np.concatenate([[-1], np.asarray(source, dtype=np.int64)])
        table_TS = self.probability(ids_S[None, :], np.asarray(target, dtype=np.int64)[:, None])
        return tuple((int(best) - 1, t) for t, best in enumerate(table_TS.argmax(1)) if best > 0)


def train_model1(pairs: Sequence[tuple[Sequence[int], Sequence[int]]], iterations: int = 5) -> Model1:
    """Return IBM model 1 (Brown et al. 1993) after rounds of expectation maximization from equal chances.

    `pairs` are (source ids, target ids); a few thousand suffice. Memory is about 50 bytes for each pair of
    positions of a sentence. Raises DataError when no pair has pieces on both sides.
    """
    whole = [(source, target) for source, target in pairs if len(source) and len(target)]
    if not whole:
        raise DataError("no sentence pair with pieces on both sides; a few hundred are wanted to align words")
    sources, targets, rows, row = [], [], [], 0
    for source, target in whole:
        with_empty = np.concatenate([[-1], np.asarray(source, dtype=np.int64)])
        sources.append(np.tile(with_empty, len(target)))
        targets.append(np.repeat(np.asarray(target, dtype=np.int64), len(with_empty)))
        rows.append(np.repeat(np.arange(row, row + len(target)), len(with_empty)))
        row += len(target)
    target_id, target_position = np.concatenate(targets), np.concatenate(rows)
    pieces = int(target_id.max()) + 1
    keys, pair = np.unique((np.concatenate(sources) + 1) * pieces + target_id, return_inverse=True)
    source_of_key = keys // pieces
    probabilities = np.ones(len(keys))
    for _ in range(iterations):
        chance = probabilities[pair]
        chance /= np.bincount(target_position, chance)[target_position]  # who explains this target piece
        counts = np.bincount(pair, chance, len(keys))
        probabilities = counts / np.bincount(source_of_key, counts)[source_of_key]
    return Model1(keys, probabilities, pieces)


def choose_heads(
    weights_LNTS: Sequence[NDArray[np.floating]], links: Sequence[Collection[Link]], most: int = MAX_HEADS
) -> tuple[tuple[int, int], ...]:
    """Return the (layer, head) pairs, one to `most`, whose averaged attention agrees best with the links.

    One array of cross-attention [L, N, T, S] a sentence, on validation data, with `</s>` as the last row and
    column, which are left out. Greedy: the best head first, then whichever adds most, until none adds any.
    Links come from `Model1.links` or from gold; each target piece that has any wants one of its own. Raises
    DataError when there is no link to agree with.
    """
    if len(weights_LNTS) != len(links):
        raise DataError(f"{len(weights_LNTS)} sentences with attention, {len(links)} with links; they must be the same")
    rows, wanted = _linked_rows(weights_LNTS, links)
    if not rows:
        raise DataError("no links to choose alignment heads by; more validation pairs are wanted")
    layers, heads = rows[0].shape[:2]
    chosen: list[tuple[int, int]] = []
    so_far: list[NDArray[np.float64]] = [np.zeros(attention.shape[2:]) for attention in rows]
    best = -1
    while len(chosen) < min(most, layers * heads):
        agreed_LN = np.zeros((layers, heads), dtype=np.int64)
        for attention, already, right in zip(rows, so_far, wanted, strict=True):
            found_LNT = (attention + already).argmax(-1)  # a sum has the same highest place as the average
            agreed_LN += np.take_along_axis(right.T, found_LNT.reshape(-1, len(right)), 0).sum(1).reshape(layers, heads)
        agreed_LN[tuple(np.array(chosen, dtype=np.int64).reshape(-1, 2).T)] = -1
        if agreed_LN.max() <= best:
            break
        best = int(agreed_LN.max())
        layer, head = divmod(int(agreed_LN.argmax()), heads)
        chosen.append((layer, head))
        so_far = [already + attention[layer, head] for already, attention in zip(so_far, rows, strict=True)]
    return tuple(chosen)


def _linked_rows(
    weights_LNTS: Sequence[NDArray[np.floating]], links: Sequence[Collection[Link]]
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.bool_]]]:
    """Return the attention of linked target pieces, and which source pieces [T, S] each is linked to."""
    rows, wanted = [], []
    for attention, pairs in zip(weights_LNTS, links, strict=True):
        target, source = attention.shape[2] - 1, attention.shape[3] - 1
        right = np.zeros((target, source), dtype=np.bool_)
        for s, t in pairs:
            right[t, s] = True
        linked = right.any(1)
        if linked.any():
            rows.append(attention[:, :, :-1, :-1][:, :, linked].astype(np.float64))
            wanted.append(right[linked])
    return rows, wanted
