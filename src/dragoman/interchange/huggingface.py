"""A model as Hugging Face's library reads it: the stock classes of Marian and Pegasus, the same logits.

A post-norm Transformer is their Marian, a pre-norm one with norms at its ends their Pegasus. What neither can express
is refused. Their search is their own: it does not keep to whole characters, and its length penalty is a power of
the length.
"""

from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from dragoman.architecture import Experiment
from dragoman.bundle import Bundle
from dragoman.errors import RequestError
from dragoman.grammar import NEVER, newlines
from dragoman.interchange.folder import whole
from dragoman.interchange.huggingface_card import card
from dragoman.interchange.huggingface_names import BIAS, halves, reordered, their_name
from dragoman.interchange.huggingface_tokenizer import files, written
from dragoman.options import BOS, EOS, PAD, DecodeOptions
from dragoman.reference.positions import sinusoids

CONFIG, GENERATION, WEIGHTS = "config.json", "generation_config.json", "model.safetensors"
OURS = "dragoman"  # of config.json: what only we know, so that the model comes back as it went
EPSILON = 1e-5  # of LayerNorm, which neither class lets be another
ACTIVATIONS = {"relu": "relu", "gelu": "gelu", "silu": "silu"}
TYPICAL = 20  # pieces of a translation, at which their length penalty rises as ours does


def export(bundle: Bundle, folder: Path) -> None:
    """Write `folder`, which stock `AutoModelForSeq2SeqLM` and `AutoTokenizer` load.

    Float32, whatever the weights are stored as. Raises RequestError for a folder that exists and for what these
    classes cannot express.
    """
    _check(bundle)
    tokenizers = files(bundle)
    with whole(folder) as made:
        (made / CONFIG).write_text(written(config(bundle)), encoding="utf-8")
        (made / GENERATION).write_text(written(generation(bundle)), encoding="utf-8")
        safetensors.numpy.save_file(_tensors(bundle), made / WEIGHTS, metadata={"format": "pt"})
        for name, data in tokenizers.items():
            (made / name).parent.mkdir(exist_ok=True)
            (made / name).write_bytes(data)
        (made / "README.md").write_text(card(bundle, folder.name.encode(errors="replace").decode()), encoding="utf-8")


def _check(bundle: Bundle) -> None:
    model = bundle.model
    pre = model.norm == "pre"
    for kept, reason in (
        (model.norm != "none", "model.norm=none is an experiment"),
        (model.norm_kind == "layer", f"model.norm_kind={model.norm_kind}: their norms are LayerNorm"),
        (model.norm_epsilon == EPSILON, f"model.norm_epsilon={model.norm_epsilon}: their norms have {EPSILON}"),
        (model.activation in ACTIVATIONS, f"model.activation={model.activation}: their feed-forward has no gate"),
        (
            model.positions in ("sinusoidal", "learned", "table"),
            f"model.positions={model.positions}: they add a vector for each position",
        ),
        (model.kv_heads == model.heads, f"model.key_value_heads={model.kv_heads}: every head has its own keys there"),
        (
            model.decoder_cell == "attention",
            f"model.decoder_cell={model.decoder_cell}: their decoder has self-attention",
        ),
        (model.biases, "model.biases=false: every map has a bias there"),
        (not pre or model.tie == "all", f"model.tie={model.tie} with model.norm=pre: Pegasus has one embedding"),
        (
            model.experiment in (Experiment(), Experiment(scale_embeddings=False)),
            "model.experiment is not for other programs",
        ),
        (not bundle.directions, "directions: a source ends with the tag of a language in the place of </s>"),
    ):
        if not kept:
            raise RequestError(f"Hugging Face's Marian and Pegasus cannot take this model: {reason}")


