"""How fast a model is on this machine, and where its time goes, operator by operator, beside what the machine gives.

The roofline (Williams et al. 2009): an operator can be no faster than its arithmetic at the peak of the processor, and
no faster than its bytes from memory; which of the two holds it up is seen by the share that it reaches.
"""

import statistics
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dragoman.engine.model import Costs, Engine
from dragoman.engine.speed import Case, Operator, Speed
from dragoman.grammar import newlines, utf8
from dragoman.options import EOS, FIRST_BYTE, DecodeOptions
from dragoman.translator import Translator

ALONE, TOGETHER = 24, 64  # sentences given one by one, and at once
STEPS = 30  # pieces of every translation where no text is given
REPEATS = 3

Ids = list[list[int]]


def measure(translator: Translator, load_seconds: float, texts: Sequence[str] = ()) -> Speed:
    """Translate one by one and together, greedily and with a beam of 4, with one thread and with all.

    Without texts the sources are made up, and every translation has 30 pieces. Takes some seconds on a small model.
    Raises RequestError for a text that is too long, ValueError for a translator that runs no engine.
    """
    engine = translator.runner
    if not isinstance(engine, Engine):
        raise ValueError("the engine is measured; load the model with device='cpu'")
    longest = translator.bundle.model.max_positions - 1
    fixed = None if texts else min(STEPS, longest)
    sources = translator.source_ids(texts) if texts else _made_up(translator, longest)
    sources = [sources[at % len(sources)] for at in range(TOGETHER)]
    all_threads = engine.threads
    peaks = engine.peaks()
    cases = []
    for together, words in ((1, "one sentence"), (TOGETHER, f"{TOGETHER} sentences")):
        for beam, search in ((1, "greedy"), (4, "beam 4")):
            options = replace(translator.defaults, beam=beam, min_length=fixed or 1, max_length=fixed)
            for threads in sorted({1, all_threads}):
                engine.threads = threads
                cases.append(_case(f"{words}, {search}", translator, engine, sources, together, options, longest))
    return Speed(
        kernels=engine.kernels,
        precision=engine.precision,
        load_seconds=load_seconds,
        weight_bytes=engine.native.weight_bytes,
        peak_operations=peaks[0],
        peak_bytes=peaks[1],
        cases=tuple(cases),
    )


def _made_up(translator: Translator, longest: int) -> Ids:
    rng = np.random.default_rng(1)
    pieces = translator.bundle.source_tokenizer.vocab_size
    lengths = rng.integers(10, 31, TOGETHER)
    return [[*rng.integers(FIRST_BYTE, pieces, min(int(n), longest - 1)).tolist(), EOS] for n in lengths]


def _case(
    name: str,
    translator: Translator,
    engine: Engine,
    sources: Ids,
    together: int,
    options: DecodeOptions,
    longest: int,
) -> Case:
    spelling = translator.bundle.target_spelling
    grammar = utf8(spelling, newlines(spelling))
    chosen = sources[:ALONE] if together == 1 else sources
    calls = [chosen[at : at + together] for at in range(0, len(chosen), together)]
    pieces = sum(len(own[0].ids) for call in calls for own in engine.search(call, options, longest, grammar))
    seconds = []
    for _ in range(REPEATS):
        for call in calls:
            began = time.perf_counter()
            engine.search(call, options, longest, grammar)
            seconds.append(time.perf_counter() - began)
    costs: Costs = {}
    for call in calls:
        own: Costs = {}
        engine.search(call, options, longest, grammar, costs=own)
        for operator, cost in own.items():
            before = costs.get(operator, (0.0, 0.0, 0.0))
            costs[operator] = (before[0] + cost[0], before[1] + cost[1], before[2] + cost[2])
    whole = sum(cost[0] for cost in costs.values())
    once = sum(seconds) / REPEATS
    return Case(
        name=name,
        threads=engine.threads,
        sentences_a_second=len(chosen) / once,
        pieces_a_second=pieces / once,
        middle=statistics.median(seconds),
        slow=float(np.quantile(seconds, 0.95)),
        operators=tuple(
            Operator(operator, cost[0] / whole, cost[1] / max(cost[0], 1e-9), cost[2] / max(cost[0], 1e-9))
            for operator, cost in costs.items()
        ),
    )
