"""The six experiments of `docs/why.md`: each is one function from a laboratory and a number of steps to plain data.

Whatever differs between two runs is a value of `ModelConfig`; data, order, seed and first weights are the same.
"""

# Shapes.  B sentences, S source pieces, N heads, K keys, D model width.

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import torch
import torch.nn.functional as F
from why_laboratory import Laboratory, Trained, percent

from dragoman.architecture import Experiment, ModelConfig, NormPlace, parameter_count
from dragoman.data.batching import Batch
from dragoman.model.recording import recording
from dragoman.model.transformer import Transformer
from dragoman.options import EOS, PAD

DEPTHS = (1, 2, 3, 4, 5, 6)
TOLERANCE = 0.03  # how far apart "equal" parameter counts may be
DEEP = 12  # layers of the stack whose gradients are measured
RATES = (1e-3, 6e-3)  # peak learning rates; the second is the default for width 64
WIDE = 512  # d_model where head widths are compared
HEAD_WIDTHS = (8, 16, 32, 64, 128, 256, 512)
POSITIONS = ("sinusoidal", "learned", "rotary", "alibi", "none")
DROPOUTS = (0.0, 0.1, 0.3)
FEW = 2000  # pairs that dropout is tried on
COMPARED = 50  # sentences whose memories are compared

Data = dict[str, Any]


def layers(config: ModelConfig, count: int) -> ModelConfig:
    """Return the config with so many layers on both sides."""
    return replace(config, encoder_layers=count, decoder_layers=count)


def of_size(config: ModelConfig, wanted: int) -> ModelConfig:
    """Return the config made as wide as gives `wanted` parameters within 3 %.

    Of all fitting widths, multiples of 8 and of the heads, it is the one whose feed-forward is nearest
    to the paper's four times d_model.
    """
    fitting = []
    for width in range(8, 1025, 8):
        if width % config.heads:
            continue
        narrow, wider = (parameter_count(replace(config, d_model=width, feed_forward=size)) for size in (8, 16))
        feed_forward = 8 + 8 * round((wanted - narrow) / (wider - narrow))
        if feed_forward < 8:
            break
        found = replace(config, d_model=width, feed_forward=feed_forward)
        if abs(parameter_count(found) / wanted - 1) <= TOLERANCE:
            fitting.append(found)
    return min(fitting, key=lambda found: abs(math.log(found.feed_forward / (4 * found.d_model))))


def layer_gradients(model: Transformer, batch: Batch) -> dict[str, list[float]]:
    """Return the gradient norm of each layer's weights, encoder and decoder, for the mean loss of a batch."""
    source_BS, target_BT = torch.from_numpy(batch.source_BS), torch.from_numpy(batch.target_BT)
    logits = model.forward(source_BS, source_BS != PAD, target_BT[:, :-1])
    F.cross_entropy(logits.flatten(0, 1), target_BT[:, 1:].flatten(), ignore_index=PAD).backward()
    found = {}
    for side in ("encoder", "decoder"):
        found[side] = []
        for layer in getattr(model, side).layers:
            # In float64, since squares of vanishing gradients would be zero.
            norms = [p.grad.double().norm() for p in layer.parameters() if p.grad is not None]
            found[side].append(_short(torch.stack(norms).norm().item()))
    return found


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def _facts(lab: Laboratory, run: Trained) -> Data:
    """Return what every table says of a run."""
    return {
        "loss": run.valid_loss,
        "exact": None if run.diverged else lab.exact(run.model, lab.corpus.combinations),
        "curve": run.curve,
        "step_milliseconds": run.step_milliseconds,
        "seconds": run.seconds,
        "diverged": run.diverged,
    }


def depth(lab: Laboratory, steps: int) -> Data:
    """1 to 6 layers: at the base's width, and as wide as the parameters of 6 layers allow."""
    wanted = parameter_count(layers(lab.base, DEPTHS[-1]))
    runs = []
    for count in DEPTHS:
        narrow = layers(lab.base, count)
        for equal, config in (("width", narrow), ("parameters", of_size(narrow, wanted))):
            shape = {"d_model": config.d_model, "feed_forward": config.feed_forward}
            runs.append(
                {"equal": equal, "layers": count, **shape, "parameters": parameter_count(config)}
                | _facts(lab, lab.train(config, steps))
            )
    return {"runs": runs}


def residual(lab: Laboratory, steps: int) -> Data:
    """Gradients of a deep stack before training, and a training of 6 layers, with and without residuals."""
    batch = lab.batch()
    gradients = []
    norms: tuple[NormPlace, ...] = ("pre", "none")
    for norm in norms:
        for kept in (True, False):
            config = replace(layers(lab.base, DEEP), norm=norm, experiment=Experiment(residual=kept))
            gradients.append({"norm": norm, "residual": kept} | layer_gradients(lab.untrained(config), batch))
    runs = []
    for kept in (True, False):
        config = replace(layers(lab.base, DEPTHS[-1]), experiment=Experiment(residual=kept))
        runs.append({"residual": kept} | _facts(lab, lab.train(config, steps)))
    return {"gradients": gradients, "runs": runs}


