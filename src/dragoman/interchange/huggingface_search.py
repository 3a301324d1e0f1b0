"""What a foreign folder says of searching: whose ids do what, and the settings of `generate` that ours has too.

Settings stand in generation_config.json, in old folders in config.json. One that would give other translations and that
ours lacks is refused by its name.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.config import build
from dragoman.errors import ConfigError, RequestError
from dragoman.interchange.fields import Fields
from dragoman.interchange.importing import fault
from dragoman.options import DecodeOptions

GENERATION = "generation_config.json"
# Settings whose other values would give other translations, with those that change nothing.
FIXED: dict[str, tuple[Any, ...]] = {
    "forced_bos_token_id": (), "begin_suppress_tokens": ([],), "sequence_bias": (), "force_words_ids": (),
    "constraints": (), "no_repeat_ngram_size": (0,), "encoder_no_repeat_ngram_size": (0,), "repetition_penalty": (1,),
    "encoder_repetition_penalty": (1,), "diversity_penalty": (0,), "num_beam_groups": (1,), "typical_p": (1,),
    "epsilon_cutoff": (0,), "eta_cutoff": (0,), "min_p": (), "top_h": (), "guidance_scale": (1,), "max_time": (),
    "exponential_decay_length_penalty": (), "watermarking_config": (), "penalty_alpha": (0,), "dola_layers": (),
    "token_healing": (False,), "stop_strings": (), "num_return_sequences": (1,), "remove_invalid_values": (False,),
    "early_stopping": (False, True, "never"), "force_bos_token_to_be_generated": (False,),
}  # fmt: skip
# How it is computed there, which gives the same.
IGNORED = (
    "use_cache", "cache_implementation", "cache_config", "max_cache_len", "output_attentions", "output_hidden_states",
    "output_scores", "output_logits", "return_dict_in_generate", "return_legacy_cache", "transformers_version",
    "_from_model_config", "is_assistant", "num_assistant_tokens", "num_assistant_tokens_schedule", "use_mtp",
    "assistant_confidence_threshold", "prompt_lookup_num_tokens", "max_matching_ngram_size", "assistant_early_exit",
    "assistant_lookbehind", "target_lookbehind", "assistant_ensemble_weight", "speculation_type", "compile_config",
    "disable_compile", "continuous_batching_config", "low_memory", "prefill_chunk_size", "trust_remote_code",
)  # fmt: skip
TAKEN = (
    "num_beams", "length_penalty", "max_length", "max_new_tokens", "min_length", "min_new_tokens", "do_sample",
    "temperature", "top_k", "top_p", "bad_words_ids", "suppress_tokens", "renormalize_logits", "forced_eos_token_id",
)  # fmt: skip
IDS = ("pad_token_id", "bos_token_id", "eos_token_id", "decoder_start_token_id")


@dataclass(frozen=True, slots=True)
class Search:
    """Foreign ids of what has a use, and settings by our names."""

    padding: int | None
    start: int  # of a translation
    end: int
    never: frozenset[int]  # given
    renormalized: bool  # the others then have the whole probability
    decode: dict[str, Any]


def read(folder: Path, config: Fields, longest: int, written: float | None = None) -> Search:
    """Return what is said; takes it out of `config`. `longest`: pieces that a translation can have.

    `written` is the length penalty that `dragoman export` wrote for its own, which the folder holds too.
    Raises CheckpointError.
    """
    ids = config.split(IDS)
    old = config.split((*FIXED, *TAKEN))
    path = folder / GENERATION
    fields = Fields(path) if path.is_file() else old
    for name in IDS:
        _agree(fields, ids, name)
    if "bos_token_id" in ids and "decoder_start_token_id" not in ids:
        raise fault(config.path, "decoder_start_token_id is missing: what a translation begins with is not known")
    start, end = ids.take("decoder_start_token_id", int), _one(ids, "eos_token_id")
    for name, allowed in FIXED.items():
        fields.fixed(name, *allowed)
    # It ends what the limit cuts, as our search ends there too.
    fields.fixed("forced_eos_token_id", end, [end])
    found = Search(
        padding=_one(ids, "pad_token_id", None),
        start=start,
        end=end,
        never=_never(fields),
        renormalized=fields.take("renormalize_logits", bool, False),
        decode=_decode(fields, longest, written),
    )
    if fields is not old:
        fields.ignore((*IGNORED, "_commit_hash"))
        fields.refuse_rest()
    return found


def _agree(fields: Fields, ids: Fields, name: str) -> None:
    """Let the config say what the generation's file alone says; raises CheckpointError where they differ."""
    if name in fields:
        said, own = fields.pop(name), ids.pop(name)
        if said is not None and own is not None and said != own:
            raise fault(fields.path, f"{name}={said!r:.80}, config.json has {own!r:.80}", "make them the same")
        ids.put(name, own if said is None else said)


def _one(ids: Fields, name: str, *default: None) -> Any:
    value = ids.pop(name)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value is None and default:
        return None
    if type(value) is not int or value < 0:
        raise fault(ids.path, f"{name}={value!r:.80}: one id is wanted")
    return value


def _never(fields: Fields) -> frozenset[int]:
    """Return the ids that are never given, from lists of them and lists of words of one id."""
    found: set[int] = set()
    words, pieces = fields.pop("bad_words_ids", []), fields.pop("suppress_tokens", [])
    for name, entries, single in (("bad_words_ids", words, False), ("suppress_tokens", pieces, True)):
        if not isinstance(entries, list):
            raise fault(fields.path, f"{name}={entries!r:.80}: a list is wanted")
        for entry in entries:
            one = [entry] if single else entry
            if not isinstance(one, list) or len(one) != 1 or type(one[0]) is not int:
                raise fault(fields.path, f"{name} holds {entry!r:.80}; single pieces are known here", _MEND)
            found.add(one[0])
    return frozenset(found)


def _decode(fields: Fields, longest: int, written: float | None) -> dict[str, Any]:
    """Return our defaults of a search; raises CheckpointError for what ours cannot, but for a penalty that we wrote."""
    decode: dict[str, Any] = {}
    beams, sampling = fields.take("num_beams", int, 1), fields.take("do_sample", bool, False)
    warmth, top_p = fields.take("temperature", float, 1.0), fields.take("top_p", float, 1.0)
    top_k = fields.take("top_k", int, 0)
    if sampling:
        if beams != 1:
            raise fault(fields.path, f"num_beams={beams} with do_sample: samples of beams are not known here", _MEND)
        decode["temperature"] = warmth
        decode |= {"top_k": top_k} if top_k else {}
        decode |= {"top_p": top_p} if top_p != 1 else {}
    else:
        decode["beam"] = beams
    penalty = fields.take("length_penalty", float, 1.0)
    if penalty not in (0, 1, written) and beams > 1:
        raise fault(fields.path, f"length_penalty={penalty}: 0.0 and 1.0 are known here", _MEND)
    decode["penalty"] = "none" if penalty == 0 else "average"
    # `max_length` counts the start too.
    limit = min(fields.take("max_new_tokens", int, longest), fields.take("max_length", int, longest + 1) - 1)
    if limit < longest:
        decode["max_length"] = limit
    least = max(fields.take("min_length", int, 0), fields.take("min_new_tokens", int, 0) + 1)
    if least > 1:
        decode["min_length"] = least
    try:
        build(DecodeOptions, decode, "decode")
    except (ConfigError, RequestError) as error:
        raise fault(fields.path, str(error), _MEND) from None
    return decode


_MEND = "take it out, or change it, if you want the search to be dragoman's"
