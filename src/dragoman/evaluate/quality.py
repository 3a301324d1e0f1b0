"""How good translations are: BLEU, chrF2++ and TER as sacrebleu computes them, and the exact matches.

A score is worth little without its signature, so the two travel together. Text goes in as people read
it, detokenized and cased. sacrebleu is an optional install, and this is the only file that imports it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dragoman.errors import ConfigError, DataError

try:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF
    from sacrebleu.metrics.ter import TER
except ImportError:
    raise ConfigError("evaluate needs sacrebleu; install with pip install 'dragoman[evaluate]'") from None

WORD_ORDER = 2  # makes chrF2 into chrF2++ (Popović 2017)


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """One metric's value with all that is needed to compute it again."""

    name: str
    value: float
    signature: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """What a set of translations is worth: higher is better, but for TER, which counts edits."""

    bleu: Score
    chrf: Score
    ter: Score
    exact_match: float  # share of the sentences that equal their reference, 0 to 1
    sentences: int

    def as_json(self) -> dict[str, Any]:
        """Return the scores with their signatures as JSON values."""
        return asdict(self)

    def as_table(self) -> str:
        """Return the scores as lines for a terminal: name, value, signature."""
        rows = [(score.name, f"{score.value:.2f}", score.signature) for score in (self.bleu, self.chrf, self.ter)]
        rows.append(("exact match", f"{100 * self.exact_match:.2f}", f"% of {self.sentences:,} sentences"))
        return "\n".join(f"{name:<12}{value:>7}  {note}" for name, value, note in rows)


def metrics() -> tuple[Any, Any]:
    """Return BLEU and chrF2++ as this package computes them."""
    # force: text that looks tokenized is scored without a lecture
    return BLEU(force=True), CHRF(word_order=WORD_ORDER)


def score(hypotheses: Sequence[str], references: Sequence[str]) -> Quality:
    """Return the quality of hypotheses, each against its one reference; DataError for unequal counts."""
    _check_counts(hypotheses, references)
    scores = {}
    for name, metric in zip(("BLEU", "chrF2++", "TER"), (*metrics(), TER()), strict=True):
        value = metric.corpus_score(list(hypotheses), [list(references)]).score
        scores[name] = Score(name=name, value=float(value), signature=str(metric.get_signature()))
    same = sum(hypothesis == reference for hypothesis, reference in zip(hypotheses, references, strict=True))
    return Quality(
        bleu=scores["BLEU"],
        chrf=scores["chrF2++"],
        ter=scores["TER"],
        exact_match=same / len(references),
        sentences=len(references),
    )


def chrf(hypotheses: Sequence[str], references: Sequence[str]) -> float:
    """Return chrF2++ alone, 0 to 100: quick, and steadier than BLEU on few sentences while a model trains."""
    _check_counts(hypotheses, references)
    return float(CHRF(word_order=WORD_ORDER).corpus_score(list(hypotheses), [list(references)]).score)


def _check_counts(hypotheses: Sequence[str], references: Sequence[str]) -> None:
    if len(hypotheses) != len(references):
        raise DataError(f"{len(hypotheses)} translations against {len(references)} references; give one for each")
    if not references:
        raise DataError("no sentences to evaluate; give a source and a reference of at least one line")
