"""`Engine`: a model in C++, its kernels chosen for this machine; ids in, ids out.

What it is given is checked here, so the C++ side may trust it.
"""

# Shapes.  S source pieces, T target pieces, V target vocabulary, C decoder layers, N heads.

import os
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from dragoman._native import Engine as NativeEngine
from dragoman._native import Grammar as NativeGrammar
from dragoman.architecture import ModelConfig, check_weights
from dragoman.engine.cpu import kernel_names
from dragoman.errors import ConfigError, RequestError
from dragoman.grammar import Grammar, free
from dragoman.options import EOS, DecodeOptions, Fate, Hypothesis, Step, Watch, Way
from dragoman.weights import SCALE, check

MOST_THREADS = 512
MOST_INT8 = 1 << 17  # inputs of a matrix: so many products of two int8 numbers add up to an int32
Precision = Literal["int8", "bf16", "float32"]
Costs = dict[str, tuple[float, float, float]]  # of each operator: seconds, operations, bytes read


class Engine:
    """A loaded model. Its answers do not depend on what else is asked, on threads, or on the order of requests."""

    def __init__(
        self,
        config: ModelConfig,
        weights: Mapping[str, NDArray[Any]],
        precision: str = "float32",
        kernels: str | None = None,
        threads: int | None = None,
        release: bool = False,
    ) -> None:
        """Pack the weights for the kernels of this machine.

        They are float32, with the names and shapes of `architecture.parameters`, or for the precision int8 also
        those of an int8 file (`weights.layout`). With `release` their dict is emptied and the arrays are given up: what
        has been packed of one is gone at once, so that nothing is in memory twice, and whoever kept one reads zeros.
        `kernels` is one of `cpu.kernel_names()`; None: DRAGOMAN_ISA, or the best. `threads` None: one for each
        core that this process may use. Raises CheckpointError for weights that are not the config's, RequestError
        and ConfigError for names that are not offered here.
        """
        check_precision(precision)
        widest = max(config.d_model, config.feed_forward)
        if precision == "int8" and widest > MOST_INT8:
            raise RequestError(
                f"precision=int8: rows of {widest} numbers are more than {MOST_INT8}, which it can add up; "
                "write bf16 or float32"
            )
        self.config = config
        self.precision = precision
        self.kernels = chosen_kernels(kernels)
        self.threads = threads_of(threads)
        checked = _checked(config, weights, precision)
        if release and isinstance(weights, dict):
            weights.clear()
        self.native = NativeEngine(_shape(config), checked, precision, self.kernels, release)  # empties `checked`

    def logits(self, source: Sequence[int], target: Sequence[int]) -> NDArray[np.float32]:
        """Return the logits [T, V] after each piece of a target that begins with `<s>`."""
        given, wanted = self._ids("source", [source]), self._ids("target", [target])
        flat = self.native.logits(given[0], wanted[0], self.threads)
        return flat.reshape(len(target), self.config.target_vocabulary)

    def score(self, sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> list[list[float]]:
        """Return the log-probability of every piece of every target, as `decode.forced.score` does.

        NaN where the model's numbers overflow.
        """
        given, wanted = self._ids("source", sources), self._ids("target", targets)
        _check_one_each("target", len(wanted), len(given))
        return self.native.score(*_joined(given), *_joined(wanted), self.threads)

    def layers(self, source: Sequence[int], target: Sequence[int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the rows after every layer, [encoder layers, S, D] and [decoder layers, T, D]; target with `<s>`."""
        given, wanted = self._ids("source", [source]), self._ids("target", [target])
        flat = self.native.layers(given[0], wanted[0], self.threads)
        config = self.config
        inner = config.encoder_layers * len(source) * config.d_model
        return (
            flat[:inner].reshape(config.encoder_layers, len(source), config.d_model),
            flat[inner:].reshape(config.decoder_layers, len(target), config.d_model),
        )

    def align(
        self,
        sources: Sequence[Sequence[int]],
        targets: Sequence[Sequence[int]],
        heads: Sequence[tuple[int, int]],
        step: Step = "receiving",
    ) -> list[NDArray[np.float32]]:
        """Return where each target piece looks [T, S], as `decode.alignment.align` does."""
        if not heads:
            raise RequestError("no heads to read an alignment from; give (layer, head) pairs, such as (0, 0)")
        layers, width = self.config.decoder_layers, self.config.heads
        for layer, head in heads:
            if not (0 <= layer < layers and 0 <= head < width):
                raise RequestError(f"no head ({layer}, {head}); layers are 0 to {layers - 1}, heads 0 to {width - 1}")
        _check_one_each("target", len(targets), len(sources))
        maps = [self.cross_attention(*pair, step) for pair in zip(sources, targets, strict=True)]
        return [np.mean([map_CNTS[head] for head in heads], axis=0) for map_CNTS in maps]

    def cross_attention(
        self, source: Sequence[int], target: Sequence[int], step: Step = "receiving"
    ) -> NDArray[np.float32]:
        """Return the attention [C, N, T, S] of every decoder layer and head, from the step of each piece."""
        given, wanted = self._ids("source", [source]), self._ids("target", [target])
        self._check_length("a target and its <s>", len(target) + 1)
        flat = self.native.cross_attention(given[0], wanted[0], self.threads)
        maps = flat.reshape(self.config.decoder_layers, self.config.heads, len(target) + 1, len(source))
        return maps[:, :, 1:] if step == "receiving" else maps[:, :, :-1]

    def peaks(self) -> tuple[float, float]:
        """Return operations and bytes of memory a second that this machine gives to the kernels at best."""
        return self.native.peaks(self.threads)

    def search(
        self,
        sources: Sequence[Sequence[int]],
        options: DecodeOptions,
        longest: int,
        grammar: Grammar | None = None,
        prefixes: Sequence[Sequence[int]] | None = None,
        sentences: Sequence[int] | None = None,
        watch: Watch | None = None,
        costs: Costs | None = None,
        pieces: Sequence[NDArray[np.int32]] | None = None,
    ) -> list[tuple[Hypothesis, ...]]:
        """Return the hypotheses of every source, in order; arguments and semantics are those of `decode.search`.

        `costs` is filled with the seconds, the operations and the bytes read of each operator: of all threads where
        they share every step, of the first alone where each has sentences of its own. `pieces` are the only ids that
        each source may produce (`Shortlist.of`), its prefix apart.
        """
        if not sources:
            return []
        forced = [()] * len(sources) if prefixes is None else prefixes
        numbers = range(len(sources)) if sentences is None else sentences
        _check_one_each("prefix", len(forced), len(sources))
        _check_one_each("number", len(numbers), len(sources))
        self._check_length("a translation and its <s>", longest + 1)
        limits = np.array(options.limits(sources, longest, forced), dtype=np.int64)
        keys = options.sample_keys(numbers) if options.sampling else np.zeros((len(sources), 0), dtype=np.int64)
        rules = _free(self.config.target_vocabulary) if grammar is None else grammar
        found = self.native.search(
            *_joined(self._ids("source", sources)),
            *_joined([self._known("prefix", np.asarray(prefix, dtype=np.int64)) for prefix in forced]),
            limits,
            keys.flatten(),
            _options(options, self.config.target_vocabulary),
            _native(rules, self.config.target_vocabulary),
            self.threads,
            None if watch is None else _told(watch),
            costs,
            *_joined([] if pieces is None else self._allowed(pieces, forced, len(sources))),
        )
        return [tuple(Hypothesis(tuple(i), tuple(p), score, end) for i, p, score, end in own) for own in found]

    def _allowed(
        self, pieces: Sequence[NDArray[np.int32]], prefixes: Sequence[Sequence[int]], sources: int
    ) -> list[NDArray[np.int32]]:
        _check_one_each("pieces", len(pieces), sources)
        return [
            self._known("pieces", np.union1d([EOS, *prefix], some).astype(np.int64))
            for some, prefix in zip(pieces, prefixes, strict=True)
        ]

    def _ids(self, side: str, rows: Sequence[Sequence[int]]) -> list[NDArray[np.int32]]:
        made = []
        for row in rows:
            ids = np.asarray(row, dtype=np.int64)
            if not ids.size:
                raise RequestError(f"a {side} of no pieces was given; it holds </s> at least")
            self._check_length(f"a {side}", ids.size)
            made.append(self._known(side, ids))
        return made

    def _check_length(self, what: str, pieces: int) -> None:
        most = self.config.max_positions
        if pieces > most:
            raise RequestError(
                f"{what} of {pieces} pieces is longer than the model's max_positions={most}; "
                "split the text into shorter sentences"
            )

    def _known(self, side: str, ids: NDArray[np.int64]) -> NDArray[np.int32]:
        vocabulary = self.config.vocab_size if side == "source" else self.config.target_vocabulary
        wrong = ids[(ids < 0) | (ids >= vocabulary)]
        if wrong.size:
            raise RequestError(
                f"{side} id {wrong[0]} is outside the vocabulary; allowed are 0 to {vocabulary - 1}; "
                "encode the text with the model's own tokenizer"
            )
        return ids.astype(np.int32)


@cache
def _free(vocab_size: int) -> Grammar:
    return free(vocab_size)


@lru_cache(maxsize=8)  # its tables are as large as a small model's work
def _native(grammar: Grammar, pieces: int) -> NativeGrammar:
    states, width = grammar.allowed_QV.shape
    if width != pieces or grammar.next_QV.shape != (states, width) or grammar.next_QV.max() >= states:
        raise RequestError(f"a grammar of {width} pieces was given for {pieces}; make it of the model's own vocabulary")
    return NativeGrammar(grammar.allowed_QV.view(np.uint8), grammar.next_QV)


def _check_one_each(what: str, given: int, sources: int) -> None:
    if given != sources:
        raise RequestError(f"sources: {sources}, but {what} was given {given} times; give one for each source")


def check_precision(precision: str) -> None:
    """Raise RequestError for what is no precision of the engine."""
    if precision not in get_args(Precision):
        raise RequestError(f"precision={precision!r}: allowed are {', '.join(get_args(Precision))}")


def chosen_kernels(name: str | None = None) -> str:
    """Return the kernels to use: those of this name, of DRAGOMAN_ISA, or the best; raises ConfigError."""
    offered = kernel_names()
    wanted = name or os.environ.get("DRAGOMAN_ISA") or offered[0]
    if wanted not in offered:
        given = f"kernels={name!r}" if name else f"DRAGOMAN_ISA={wanted}"
        raise ConfigError(f"{given}: this machine has {', '.join(offered)}; write one of these")
    return wanted


def threads_of(threads: int | None) -> int:
    """Return how many threads to use; None: as many as cores that this process may use."""
    if threads is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not 1 <= threads <= MOST_THREADS:
        raise RequestError(f"threads={threads}: a whole number from 1 to {MOST_THREADS} is allowed")
    return threads


def _checked(config: ModelConfig, weights: Mapping[str, NDArray[Any]], precision: str) -> dict[str, NDArray[Any]]:
    if precision == "int8" and any(name.endswith(SCALE) for name in weights):
        check(weights, config, "int8", Path("int8 weights"))
        return {name: np.ascontiguousarray(tensor) for name, tensor in weights.items()}
    check_weights(config, weights)
    return {name: np.ascontiguousarray(tensor, np.float32) for name, tensor in weights.items()}


def _shape(config: ModelConfig) -> dict[str, Any]:
    return {
        "source_pieces": config.vocab_size,
        "target_pieces": config.target_vocabulary,
        "width": config.d_model,
        "heads": config.heads,
        "key_heads": config.kv_heads,
        "feed_forward": config.feed_forward,
        "encoder_layers": config.encoder_layers,
        "decoder_layers": config.decoder_layers,
        "max_positions": config.max_positions,
        "norm": config.norm,
        "norm_kind": config.norm_kind,
        "epsilon": config.norm_epsilon,
        "activation": config.activation,
        "positions": config.positions,
        "tie": config.tie,
        "decoder_cell": config.decoder_cell,
        "biases": config.biases,
        "residual": config.experiment.residual,
        "scale_scores": config.experiment.scale_scores,
        "scale_embeddings": config.experiment.scale_embeddings,
    }


def _options(options: DecodeOptions, pieces: int) -> dict[str, Any]:
    return {
        "width": options.width,
        "n_best": options.n_best,
        "min_length": options.min_length,
        "penalty": options.penalty,
        "alpha": options.alpha,
        "sampling": options.sampling,
        "temperature": options.temperature or 1.0,
        "top_k": min(options.top_k or 0, pieces),  # more than there are is all
        "top_p": 1.0 if options.top_p is None else options.top_p,
    }


def _told(watch: Watch) -> Callable[[int, int, list[tuple[int, int, float, float, int]]], None]:
    fates = get_args(Fate)
    return lambda sentence, step, ways: watch(sentence, step, [Way(*way[:4], fates[way[4]]) for way in ways])


def _joined(rows: Sequence[NDArray[np.int32]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Lay rows end to end; returns their numbers and n + 1 offsets."""
    offsets = np.concatenate(([0], np.cumsum([len(row) for row in rows]))).astype(np.int64)
    return np.concatenate([np.zeros(0, np.int32), *rows]), offsets
