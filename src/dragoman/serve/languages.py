"""The languages of a model as clients of LibreTranslate write and read them."""

from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.directions import Direction
from dragoman.serve.refusal import Refusal, shortened
from dragoman.text.languages import UNKNOWN, canonical, name_of

AUTO = "auto"  # the client does not know the source language


@dataclass(frozen=True, slots=True)
class Languages:
    """What a model translates from and into; `directions` are its own codes, none where they are not known."""

    directions: tuple[Direction, ...]

    def listed(self) -> list[dict[str, object]]:
        """Return what GET /languages answers: every language, those that are targets alone among them."""
        codes = dict.fromkeys([*(source for source, _ in self._pairs), *(target for _, target in self._pairs)])
        return [{"code": code, "name": name_of(code), "targets": self._targets(code)} for code in codes]

    def chosen(self, source: str, target: str) -> Direction:
        """Return the direction that a client asks for in its own spelling; raises Refusal.

        Where it leaves the source open, that is the first one with this target: nothing is detected.
        """
        sources = {canonical(code): code for code, _ in reversed(self._pairs)}
        targets = {canonical(code): code for _, code in reversed(self._pairs)}
        given = canonical(source)
        if given != AUTO and given not in sources:
            raise Refusal(400, f"{shortened(source)} is not supported")
        if canonical(target) not in targets:
            raise Refusal(400, f"{shortened(target)} is not supported")
        into = targets[canonical(target)]
        for pair in self._pairs:
            if pair[1] == into and given in (AUTO, canonical(pair[0])):
                return pair
        of = sources[given]
        raise Refusal(400, f"{name_of(into)} ({into}) is not available as a target language from {name_of(of)} ({of})")

    @property
    def _pairs(self) -> Sequence[Direction]:
        return self.directions or ((UNKNOWN, UNKNOWN),)

    def _targets(self, source: str) -> list[str]:
        return [target for code, target in self._pairs if code == source]
