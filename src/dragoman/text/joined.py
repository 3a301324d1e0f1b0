"""The hypotheses of a text in segments, from those of its segments.

A hypothesis of the whole takes one of each segment. Its score is the mean of their scores, so that the best whole
is made of the best segments, and the n best are exactly the n best of all combinations:

    segment 1   -0.2  -0.5             best of the whole   (1st, 1st)  -0.25
    segment 2   -0.3  -0.4                         second   (1st, 2nd)  -0.30
                                                    third   (2nd, 1st)  -0.40
"""

import heapq
from collections.abc import Iterator, Sequence

from dragoman.options import Alignment, BlockAlignment, DecodeOptions, Hypothesis, SegmentTranslation
from dragoman.randomness import Randomness
from dragoman.text.segment import Segment

UNSPACED = {"zh", "yue", "ja", "th", "lo", "km", "my", "bo"}  # languages without blanks between sentences
WIDE_ENDS = "。！？；：，、」』）"  # of a text that has none

Cost = tuple[int, float]  # unfinished segments, then the negative score: the lowest is the best


def join(
    text: str,
    segments: Sequence[Segment],
    found: Sequence[Sequence[Hypothesis]],
    options: DecodeOptions,
    target_language: str | None = None,
) -> tuple[Hypothesis, ...]:
    """Return up to `n_best` hypotheses of the whole, best first; `found` has those of each segment but blanks.

    When sampling, the k-th whole is made of one sample of each segment, no sample is used twice.
    """
    if options.sampling and options.n_best > 1:
        wholes = [_joined(text, segments, chosen, target_language) for chosen in _shuffled(found, options)]
        return tuple(sorted(wholes, key=lambda whole: (not whole.finished, -whole.score, whole.ids)))
    costs = [[(int(not one.finished), -one.score) for one in own] for own in found]
    choices = best_combinations(costs, options.n_best)
    return tuple(
        _joined(text, segments, [own[at] for own, at in zip(found, choice, strict=True)], target_language)
        for choice in choices
    )


def best_combinations(costs: Sequence[Sequence[Cost]], count: int) -> list[list[int]]:
    """Return the `count` choices of one index a row with the lowest sums, lowest first; each row is sorted.

    Row by row the `count` best of the rows so far are kept: a sum among the best of all is among them there.
    """
    kept: list[tuple[int, float]] = [(0, 0.0)]
    ways: list[list[tuple[int, int]]] = []  # for each row, (which of the kept before, index in the row)
    for row in costs:
        heap = [(kept[0][0] + row[0][0], kept[0][1] + row[0][1], 0, 0)]
        now: list[tuple[int, float]] = []
        way: list[tuple[int, int]] = []
        while heap and len(now) < count:
            unfinished, cost, before, at = heapq.heappop(heap)
            now.append((unfinished, cost))
            way.append((before, at))
            if at + 1 < len(row):
                heapq.heappush(
                    heap, (kept[before][0] + row[at + 1][0], kept[before][1] + row[at + 1][1], before, at + 1)
                )
            if at == 0 and before + 1 < len(kept):
                heapq.heappush(heap, (kept[before + 1][0] + row[0][0], kept[before + 1][1] + row[0][1], before + 1, 0))
        kept = now
        ways.append(way)
    choices = []
    for last in range(len(kept)):
        choice, at = [], last
        for way in reversed(ways):
            at, index = way[at]
            choice.append(index)
        choices.append(choice[::-1])
    return choices


def _shuffled(found: Sequence[Sequence[Hypothesis]], options: DecodeOptions) -> Iterator[list[Hypothesis]]:
    """Yield one sample of each segment at a time.

    Samples come sorted; put together by rank the wholes would be no independent samples, in keyed random orders
    they are.
    """
    randomness = Randomness(options.seed)
    orders = [randomness.order("text.joined", number, len(own)) for number, own in enumerate(found)]
    for k in range(options.n_best):
        yield [own[order[k]] for own, order in zip(found, orders, strict=True)]


def _joined(
    text: str, segments: Sequence[Segment], chosen: Sequence[Hypothesis], target_language: str | None
) -> Hypothesis:
    """Put one hypothesis of each segment together, with the white space of the source between them."""
    parts: list[SegmentTranslation] = []
    written: list[str] = []
    end = 0

    def put(source: tuple[int, int], words: str, hypothesis: Hypothesis | None) -> None:
        nonlocal end
        parts.append(SegmentTranslation(source, (end, end + len(words)), hypothesis))
        written.append(words)
        end += len(words)

    following = iter(chosen)
    for number, segment in enumerate(segments):
        if segment.kind == "blank":
            put((segment.start, segment.end), text[segment.start : segment.end], None)
            continue
        if number and segments[number - 1].kind == "text" and _wants_blank(text[segment.start - 1], target_language):
            put((segment.start, segment.start), " ", None)
        hypothesis = next(following)
        put((segment.start, segment.end), hypothesis.text, hypothesis)
    return Hypothesis(
        ids=tuple(piece for one in chosen for piece in one.ids),
        token_log_probabilities=tuple(value for one in chosen for value in one.token_log_probabilities),
        score=sum(one.score for one in chosen) / len(chosen),
        finished=all(one.finished for one in chosen),
        alignment=_alignment(chosen),
        text="".join(written),
        pieces=tuple(piece for one in chosen for piece in one.pieces),
        segments=tuple(parts),
    )


def _wants_blank(last: str, target_language: str | None) -> bool:
    """Whether a blank belongs behind a mark of a script without blanks, in a language that has them."""
    if target_language is None or last not in WIDE_ENDS:
        return False
    return target_language.replace("_", "-").partition("-")[0].lower() not in UNSPACED


def _alignment(chosen: Sequence[Hypothesis]) -> BlockAlignment | None:
    blocks: list[Alignment] = []
    starts: list[int] = []
    start = 0
    for one in chosen:
        if not isinstance(one.alignment, Alignment):
            return None
        blocks.append(one.alignment)
        starts.append(start)
        start += len(one.ids)
    return BlockAlignment(tuple(blocks), tuple(starts))
