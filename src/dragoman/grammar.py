"""What may be produced next: a small automaton over ids, which every search walks.

A `Grammar` is two tables, so it works the same in torch and in C++: which ids a state allows, and which
state follows. `utf8` makes the one for text, in which pieces can only spell valid UTF-8 (RFC 3629, section 4),
whatever bytes each of them holds; `free` forbids nothing but what is never a target.
"""

# Shapes.  Q states, V vocabulary.

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dragoman.options import BOS, EOS, PAD, UNK

NEVER = (PAD, UNK, BOS)  # no target holds them, so no search gives them
WHOLE = 0  # the first state, and the only one in which a text may end or be cut

# State: (first byte, last byte, next state) of what may follow. States 1-3 wait for that many plain
# continuation bytes; 4-7 for the narrower second byte after E0, ED, F0 and F4 (no overlong forms,
# no surrogates, nothing above U+10FFFF).
UTF8: tuple[tuple[tuple[int, int, int], ...], ...] = (
    (
        (0x00, 0x7F, WHOLE), (0xC2, 0xDF, 1), (0xE0, 0xE0, 4), (0xE1, 0xEC, 2), (0xED, 0xED, 5),
        (0xEE, 0xEF, 2), (0xF0, 0xF0, 6), (0xF1, 0xF3, 3), (0xF4, 0xF4, 7),
    ),
    ((0x80, 0xBF, WHOLE),),
    ((0x80, 0xBF, 1),),
    ((0x80, 0xBF, 2),),
    ((0xA0, 0xBF, 1),),
    ((0x80, 0x9F, 1),),
    ((0x90, 0xBF, 2),),
    ((0x80, 0x8F, 2),),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Grammar:
    """An automaton over ids that starts in state 0: `allowed_QV` is bool, `next_QV` holds states.

    Where an id is not allowed the next state is 0, for the sake of forced pieces such as language tags.
    """

    allowed_QV: NDArray[np.bool_]
    next_QV: NDArray[np.uint8]

    def whole(self, ids: Sequence[int]) -> int:
        """Return how many of the first ids make a text that may end: all, or those before a cut character."""
        length, state = 0, WHOLE
        for count, piece in enumerate(ids, 1):
            state = int(self.next_QV[state, piece])
            if state == WHOLE:
                length = count
        return length


def free(vocab_size: int) -> Grammar:
    """Return the grammar that forbids `<pad>`, `<unk>` and `<s>` only."""
    allowed_QV = np.ones((1, vocab_size), dtype=np.bool_)
    allowed_QV[:, list(NEVER)] = False
    return Grammar(allowed_QV, np.zeros((1, vocab_size), dtype=np.uint8))


def utf8(spelling: Sequence[bytes], forbidden: Iterable[int] = ()) -> Grammar:
    """Return the grammar of valid text, for what each id adds to it (`Tokenizer.spelling`).

    A piece that adds nothing is never produced, but for `</s>` between characters; nor are the `forbidden`
    ids: `newlines(spelling)` where one line is wanted, language tags.
    """
    allowed_QV = np.zeros((len(UTF8), len(spelling)), dtype=np.bool_)
    next_QV = np.zeros((len(UTF8), len(spelling)), dtype=np.uint8)
    whole = [index for index, spelled in enumerate(spelling) if spelled and _is_text(spelled)]
    allowed_QV[WHOLE, [EOS, *whole]] = True  # from any other state they lead nowhere
    others = set(range(len(spelling))).difference(whole)
    for index in others:
        for state in range(len(UTF8)):
            end = _end(state, spelling[index])
            if spelling[index] and end is not None:
                allowed_QV[state, index] = True
                next_QV[state, index] = end
    allowed_QV[:, list(forbidden)] = False
    return Grammar(allowed_QV, next_QV)


def newlines(spelling: Iterable[bytes]) -> list[int]:
    r"""Return the ids that would break a line: the byte "\n" and every piece that has it."""
    return [index for index, spelled in enumerate(spelling) if b"\n" in spelled]


def _is_text(spelled: bytes) -> bool:
    try:
        spelled.decode()
    except UnicodeDecodeError:
        return False
    return True


def _end(state: int, spelled: bytes) -> int | None:
    """Return the state after some bytes, or None where they cannot follow."""
    for byte in spelled:
        following = [next_state for first, last, next_state in UTF8[state] if first <= byte <= last]
        if not following:
            return None
        state = following[0]
    return state
