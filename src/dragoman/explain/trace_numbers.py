"""From the numbers that the reference tells on its way to the tables of a trace: embeddings, layers, their parts."""

# Shapes.  L rows that look, K rows that are looked at, D model width, N heads, G key and value heads, H head width.

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.architecture import ModelConfig
from dragoman.reference.positions import alibi_slopes

Told = dict[str, NDArray[np.float32]]  # by the names of `reference.transformer.Recorder`, [1, ...]
Table = dict[str, Any]
Weights = Mapping[str, NDArray[np.float32]]


def encoder_table(config: ModelConfig, weights: Weights, told: Told, ids: Sequence[int]) -> Table:
    """Return the encoder of a trace."""
    table = "embedding" if config.tie == "all" else "source_embedding"
    layers = [f"encoder.layers.{index}" for index in range(config.encoder_layers)]
    return {
        "embedding": _embedding(config, weights, told, "encoder", table, ids),
        "layers": [
            {
                "input": told[f"{layer}.input"][0],
                "self_attention": _attention(config, told, f"{layer}.self_attention", is_self=True),
                "feed_forward": _feed_forward(config, told, f"{layer}.feed_forward"),
            }
            for layer in layers
        ],
        "output": told[f"{layers[-1]}.output"][0],
    }


def decoder_table(config: ModelConfig, weights: Weights, told: Told, ids: Sequence[int]) -> Table:
    """Return the decoder of a trace."""
    table = "embedding" if config.tie == "all" else "target_embedding"
    layers = [f"decoder.layers.{index}" for index in range(config.decoder_layers)]
    recurs = config.decoder_cell == "ssru"
    return {
        "embedding": _embedding(config, weights, told, "decoder", table, ids),
        "layers": [
            {
                "input": told[f"{layer}.input"][0],
                "self_attention": None if recurs else _attention(config, told, f"{layer}.self_attention", is_self=True),
                "recurrence": _recurrence(config, told, f"{layer}.recurrence") if recurs else None,
                "cross_attention": _attention(config, told, f"{layer}.cross_attention", is_self=False),
                "feed_forward": _feed_forward(config, told, f"{layer}.feed_forward"),
            }
            for layer in layers
        ],
        "output": told[f"{layers[-1]}.output"][0],
        "norm": told["decoder.norm.output"][0] if config.norm == "pre" else None,
    }


def _embedding(config: ModelConfig, weights: Weights, told: Told, side: str, table: str, ids: Sequence[int]) -> Table:
    return {
        "table": table,
        "places": [int(place) for place in told[f"{side}.places"]],
        "rows": weights[f"{table}.weight"][list(ids)],
        "scale": math.sqrt(config.d_model) if config.experiment.scale_embeddings else 1.0,
        "positions": told.get(f"{side}.positions"),
        "sum": told[f"{side}.embedded"][0],
    }


def _attention(config: ModelConfig, told: Told, name: str, *, is_self: bool) -> Table:
    def heads(part: str) -> NDArray[np.float32] | None:
        """Return rows [L, N·H] as [L, N, H]."""
        rows = told.get(f"{name}.{part}")
        return None if rows is None else rows[0].reshape(rows.shape[1], -1, config.head_width)

    slopes = config.positions == "alibi" and is_self
    return {
        "norm_before": _norm(config, told, name, "pre"),
        "query": heads("query"),
        "key": heads("key"),
        "value": heads("value"),
        "query_turned": heads("query_turned"),
        "key_turned": heads("key_turned"),
        "scale": 1 / math.sqrt(config.head_width) if config.experiment.scale_scores else 1.0,
        "slopes": alibi_slopes(config.heads).tolist() if slopes else None,
        "scores_before_mask": told[f"{name}.unmasked"][0],
        "scores": told[f"{name}.scores"][0],
        "weights": told[f"{name}.weights"][0],
        "contexts": heads("seen"),
        "output": told[f"{name}.out"][0],
        "residual_after": told[f"{name}.sum"][0],
        "norm_after": _norm(config, told, name, "post"),
    }


def _recurrence(config: ModelConfig, told: Told, name: str) -> Table:
    return {
        "norm_before": _norm(config, told, name, "pre"),
        "input": told[f"{name}.input"][0],
        "forget": told[f"{name}.forget"][0],
        "state": told[f"{name}.state"][0],
        "output": told[f"{name}.out"][0],
        "residual_after": told[f"{name}.sum"][0],
        "norm_after": _norm(config, told, name, "post"),
    }


def _feed_forward(config: ModelConfig, told: Told, name: str) -> Table:
    gate = told.get(f"{name}.gate")
    return {
        "norm_before": _norm(config, told, name, "pre"),
        "up": told[f"{name}.up"][0],
        "gate": None if gate is None else gate[0],
        "hidden": told[f"{name}.hidden"][0],
        "output": told[f"{name}.down"][0],
        "residual_after": told[f"{name}.sum"][0],
        "norm_after": _norm(config, told, name, "post"),
    }


def _norm(config: ModelConfig, told: Told, name: str, place: str) -> NDArray[np.float32] | None:
    return told[f"{name}_norm.output"][0] if config.norm == place else None
