"""Models to search over: `Markov`, whose next piece hangs on every earlier one, and a tiny Transformer.

And what searches are compared with: log-probabilities computed afresh for every prefix, without a state.
"""

import math
from dataclasses import replace

import torch

from dragoman.model.transformer import Transformer
from dragoman.options import BOS, EOS, DecodeOptions, Hypothesis
from dragoman.randomness import mix
from model_configs import PLAIN, random_weights

LONGEST = 40  # the most pieces that either model's positions allow here


class History:
    """A hash of the pieces so far a row, a hash of the source a sentence: both must be moved right."""

    def __init__(self, source_B: torch.Tensor) -> None:
        self.source_B, self.history_R = source_B, torch.zeros_like(source_B)

    def reorder(self, rows: torch.Tensor) -> None:
        self.history_R = self.history_R[rows]

    def keep(self, sentences: torch.Tensor) -> None:
        self.history_R = self.history_R.view(len(self.source_B), -1)[sentences].flatten()
        self.source_B = self.source_B[sentences]


class Markov:
    """Logits are keyed random numbers of (seed, source, all pieces so far, id), in -spread to spread.

    With `levels` they are rounded to so many values, so that ties are everywhere.
    """

    def __init__(self, seed: int, vocab_size: int, spread: float = 2.0, levels: int | None = None) -> None:
        self.seed, self.vocab_size, self.spread, self.levels = seed, vocab_size, spread, levels

    def encode(self, source_BS, real_BS, randomness=None):
        assert randomness is None
        return mix(source_BS * 31 + torch.arange(source_BS.shape[1]))[..., None]

    def start(self, memory_BSD, real_BS, max_length=None):
        return History(mix(torch.where(real_BS, memory_BSD[..., 0], 0).sum(1) ^ self.seed))

    def decode(self, target_RL, state, randomness=None):
        return torch.stack([self._step(id_R, state) for id_R in target_RL.unbind(1)], dim=1)

    def forward(self, source_BS, real_BS, target_BT, randomness=None):
        return self.decode(target_BT, self.start(self.encode(source_BS, real_BS), real_BS))

    def _step(self, id_R, state):
        state.history_R = mix(state.history_R ^ (id_R + 1))
        rows = len(state.history_R) // len(state.source_B)
        key_R = mix(state.history_R ^ state.source_B.repeat_interleave(rows))
        unit_RV = ((mix(key_R[:, None] ^ torch.arange(self.vocab_size)) >> 11) & 0xFFFFFF) / 2**24
        if self.levels is not None:
            unit_RV = (unit_RV * self.levels).floor() / self.levels
        return (self.spread * (2 * unit_RV - 1)).float()


def tiny_transformer(seed: int, vocab_size: int = 11) -> Transformer:
    config = replace(PLAIN, vocab_size=vocab_size, max_positions=LONGEST + 1, dropout=0.3)
    model = Transformer(config)
    weights = random_weights(config, seed)
    model.load_state_dict({name: torch.from_numpy(1.5 * array).float() for name, array in weights.items()})
    return model


def next_logits(model, source, ids) -> torch.Tensor:
    """The logits [V] after the pieces `ids`, computed from nothing."""
    source_BS, target_BT = torch.tensor([source]), torch.tensor([[BOS, *ids]])
    with torch.no_grad():
        return model.forward(source_BS, torch.ones_like(source_BS, dtype=torch.bool), target_BT)[0, -1].float()


def next_log_probabilities(model, source, ids) -> list[float]:
    return rows_of_log_probabilities(model, source, [ids])[0]


def rows_of_log_probabilities(model, source, prefixes) -> list[list[float]]:
    """The same after each of several prefixes of one length."""
    source_BS = torch.tensor([source]).expand(len(prefixes), -1)
    target_BT = torch.tensor([[BOS, *ids] for ids in prefixes])
    with torch.no_grad():
        logits_BTV = model.forward(source_BS, torch.ones_like(source_BS, dtype=torch.bool), target_BT)
    return logits_BTV[:, -1].float().log_softmax(-1).tolist()


def hypothesis(options: DecodeOptions, ids, logps) -> Hypothesis:
    score = options.score(math.fsum(logps), len(ids))
    return Hypothesis(ids=tuple(ids), token_log_probabilities=tuple(logps), score=score, finished=ids[-1] == EOS)


def in_order(hypotheses) -> list[Hypothesis]:
    return sorted(hypotheses, key=lambda h: (not h.finished, -h.score, h.ids))


def assert_equal(given: tuple[Hypothesis, ...], wanted, tolerance: float = 1e-5) -> None:
    """The same ids in the same order, and numbers as near as float32 lets them be."""
    assert [(h.ids, h.finished) for h in given] == [(h.ids, h.finished) for h in wanted]
    for one, other in zip(given, wanted, strict=True):
        assert math.isclose(one.score, other.score, rel_tol=tolerance, abs_tol=tolerance)
        pairs = zip(one.token_log_probabilities, other.token_log_probabilities, strict=True)
        assert all(math.isclose(a, b, rel_tol=tolerance, abs_tol=tolerance) for a, b in pairs)