def config(bundle: Bundle) -> dict[str, Any]:
    """Return their config.json."""
    model = bundle.model
    post = model.norm == "post"
    values: dict[str, Any] = {
        "architectures": ["MarianMTModel" if post else "PegasusForConditionalGeneration"],
        "model_type": "marian" if post else "pegasus",
        "vocab_size": model.vocab_size,
        "d_model": model.d_model,
        "encoder_layers": model.encoder_layers,
        "decoder_layers": model.decoder_layers,
        "encoder_attention_heads": model.heads,
        "decoder_attention_heads": model.heads,
        "encoder_ffn_dim": model.feed_forward,
        "decoder_ffn_dim": model.feed_forward,
        "activation_function": ACTIVATIONS[model.activation],
        "max_position_embeddings": model.max_positions,
        "scale_embedding": model.experiment.scale_embeddings,
        "dropout": model.dropout,
        "attention_dropout": model.attention_dropout,
        "activation_dropout": model.activation_dropout,
        "pad_token_id": PAD,
        "bos_token_id": BOS,
        "eos_token_id": EOS,
        "decoder_start_token_id": BOS,
        "forced_eos_token_id": None,
        "tie_word_embeddings": model.tie != "none",
        "is_encoder_decoder": True,
        "normalize_before": not post,
        "normalize_embedding": False,
        "dtype": "float32",
    }
    if post:
        values["decoder_vocab_size"] = model.target_vocabulary
        values["share_encoder_decoder_embeddings"] = model.tie == "all"
    values[OURS] = {
        "languages": bundle.languages,
        "decode": dict(bundle.decode),
        "alignment_heads": bundle.alignment_heads,
        "alignment_step": bundle.alignment_step,
        "usual_pieces": bundle.usual_pieces,
        "positions": model.positions,
    }
    return values


def generation(bundle: Bundle) -> dict[str, Any]:
    """Return their generation_config.json: our search as near as theirs can express it."""
    options = DecodeOptions(**bundle.decode)
    longest = bundle.model.max_positions - 1
    never = set(NEVER).union(newlines(bundle.target_spelling) if options.one_line else [])
    values: dict[str, Any] = {
        "bos_token_id": BOS,
        "eos_token_id": EOS,
        "pad_token_id": PAD,
        "decoder_start_token_id": BOS,
        "num_beams": options.width,
        "max_new_tokens": min(options.max_length or longest, longest),
        "length_penalty": length_penalty(options),
        "early_stopping": "never",  # ends when nothing better can come, as ours does
        "suppress_tokens": sorted(never),
    }
    if options.min_length > 1:
        values["min_new_tokens"] = options.min_length - 1  # theirs does not count `</s>`
    if options.sampling:
        del values["early_stopping"], values["length_penalty"]
        values |= {"do_sample": True, "temperature": options.temperature or 1.0, "top_k": options.top_k or 0}
        values["top_p"] = options.top_p or 1.0
    return values


def length_penalty(options: DecodeOptions) -> float:
    """Return the power of the length by which theirs divides.

    Of the paper's ((5 + n) / 6) ** alpha it is the slope in logarithms at a length that is typical.
    """
    if options.penalty == "none":
        return 0.0
    return 1.0 if options.penalty == "average" else round(options.alpha * TYPICAL / (5 + TYPICAL), 4)


def _tensors(bundle: Bundle) -> dict[str, NDArray[np.float32]]:
    order = halves(bundle.model.d_model)
    tensors = {}
    for name, tensor in bundle.weights.items():
        theirs = reordered(name, tensor, order)
        tensors[their_name(name)] = theirs[None] if name == BIAS else theirs
    if bundle.model.norm == "pre" and bundle.model.positions == "sinusoidal":
        # Pegasus computes the same table by itself, yet warns where it is not stored.
        table = sinusoids(np.arange(bundle.model.max_positions), bundle.model.d_model).astype(np.float32)
        for name in ("encoder.positions.weight", "decoder.positions.weight"):
            tensors[their_name(name)] = reordered(name, table, order)
    return tensors
