"""Tokenizers with the public face of ours and a fault of one's choice, to see that the laboratory finds it."""

import re

from dragoman.options import FIRST_BYTE, FIRST_PIECE, SPECIALS, UNK
from dragoman.text.tokenizer import Encoding

BYTES = tuple(f"<0x{value:02X}>" for value in range(256))
LETTER = r"(?s:.)"
WORD = r"\s|\w+|[^\w\s]"


class Foreign:
    """Cuts a text wherever the pattern says; every piece it ever meets is in its vocabulary.

    `spelled`: characters that are spelled as bytes; `unknown`: pieces that are <unk>; `change`: what is done
    to a text before it is cut, and not undone; `obeyed`: texts that are taken for controls, with their id, or
    None for a piece of their own; `extra`: pieces in the vocabulary that no text gives; `has_bytes`: whether it
    has byte pieces.
    """

    def __init__(self, pattern=LETTER, spelled="", unknown="(?!)", change=str, obeyed=None, extra=(), has_bytes=True):
        obeyed = obeyed or {}
        control = "".join(f"{re.escape(name)}|" for name in obeyed)
        self.pattern, self.spelled, self.unknown = re.compile(control + pattern), spelled, re.compile(unknown)
        self.change = change
        self.obeyed = obeyed
        self.first = FIRST_PIECE if has_bytes else FIRST_BYTE
        self.vocabulary = [*SPECIALS, *(BYTES if has_bytes else ()), *extra]
        self.known = {piece: index for index, piece in enumerate(self.vocabulary) if index >= self.first}
        self.kind, self.fingerprint = "foreign", "0" * 64
        self.lossless = change is str and unknown == "(?!)"

    @property
    def vocab_size(self):
        return len(self.vocabulary)

    def piece(self, index):
        return self.vocabulary[index]

    def encode(self, text):
        rows = []
        for match in self.pattern.finditer(self.change(text)):
            found, span = match.group(), match.span()
            if found in self.obeyed:
                rows.append((self._id(found) if self.obeyed[found] is None else self.obeyed[found], span))
            elif self.unknown.fullmatch(found):
                rows.append((UNK, span))
            elif found in self.spelled or (self.spelled == "foreign" and ord(found[0]) > 0x24F):
                for at, letter in enumerate(found, start=span[0]):
                    rows += [(FIRST_BYTE + byte, (at, at + 1)) for byte in letter.encode()]
            else:
                rows.append((self._id(found), span))
        ids = tuple(index for index, _ in rows)
        return Encoding(ids, tuple(map(self.piece, ids)), tuple(span for _, span in rows))

    def encode_ids(self, texts):
        return [list(self.encode(text).ids) for text in texts]

    def decode(self, ids):
        spelled = b"".join(
            b"" if index < FIRST_BYTE
            else bytes([index - FIRST_BYTE]) if index < self.first
            else self.piece(index).encode()
            for index in ids
        )  # fmt: skip
        return spelled.decode(errors="replace")

    def _id(self, piece):
        if piece not in self.known:
            self.known[piece] = len(self.vocabulary)
            self.vocabulary.append(piece)
        return self.known[piece]
