"""The known weaknesses of tokenizers, each with why it harms, what is good, fair and poor, and what to do.

`examine` measures all of them on one tokenizer. The bounds are conventions, each with its reason beside it;
they sort advice by weight and are no laws. Sources are in `docs/laboratory.md`.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from dragoman.text import symptoms
from dragoman.text.symptoms import Observation, Patient
from dragoman.text.tokenizer import Tokenizer

Verdict = Literal["good", "fair", "poor", "not measured"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Pathology:
    """A weakness, how it is measured, and up to where a measure is good and up to where it is fair."""

    name: str
    title: str
    why: str
    good: float
    fair: float
    bounds: str  # why these
    advice: str
    needs: str = ""  # what the measure cannot do without
    observe: Callable[[Patient], Observation | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A pathology as it was measured on one tokenizer; `value` is None where it could not be."""

    name: str
    title: str
    why: str
    verdict: Verdict
    value: float | None
    good: float
    fair: float
    bounds: str
    measured: str
    example: str
    pieces: tuple[str, ...]
    advice: str

    def as_json(self) -> dict[str, Any]:
        """Return the finding as JSON values."""
        return asdict(self)


def examine(
    tokenizer: Tokenizer, lines: Sequence[str] = (), norms: NDArray[np.floating] | None = None
) -> tuple[Finding, ...]:
    """Measure every pathology: on the user's lines where they help, on built-in texts where not.

    `norms` [vocab_size] are those of a model's embeddings of this tokenizer's ids.
    """
    patient = Patient(tokenizer, tuple(line for line in lines if line), norms)
    return tuple(diagnose(pathology, patient) for pathology in PATHOLOGIES)


def diagnose(pathology: Pathology, patient: Patient) -> Finding:
    """Measure one pathology."""
    seen = pathology.observe(patient)
    verdict: Verdict = "not measured"
    if seen is not None:
        verdict = "good" if seen.value <= pathology.good else "fair" if seen.value <= pathology.fair else "poor"
    return Finding(
        name=pathology.name,
        title=pathology.title,
        why=pathology.why,
        verdict=verdict,
        value=None if seen is None else seen.value,
        good=pathology.good,
        fair=pathology.fair,
        bounds=pathology.bounds,
        measured=pathology.needs if seen is None else seen.measured,
        example="" if seen is None else seen.example,
        pieces=() if seen is None else seen.pieces,
        advice=pathology.advice,
    )


