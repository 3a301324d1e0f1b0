"""The CPU engine beside PyTorch: our own torch path, and Hugging Face `generate` on a Marian model of the same shape.

    python benchmarks/decoding_torch.py [--repeats 3] [--json]

`base` with random weights, the sources and the 30 forced target pieces of `benchmarks/decoding.py`, all in turn. A
Marian model has the same layers, widths and vocabulary; its own random weights make no difference to its speed. Left
out where `transformers` is not installed. Prints tokens a second as a Markdown table. Needs dragoman[train,export];
let nothing else run.
"""

import argparse
import json
import statistics
import sys
from importlib.util import find_spec

import torch
from decoding import STEPS, Case, Ids, Run, interleaved, ours, random_bundle, some_sources

from dragoman.architecture import preset
from dragoman.decode.runner import TorchRunner
from dragoman.engine.model import Engine
from dragoman.model.initialization import from_numpy
from dragoman.model.transformer import Transformer
from dragoman.options import DecodeOptions

CASES = (
    Case("one-greedy", 1, 3, 1),
    Case("one-beam4", 1, 3, 4),
    Case("batch32-greedy", 32, 32, 1),
    Case("batch32-beam4", 32, 32, 4),
)


def our_torch(runner: TorchRunner, case: Case, sources: Ids) -> Run:
    """Return a run of our torch path."""
    options = DecodeOptions(beam=case.beam, min_length=STEPS, max_length=STEPS)

    def run() -> None:
        for begin in range(0, len(sources), case.together):
            runner.search(sources[begin : begin + case.together], options, STEPS + 10)

    return run


def marian(dtype: torch.dtype, vocab_size: int) -> "torch.nn.Module":
    """Return a Marian model of the shape of `base`."""
    from transformers import MarianConfig, MarianMTModel

    config = MarianConfig(
        vocab_size=vocab_size, d_model=512, encoder_layers=6, decoder_layers=6, encoder_attention_heads=8,
        decoder_attention_heads=8, encoder_ffn_dim=2048, decoder_ffn_dim=2048, activation_function="relu",
        max_position_embeddings=512, pad_token_id=0, eos_token_id=3, decoder_start_token_id=2, forced_eos_token_id=None,
    )  # fmt: skip
    return MarianMTModel(config).to(dtype).eval()


def hugging_face(model: "torch.nn.Module", case: Case, sources: Ids) -> Run:
    """Return a run of `generate`."""

    @torch.inference_mode()
    def run() -> None:
        for begin in range(0, len(sources), case.together):
            rows = sources[begin : begin + case.together]
            longest = max(map(len, rows))
            ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
            found = model.generate(  # type: ignore[operator]
                input_ids=ids,
                attention_mask=(ids != 0).long(),
                num_beams=case.beam,
                do_sample=False,
                min_new_tokens=STEPS,
                max_new_tokens=STEPS,
            )
            assert found.shape == (len(rows), STEPS + 1)

    return run


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    config = preset("base", 32_000)
    bundle = random_bundle(config)
    network = Transformer(config)
    from_numpy(network, bundle.weights)
    peers = {"our torch, float32": TorchRunner(network)}
    models = {}
    if find_spec("transformers") is not None:
        models = {f"Hugging Face, {name}": marian(getattr(torch, name), 32_000) for name in ("float32", "bfloat16")}
    else:
        print("transformers is not installed: left out", file=sys.stderr)
    engines = {precision: Engine(config, bundle.weights, precision) for precision in ("int8", "bf16", "float32")}
    sources = some_sources(config, max(case.sentences for case in CASES))
    names = [*(f"engine, {precision}" for precision in engines), *peers, *models]
    table = {}
    for case in CASES:
        rows = sources[: case.sentences]
        runs = {f"engine, {precision}": ours(engine, case, rows) for precision, engine in engines.items()}
        runs |= {name: our_torch(runner, case, rows) for name, runner in peers.items()}
        runs |= {name: hugging_face(model, case, rows) for name, model in models.items()}
        seconds = interleaved(runs, given.repeats)
        table[case.name] = {
            name: round(STEPS * case.sentences / statistics.median(own), 1) for name, own in seconds.items()
        }
        print(case.name, table[case.name], file=sys.stderr, flush=True)
    if given.json:
        print(json.dumps(table))
        return
    print("| case | " + " | ".join(names) + " |\n|---|" + "---:|" * len(names))
    for case_name, row in table.items():
        print(f"| {case_name} | " + " | ".join(f"{row[name]:,.0f}" for name in names) + " |")


if __name__ == "__main__":
    main()