def norm(lab: Laboratory, steps: int) -> Data:
    """Norms before, after and not at all: gradients of a deep stack, and 6 layers trained at two rates."""
    batch = lab.batch()
    gradients, runs = [], []
    places: tuple[NormPlace, ...] = ("pre", "post", "none")
    for place in places:
        deep = replace(layers(lab.base, DEEP), norm=place)
        gradients.append({"norm": place} | layer_gradients(lab.untrained(deep), batch))
        for rate in RATES:
            config = replace(layers(lab.base, DEPTHS[-1]), norm=place)
            runs.append({"norm": place, "rate": rate} | _facts(lab, lab.train(config, steps, rate)))
    return {"gradients": gradients, "runs": runs}


def scaling(lab: Laboratory, steps: int) -> Data:
    """How sharp attention is before training, by head width; and a training with plain embeddings."""
    sharpness = [
        {"head_width": width, "scaled": scaled} | first_attention(lab, width, scaled)
        for scaled in (True, False)
        for width in HEAD_WIDTHS
    ]
    runs = []
    for scaled in (True, False):
        config = replace(lab.base, experiment=Experiment(scale_embeddings=scaled))
        runs.append({"scaled": scaled} | _facts(lab, lab.train(config, steps)))
    return {"sharpness": sharpness, "runs": runs}


def first_attention(lab: Laboratory, head_width: int, scaled: bool) -> Data:
    """Measure the first encoder layer's attention, untrained, over the sentences of a batch.

    `entropy` is 1 where a query looks at all pieces alike and 0 where it looks at one; `gradient` is the mean
    of 1 - sum of squared weights, the trace of the softmax's derivative: 0 where nothing can be learned.
    """
    config = replace(
        layers(lab.base, 1), d_model=WIDE, heads=WIDE // head_width, feed_forward=8,
        experiment=Experiment(scale_scores=scaled),
    )  # fmt: skip
    model = lab.untrained(config)
    source_BS = torch.from_numpy(lab.batch().source_BS)
    real_BS = source_BS != PAD
    with torch.no_grad(), recording(model) as record:
        model.encode(source_BS, real_BS)
    weights_BNSK = record["encoder.layers.0.self_attention.weights"][0].double()
    flattest_BNS = real_BS.sum(1).double().log()[:, None, None]
    entropy_BNS = torch.special.entr(weights_BNSK).sum(-1) / flattest_BNS
    gradient_BNS = 1 - (weights_BNSK**2).sum(-1)
    real_BNS = real_BS[:, None, :].expand_as(entropy_BNS)
    return {
        "entropy": round(entropy_BNS[real_BNS].mean().item(), 4),
        "gradient": round(gradient_BNS[real_BNS].mean().item(), 4),
    }


def positions(lab: Laboratory, steps: int) -> Data:
    """Five ways to say where a piece stands, each asked sentences as they are and with their words shuffled."""
    runs = []
    sources = [source for source, _ in lab.corpus.combinations]
    targets = [target for _, target in lab.corpus.combinations]
    mixed = [" ".join(shuffled(source.split(" "))) for source in sources]
    for kind in POSITIONS:
        run = lab.train(replace(lab.base, positions=kind), steps)
        plain, other = lab.translate(run.model, sources), lab.translate(run.model, mixed)
        runs.append(
            {"positions": kind}
            | _facts(lab, run)
            | {
                "exact_shuffled": percent([a == b for a, b in zip(other, targets, strict=True)]),
                "unchanged": percent([a == b for a, b in zip(other, plain, strict=True)]),
                "memory_difference": memory_difference(lab, run.model, sources[:COMPARED]),
            }
        )
    return {"runs": runs}


def shuffled(words: Sequence[str]) -> list[str]:
    """Return the words in another order, the same one for the same words."""
    random, mixed = Random(" ".join(words)), list(words)
    while len(set(words)) > 1 and mixed == list(words):
        random.shuffle(mixed)
    return mixed


def memory_difference(lab: Laboratory, model: Transformer, sources: Sequence[str]) -> float:
    """Return how far the memory of shuffled words is from the shuffled memory, relative to its largest entry."""
    worst = 0.0
    for source in sources:
        words = source.split(" ")
        pieces = dict(zip(words, lab.corpus.tokenizer.encode_ids(words), strict=True))
        ids = [[index for word in order for index in pieces[word]] + [EOS] for order in (words, shuffled(words))]
        # Equal pieces have equal memories where positions count for nothing, so any of them is the right one.
        place_S = torch.tensor(ids[0]).argsort(stable=True)[torch.tensor(ids[1]).argsort(stable=True).argsort()]
        with torch.no_grad():
            plain_SD, other_SD = (
                model.encode(torch.tensor([row]), torch.ones(1, len(row), dtype=torch.bool))[0] for row in ids
            )
        worst = max(worst, ((other_SD - plain_SD[place_S]).abs().max() / plain_SD.abs().max()).item())
    return _short(worst)


def dropout(lab: Laboratory, steps: int) -> Data:
    """Many epochs on few pairs, at three dropout rates."""
    runs = []
    for rate in DROPOUTS:
        run = lab.train(replace(lab.base, dropout=rate), steps, first=FEW)
        runs.append({"dropout": rate} | _facts(lab, run))
    return {"pairs": min(FEW, len(lab.corpus.store)), "runs": runs}


EXPERIMENTS: dict[str, Callable[[Laboratory, int], Data]] = {
    "depth": depth,
    "residual": residual,
    "norm": norm,
    "scaling": scaling,
    "positions": positions,
    "dropout": dropout,
}