PATHOLOGIES = (
    Pathology(
        name="digits",
        title="Numbers are cut unevenly",
        why="Where 2019 is one piece and 2021 two, place values stand nowhere, and digits are copied wrongly.",
        good=0.05,
        fair=0.25,
        bounds="a twentieth are single dates and round numbers; a quarter is every fourth number",
        advice="Train with --set augment.swapped=0.1, and score it on numbers that are not in the training text.",
        observe=symptoms.uneven_digits,
    ),
    Pathology(
        name="capitals",
        title="CAPITALS are other pieces",
        why="A word in CAPITALS shares no piece with the word that the model knows, and falls into letters.",
        good=1.5,
        fair=2.5,
        bounds="1.5 is a suffix cut off; at 2.5 a word of one piece has become syllables or letters",
        advice="Train with --set decode.capitals=lower --set augment.lower=0.05, to read CAPITALS as small letters.",
        observe=symptoms.capitals,
    ),
    Pathology(
        name="inverted",
        title="iNVERTED casing",
        why="What caps lock leaves behind is in no training text, so its pieces are rare ones.",
        good=1.5,
        fair=2.5,
        bounds="as for CAPITALS",
        advice="Mend the casing before translation; train with --set augment.typos=0.05 --set augment.capitals=0.05.",
        observe=symptoms.inverted,
    ),
    Pathology(
        name="blanks",
        title="Trailing and double blanks",
        why="A blank too many should be one piece more and change nothing else, and come back.",
        good=0.0,
        fair=0.1,
        bounds="a blank that changes the words beside it is never wanted; a tenth is bearable if you strip lines",
        advice="Strip lines and collapse double blanks before training and before translation.",
        observe=symptoms.blanks,
    ),
    Pathology(
        name="opening",
        title="A word that opens a text is another one",
        why="Without a blank before it the first word is a piece apart, which is seen far less often.",
        good=0.05,
        fair=0.5,
        bounds="a twentieth are words that differ by chance; above a half the rule is that they differ",
        advice="Choose a family that puts a blank in front of every text, such as --algorithm bpe.",
        observe=symptoms.opening,
    ),
    Pathology(
        name="scripts",
        title="Other scripts explode",
        why="A script that was not in the training text is spelled in two to four bytes a letter, or is unknown.",
        good=1.2,
        fair=2.0,
        bounds="1 is a letter a piece; at 2 most letters of other scripts are in bytes",
        advice="Nothing to do if no such text will come; else train the tokenizer on text in the scripts that will.",
        observe=symptoms.scripts,
    ),
    Pathology(
        name="emoji",
        title="Emoji are torn",
        why="A picture joined of several characters can be cut off in the middle, and another one comes out.",
        good=2.0,
        fair=6.0,
        bounds="2 is a picture and its selector; above 6 even single pictures are in bytes",
        advice="Put lines with the emoji that matter into the training text, or protect them as placeholders.",
        observe=symptoms.emoji,
    ),
    Pathology(
        name="indentation",
        title="Code and indentation",
        why="Where each blank is a piece, an indented line costs its depth before it says anything.",
        good=0.2,
        fair=0.4,
        bounds="a fifth is about a piece a line; above two fifths the layout outweighs what the lines say",
        advice="Translate the text inside code and documents, not the layout around it.",
        observe=symptoms.indentation,
    ),
    Pathology(
        name="structure",
        title="JSON costs more than YAML",
        why="Quotes and braces stand beside every word and are pieces that say nothing.",
        good=1.1,
        fair=1.5,
        bounds="a tenth more is nothing; at half as much again, marks outnumber the words",
        advice="Take the values out of the JSON and translate them alone.",
        observe=symptoms.structure,
    ),
    Pathology(
        name="unreachable",
        title="Pieces that no text gives",
        why="They take room in every embedding table, and are never trained.",
        good=0.01,
        fair=0.05,
        bounds="a hundredth of the table is nothing; a twentieth is a vocabulary too large by as much",
        advice="Train the tokenizer anew with a smaller --vocab-size.",
        needs="this vocabulary has no pieces that are whole text",
        observe=symptoms.unreachable,
    ),
    Pathology(
        name="never_seen",
        title="Pieces that the text does not hold",
        why="A piece without examples has the embedding it began with; meeting it, a model does anything (glitch).",
        good=0.02,
        fair=0.1,
        bounds="some exist to be merged on; above a tenth the vocabulary is of other text, or FILE lacks a language",
        advice="Train the tokenizer on the text that the model is trained on, with a smaller --vocab-size.",
        needs=f"give the training text as FILE, at least {symptoms.COUNTED} pieces for each of the vocabulary",
        observe=symptoms.never_seen,
    ),
    Pathology(
        name="untrained",
        title="Embeddings that were never trained",
        why="An embedding as long as those of bytes that cannot occur has most likely never been moved (glitch).",
        good=0.02,
        fair=0.1,
        bounds="as for pieces that the text does not hold",
        advice="Train longer, or with a smaller --vocab-size; keep such pieces out of what you test with.",
        needs="give a model folder; or the norms of this model's embeddings tell nothing apart",
        observe=symptoms.untrained,
    ),
    Pathology(
        name="spelling",
        title="Spelling that the model cannot see",
        why="A word of one piece has no letters: with a typing error it is other pieces, and cannot be spelled out.",
        good=0.5,
        fair=0.95,
        bounds="half keeps words and parts in balance; above 0.95 hardly a word is ever seen in parts",
        advice="Train with --set augment.typos=0.05, and a smaller --vocab-size where names and typing errors matter.",
        observe=symptoms.spelling,
    ),
    Pathology(
        name="controls",
        title="Typed control pieces are obeyed",
        why="Who types </s> ends the sentence there, and who types <pad> makes words invisible.",
        good=0.0,
        fair=0.0,
        bounds="each one is a hole",
        advice="Do not use this tokenizer on text from others.",
        observe=symptoms.typed_controls,
    ),
    Pathology(
        name="round_trip",
        title="Text does not come back",
        why="What the tokenizer cannot restore, no model can translate or copy.",
        good=0.0,
        fair=0.05,
        bounds="one in twenty may be forms that nobody needs to tell apart; more is text lost",
        advice="Choose a family that loses nothing, such as --algorithm bpe.",
        observe=symptoms.round_trip,
    ),
)
