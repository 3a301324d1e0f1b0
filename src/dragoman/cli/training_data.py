"""The data of a training run: checked, cut into pieces, put into batches, and some of it kept to validate on."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from dragoman.bundle import Bundle
from dragoman.cli.recipe import Recipe
from dragoman.data.augmentation import Augmentation, AugmentOptions, names
from dragoman.data.batching import BatchPlan
from dragoman.data.corpus import EXAMPLES, CorpusReport, Fault, PairFiles, check, read_pairs, usable
from dragoman.data.lexicon import Lexicon
from dragoman.data.lexicon import learn as learn_lexicon
from dragoman.data.mixture import Mixture, check_epochs, shared_weights
from dragoman.data.store import SIDES, prepare
from dragoman.directions import end_of
from dragoman.errors import ConfigError, DataError
from dragoman.options import PAD
from dragoman.randomness import Randomness, uniform
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import train as learn

HELD_OUT = 500  # pairs taken from the training text where no validation text is given
LEXICON_PLACES = 5_000_000  # pairs of positions in them, which take 100 bytes each
LEXICON = 10_000  # pairs that the lexicon is learned from
NAMED = 200_000  # pairs in which names are looked for

MEASURED = 100_000  # pairs whose lengths tell what is usual

Note = Callable[[str], None]  # says a sentence to the user
Reports = tuple[CorpusReport, ...]  # of each corpus
ValidReports = tuple[CorpusReport | None, ...]  # of the text that is given to validate each corpus on
Held = tuple[str, str, int]  # source and target to validate on, and the id at the source's end, PAD where it has none


def check_data(recipe: Recipe, note: Note) -> tuple[Reports, ValidReports]:
    """Look at all data before anything is made, and say what was found; raises DataError."""
    data = recipe.data

    def looked(source: Path, target: Path | None) -> CorpusReport:
        report = check(PairFiles(source, target), data.max_characters)
        for line in report.lines():
            note(line)
        return report

    reports = tuple(looked(one.source, one.target) for one in data.corpora)
    return reports, tuple(
        None if one.valid_source is None else looked(one.valid_source, one.valid_target) for one in data.corpora
    )


def learn_tokenizers(recipe: Recipe, reports: Reports) -> tuple[Tokenizer, Tokenizer]:
    """Learn a tokenizer for each side, or one for both; raises ConfigError and DataError."""
    options, limit = recipe.tokenizer, recipe.data.max_characters

    def texts(*sides: str) -> Iterator[str]:
        for pair in chain.from_iterable(read_pairs(report.files) for report in reports):
            if usable(pair, limit):
                for side in sides:
                    yield getattr(pair, side)

    if options.joint:
        joint = learn(texts("source", "target"), options.vocab_size, options.algorithm)
        return joint, joint
    return (
        learn(texts("source"), options.vocab_size, options.algorithm),
        learn(texts("target"), options.vocab_size, options.algorithm),
    )


def plan_batches(
    recipe: Recipe,
    reports: Reports,
    valid: ValidReports,
    first: Bundle,
    note: Note,
) -> tuple[BatchPlan, Mixture, list[Held]]:
    """Return the plan of all batches, the pairs behind it, and the pairs to validate on, for the model `first`."""
    tokenizers = (first.source_tokenizer, first.target_tokenizer)
    most = recipe.train.max_pieces
    stores = tuple(prepare(report.files, *tokenizers, report, most) for report in reports)
    for line in dict.fromkeys(line for store in stores for line in store.notes):
        note(line)
    corpora = recipe.data.corpora
    shares = [corpus.share for corpus in corpora]
    weights = shared_weights([len(store) for store in stores], [corpus.weight for corpus in corpora], shares)
    check_epochs(stores, weights)
    store = Mixture(stores, weights, _ends(recipe, first))
    held_out, pairs = _validation_pairs(recipe, store, valid, tokenizers, note)
    options = recipe.train
    plan = BatchPlan(
        store=store,
        batch_tokens=options.batch_tokens,
        randomness=Randomness(options.seed),
        merge_dropout=options.merge_dropout,
        tokenizers=tokenizers,
        held_out=held_out,
        augmentation=_augmentation(recipe, store, held_out),
        sampling_alpha=options.sampling_alpha,
    )
    return plan, store, pairs


def ended(ids: list[int], end: int) -> list[int]:
    """Return the ids of a source with what stands behind it, as `Held` has it."""
    return ids if end == PAD else [*ids, end]


def lexicon_of(store: Mixture) -> Lexicon:
    """Learn from some thousand training pairs which pieces belong together."""
    chosen = Randomness(0).order("lexicon", 0, len(store))[:LEXICON]
    places = np.cumsum(store.lengths("source")[chosen].astype(np.int64) * store.lengths("target")[chosen])
    chosen = chosen[places <= LEXICON_PLACES]
    return learn_lexicon(list(zip(store.ids("source", chosen), store.ids("target", chosen), strict=True)))


def usual_pieces(store: Mixture, augment: AugmentOptions, randomness: Randomness) -> int:
    """Return the number of pieces that 99 % of the sources in training do not exceed, joined ones counted."""
    chosen = randomness.order("usual", 0, len(store))[:MEASURED]
    every = store.lengths("source")
    lengths = every[chosen]
    keys = randomness.keys("usual.joined", 0, chosen)
    joins = uniform(keys, 0) < augment.joined
    first, second = (every[(uniform(keys, draw) * len(every)).astype(np.int64)] for draw in (1, 2))
    longer = lengths + first + np.where(uniform(keys, 3) < 0.5, second, 0)  # one other pair behind it, or two
    lengths = np.where(joins & (longer <= store.max_pieces), longer, lengths)  # too long a text stays as it was
    return max(1, int(np.percentile(lengths, 99, method="higher")))


def _augmentation(recipe: Recipe, store: Mixture, held_out: list[int]) -> Augmentation | None:
    if not recipe.augment.any:
        return None
    randomness = Randomness(recipe.train.seed)
    known: tuple[str, ...] = ()
    if recipe.augment.swapped:
        chosen = np.setdiff1d(randomness.order("names", 0, len(store))[:NAMED], held_out)
        known = names(zip(store.texts("source", chosen), store.texts("target", chosen), strict=True))
    return Augmentation(recipe.augment, randomness, known)


def _ends(recipe: Recipe, first: Bundle) -> tuple[int, ...]:
    """Return the id at the end of the sources of each corpus: `</s>`, the tag of its target language, or PAD: none."""
    if not first.source_ended:
        return (PAD,) * len(recipe.data.corpora)
    wanted = (corpus.languages[1] if corpus.languages else None for corpus in recipe.data.corpora)
    return tuple(end_of(first.translates, target, first.source_tokenizer.vocab_size) for target in wanted)


def _validation_pairs(
    recipe: Recipe,
    store: Mixture,
    valid: ValidReports,
    tokenizers: tuple[Tokenizer, Tokenizer],
    note: Note,
) -> tuple[list[int], list[Held]]:
    """Return the samples kept out of training, and the pairs to validate on."""
    if any(valid):
        return [], [
            (source, target, end)
            for report, end in zip(valid, store.ends, strict=True)
            if report is not None
            for source, target in _given_validation_pairs(recipe, report, tokenizers, note)
        ]
    count = min(HELD_OUT, len(store) // 20)
    held_out = Randomness(recipe.train.seed).order("held-out", 0, len(store))[:count]
    if not count:
        raise ConfigError(
            f"{len(store)} pairs are too few to keep some out for validation; write --valid-source F --valid-target F"
        )
    note(f"{count:,} pairs are kept out of training to validate on (none were given)")
    sources, targets = store.texts("source", held_out), store.texts("target", held_out)
    return held_out.tolist(), list(zip(sources, targets, store.ends_of(held_out).tolist(), strict=True))


def _given_validation_pairs(
    recipe: Recipe, valid: CorpusReport, tokenizers: tuple[Tokenizer, Tokenizer], note: Note
) -> list[tuple[str, str]]:
    """Return the usable pairs that are short enough, and name the others; raises DataError where none is."""
    most = recipe.train.max_pieces
    pairs = [pair for pair in read_pairs(valid.files) if usable(pair, recipe.data.max_characters)]
    sources, targets = (
        tokenizer.encode_ids([getattr(pair, side) for pair in pairs])
        for side, tokenizer in zip(SIDES, tokenizers, strict=True)
    )
    fits = [max(len(source), len(target)) <= most for source, target in zip(sources, targets, strict=True)]
    long = [valid.files.where(pair.line) for pair, short in zip(pairs, fits, strict=True) if not short]
    if long:
        fault = Fault(what=f"a side of more than {most:,} pieces", count=len(long), examples=tuple(long[:EXAMPLES]))
        if not any(fits):
            raise DataError(f"{valid.files}: no pair to validate on is left: {fault}; raise train.max_pieces")
        note(str(fault))
    return [(pair.source, pair.target) for pair, short in zip(pairs, fits, strict=True) if short]
