"""What a model in CTranslate2 gives, in each of its precisions, beside what it gives here.

    python benchmarks/exported.py [MODEL] [--lines 200]

Sentences of the phrasebook, beam 4. Prints for each precision the largest difference of a log-probability of a piece
of the references from that of our float32 engine, and how many lines are letter for letter our float32 translations,
and our int8 ones. CTranslate2 divides by a power of the length, so our side does the same (penalty average, 1).
"""

import argparse
import tempfile
from itertools import islice
from pathlib import Path

import ctranslate2

from dragoman import Translator, bundle
from dragoman.data.phrasebook import pairs
from dragoman.interchange.ctranslate2 import QUANTIZATIONS, export
from dragoman.options import EOS, DecodeOptions

NEVER = [["<pad>"], ["<unk>"], ["<s>"], ["<0x0A>"]]  # which our searches do not give


def main() -> None:
    """Export, translate, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="de-en")
    parser.add_argument("--lines", type=int, default=200)
    given = parser.parse_args()
    loaded = bundle.load(given.model)
    german = (loaded.languages or ("de",))[0] == "de"
    each = given.lines // 2
    chosen = [pair for split in ("test_combinations", "test_longer") for pair in islice(pairs(split, each), each)]
    texts = [pair.target if german else pair.source for pair in chosen]
    right = [pair.source if german else pair.target for pair in chosen]

    options = DecodeOptions(beam=4, penalty="average")
    translators = [Translator.load(given.model, "cpu", precision) for precision in ("float32", "int8")]
    best = [translator.translate(texts, options) for translator in translators]
    ours = [[one.text for one in own] for own in best]
    sources, targets = translators[0].source_ids(texts), translators[0].target_ids(right)
    expected = translators[0].runner.score(sources, targets)

    source, target = loaded.source_tokenizer, loaded.target_tokenizer
    ids = {target.piece(index): index for index in range(target.vocab_size)}
    asked = [[source.piece(index) for index in row] for row in sources]
    wanted = [[target.piece(index) for index in row if index != EOS] for row in targets]
    print(f"{given.model}, {len(texts)} lines, {ctranslate2.__name__} {ctranslate2.__version__}")
    print("| precision | computes in | largest difference | as our float32 | as our int8 |\n|---|---|---|---|---|")
    for precision in QUANTIZATIONS:
        with tempfile.TemporaryDirectory() as folder:
            export(loaded, Path(folder, "model"), precision)
            theirs = ctranslate2.Translator(str(Path(folder, "model")), "cpu", intra_threads=1)
        scored = theirs.score_batch(asked, wanted)
        found = theirs.translate_batch(
            asked, beam_size=4, length_penalty=1, max_decoding_length=254, suppress_sequences=NEVER, return_scores=True
        )
        lines = [target.decode(ids[piece] for piece in one.hypotheses[0]) for one in found]
        worst = max(
            abs(a - b)
            for row, one in zip(expected, scored, strict=True)
            for a, b in zip(row, one.log_probs, strict=True)
        )
        if precision == "float32":  # by the same penalty, so the higher score is the better search
            differing = [(a, b) for a, b, line in zip(best[0], found, lines, strict=True) if a.text != line]
            won, other = sum(a.score > b.scores[0] for a, b in differing), len(differing)
        same = [sum(a == b for a, b in zip(lines, own, strict=True)) / len(lines) for own in ours]
        print(f"| {precision} | {theirs.compute_type} | {worst:.1e} | {same[0]:.1%} | {same[1]:.1%} |")
    print(f"In float32 {other} lines differ; in {won} of them ours has the higher score.")


if __name__ == "__main__":
    main()
