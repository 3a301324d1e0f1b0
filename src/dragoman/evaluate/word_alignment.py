"""Which word became which: links from attention, how wrong they are, and the heads that know best.

A link is (source position, target position). Attention aligns pieces; gold alignments are of words, so
pieces are gathered by their characters. Where there is no gold, `data.lexicon` makes links from text alone,
which is enough to find the heads that align.
"""

# Shapes.  T target pieces, S source pieces (both with </s>), N heads, L decoder layers,
#          P pieces of one side (without </s>), W words of one side.

from collections.abc import Collection, Sequence

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

    Offsets are characters of the pieces, words those of the words, both sides in the same texts. Rows beyond
    the offsets are `</s>`'s and are left out; a word that looks more at columns beyond them, `</s>` of the
    source, than at any word comes from nothing and has no link. A piece that reaches over several words counts
    for each by its share of characters, one that touches none (a blank) for none. Ties go to the first word.
    """
    pieces_PP = weights_TS[: len(target_offsets), : len(source_offsets)].astype(np.float64)
    if pieces_PP.shape != (len(target_offsets), len(source_offsets)):
        raise ValueError(f"weights {weights_TS.shape} for {len(target_offsets)} x {len(source_offsets)} pieces")
    of_word_WP = _membership(target_offsets, target_words).T
    words_WW = of_word_WP @ pieces_PP @ _membership(source_offsets, source_words)
    nothing_W = of_word_WP @ weights_TS[: len(target_offsets), len(source_offsets) :].sum(1)
    if not len(source_words):
        return ()
    rows = enumerate(zip(words_WW, nothing_W, strict=True))
    return tuple((int(row.argmax()), t) for t, (row, nothing) in rows if row.max() > nothing)


def _membership(offsets: Sequence[Span], words: Sequence[Span]) -> NDArray[np.float64]:
    """Return the share [P, W] of each piece's word characters that lies in each word."""
    pieces_P2 = np.array(offsets, dtype=np.int64).reshape(-1, 2)
    words_W2 = np.array(words, dtype=np.int64).reshape(-1, 2)
    ends_PW = np.minimum(pieces_P2[:, None, 1], words_W2[None, :, 1])
    overlap_PW = np.maximum(0, ends_PW - np.maximum(pieces_P2[:, None, 0], words_W2[None, :, 0]))
    share_PW: NDArray[np.float64] = overlap_PW / np.maximum(1, overlap_PW.sum(1, keepdims=True))
    return share_PW


def choose_heads(
    weights_LNTS: Sequence[NDArray[np.floating]], links: Sequence[Collection[Link]], most: int = MAX_HEADS
) -> tuple[tuple[int, int], ...]:
    """Return the (layer, head) pairs, one to `most`, whose averaged attention agrees best with the links.

    One array of cross-attention [L, N, T, S] a sentence, on validation data, with `</s>` as the last row and
    column; a row that looks most at `</s>` agrees with no link. Greedy: the best head first, then whichever adds
    most, until none adds any. Links come from `Lexicon.links` or from gold; each target piece that has any wants
    one of its own. Raises DataError when there is no link to agree with.
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


def agreement(
    weights_LNTS: Sequence[NDArray[np.floating]], links: Sequence[Collection[Link]], heads: Sequence[tuple[int, int]]
) -> float:
    """Return the share of the linked target pieces at whose link the mean attention of the heads looks most."""
    rows, wanted = _linked_rows(weights_LNTS, links)
    agreed = total = 0
    for attention, right in zip(rows, wanted, strict=True):
        found_T = np.mean([attention[head] for head in heads], axis=0).argmax(-1)
        agreed += int(right[np.arange(len(right)), found_T].sum())
        total += len(right)
    return agreed / total


def _linked_rows(
    weights_LNTS: Sequence[NDArray[np.floating]], links: Sequence[Collection[Link]]
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.bool_]]]:
    """Return the attention of linked target pieces, and which column [T, S], `</s>` last, each is linked to."""
    rows, wanted = [], []
    for attention, pairs in zip(weights_LNTS, links, strict=True):
        target, source = attention.shape[2] - 1, attention.shape[3] - 1
        right = np.zeros((target, source + 1), dtype=np.bool_)
        for s, t in pairs:
            right[t, s] = True
        linked = right.any(1)
        if linked.any():
            rows.append(attention[:, :, :-1][:, :, linked].astype(np.float64))
            wanted.append(right[linked])
    return rows, wanted
