"""Follows two files line by line and keeps the shift at which they belong together."""

from dataclasses import dataclass

import numpy as np

from dragoman.data.block import Block
from dragoman.data.drift import AHEAD, ALARM, CHUNK, SURE, Belonging, Floats, Ids, Stretch

STEP = 4096  # most lines that are left out between two searches where nothing belongs together


GAP = 3  # lines that are named when neither shift explains them


@dataclass(slots=True)
class _Rows:
    """The lines of one side that are still needed, the first of them line `base` (from 0)."""

    ids: Ids
    lengths: Floats
    base: int = 0

    @property
    def end(self) -> int:
        return self.base + len(self.lengths)

    def add(self, ids: Ids, lengths: Floats) -> None:
        self.ids, self.lengths = np.concatenate([self.ids, ids]), np.concatenate([self.lengths, lengths])

    def forget(self, before: int) -> None:
        if before - self.base > CHUNK:
            self.ids, self.lengths = self.ids[before - self.base :].copy(), self.lengths[before - self.base :].copy()
            self.base = before


class DriftTracker:
    """Takes the blocks of a corpus in order; `finish` returns the stretches whose lines do not stand side by side."""

    def __init__(self, belonging: Belonging, reach: int) -> None:
        """Follow shifts of at most `reach` lines."""
        self.belonging, self.reach = belonging, reach
        self.rows = tuple(_Rows(np.zeros((0, 0), np.int64), np.zeros(0)) for _ in (0, 1))
        self.middle = sum(belonging.level) / 2  # between lines that belong together and strangers
        self.at = 0  # the next line to be scored
        self.began = 0  # where the present shift took over
        self.shift: int | None = 0
        self.step = AHEAD
        self.against, self.since = 0.0, 0  # evidence against the present shift, and from which line on
        self.stretches: list[Stretch] = []

    def add(self, block: Block) -> None:
        """Take the next lines."""
        if not self.belonging.tells:
            return
        for place, rows in enumerate(self.rows):
            ids, lengths = self.belonging.ids(place, block.sides[place])
            if not rows.ids.size:
                rows.ids = np.zeros((0, ids.shape[1]), np.int64)
            rows.add(ids, lengths)
        while self.at + max(CHUNK, self.step) + AHEAD + self.reach <= self.rows[0].end:
            self._go_on()

    def finish(self) -> tuple[Stretch, ...]:
        """Return what was found."""
        while self.belonging.tells and self.at < self.rows[0].end:
            self._go_on()
        self._close(self.rows[0].end)
        return tuple(self.stretches)

    def _go_on(self) -> None:
        """Score the next lines at the present shift, or look for one."""
        if self.shift is None:
            self._search()
        else:
            self._score(self.shift)
        for rows in self.rows:
            rows.forget(min(self.at, self.since) - self.reach - STEP - AHEAD)

    def _score(self, shift: int) -> None:
        for score in self._scores(self.at, min(self.at + CHUNK, self.rows[0].end), shift).tolist():
            self.against -= score
            self.at += 1
            if self.against <= 0:
                self.against, self.since = 0.0, self.at
            elif self.against > ALARM:
                self._alarm(shift)
                return

    def _alarm(self, shift: int) -> None:
        """Find out what has happened at line `since`: another shift, nothing that fits, or an accident."""
        last = min(self.since + AHEAD, self.rows[0].end)
        present = self._scores(self.since, last, shift)
        other, total = self._best(self.since, last)
        if other != shift and total > max(SURE, float(present.sum()) + SURE):
            early = max(self.began, self.since - AHEAD)
            before, after = self._scores(early, last, shift), self._scores(early, last, other)
            end, begin = _between(before, after)
            if begin - end >= GAP:
                self._change(early + end, None)
            self._change(early + (begin if begin - end >= GAP else end), other)
        elif float(present.sum()) < -SURE:
            self._change(self.since, None)
        self.against, self.since = 0.0, self.at

    def _search(self) -> None:
        """Look for a shift where there was none, ever more rarely."""
        last = min(self.at + AHEAD, self.rows[0].end)
        shift, total = self._best(self.at, last)
        if total <= SURE:
            self.at = min(self.at + self.step, self.rows[0].end)
            self.step = min(2 * self.step, STEP)
            return
        early = max(self.began, self.at - self.step)
        tails = np.cumsum(self._scores(early, last, shift)[::-1])[::-1]
        self._change(early + int(np.argmax(tails)), shift)
        self.against, self.since = 0.0, self.at

    def _best(self, first: int, last: int) -> tuple[int, float]:
        """Return the shift that suits some lines best, and its evidence; of equals the smallest."""
        shifts = sorted(range(-self.reach, self.reach + 1), key=abs)
        totals = [float(self._scores(first, last, shift).sum()) for shift in shifts]
        best = int(np.argmax(totals))
        return shifts[best], totals[best]

    def _change(self, line: int, shift: int | None) -> None:
        """Let another shift hold from a line on."""
        self._close(line)
        self.at, self.began, self.shift, self.step = line, line, shift, AHEAD

    def _close(self, line: int) -> None:
        if self.shift != 0 and line > self.began:
            self.stretches.append(Stretch(self.began + 1, line, self.shift))

    def _scores(self, first: int, last: int, shift: int) -> Floats:
        """Return the evidence of source lines first to last - 1 at a shift; 0 where the target has no such line."""
        source, target = self.rows
        scores = np.zeros(max(0, last - first))
        begin, end = max(first, target.base - shift), min(last, target.end - shift)
        if begin < end:
            one = slice(begin - source.base, end - source.base)
            other = slice(begin + shift - target.base, end + shift - target.base)
            scores[begin - first : end - first] = (
                self.belonging.scores(
                    (source.ids[one], source.lengths[one]), (target.ids[other], target.lengths[other])
                )
                - self.middle
            )
        return scores


def _between(before: Floats, after: Floats) -> tuple[int, int]:
    """Return where the one shift ends and the other begins, so that the sum of the scores is largest."""
    heads = np.concatenate([[0.0], np.cumsum(before)])
    tails = np.concatenate([np.cumsum(after[::-1])[::-1], [0.0]])
    ends = np.maximum.accumulate(heads)
    begin = int(np.argmax(ends + tails))
    return int(np.argmax(heads[: begin + 1])), begin
