"""More pieces behind those of a model: old ids, old cuts and old translations stay, new rows are means."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import tiny_bundle
from dragoman import bundle
from dragoman.bundle import Bundle
from dragoman.cli import run
from dragoman.cli.recipe import read
from dragoman.cli.tuning import tuned
from dragoman.cli.widening import SIDES
from dragoman.data.corpus import PairFiles, check
from dragoman.decode.search import search
from dragoman.errors import ConfigError
from dragoman.model.initialization import from_numpy
from dragoman.model.transformer import Transformer
from dragoman.options import DecodeOptions
from dragoman.text.extension import EXTENSIBLE, extend
from dragoman.text.training import ALGORITHMS, train
from odd_texts import STRANGE

OLD = [*tiny_bundle.LINES, *tiny_bundle.DEUTSCH] * 3
NEW = [
    "Žluťoučký kůň úpěl ďábelské ódy, a quick kůň.",
    "the quick brown fox quickly jumps; the fox's quickest jump",
    "quick quack, quick quack! the kůň ran",
] * 2


def spelled_out(found, size: int, ids) -> list[int]:
    """Ids with each new one as the old ones that stood there."""
    return [own for index in ids for own in (found.spelled[index - size] if index >= size else (index,))]


@pytest.mark.parametrize("kind", EXTENSIBLE)
def test_new_pieces_spelled_out_are_the_old_cut_of_every_text(kind):
    old = train(OLD, None, kind)
    found, size = extend(old, NEW, 40), old.vocab_size
    new = found.tokenizer
    assert size < new.vocab_size <= size + 40 and new.vocab_size - size == len(found.spelled)
    assert [new.piece(index) for index in range(size)] == [old.piece(index) for index in range(size)]
    texts = [*OLD, *NEW, *STRANGE, "quick" * 9, "ůň ▁quick <s>"]
    before, after = old.encode_ids(texts), new.encode_ids(texts)
    assert [spelled_out(found, size, ids) for ids in after] == before
    assert any(index >= size for index in new.encode(NEW[0]).ids)
    assert new.encode_ids(OLD[:1]) == old.encode_ids(OLD[:1]) or kind in ("bpe", "byte_bpe")
    if old.lossless:
        assert [new.decode(ids) for ids in after] == texts


def test_the_same_text_gives_the_same_pieces_in_any_order():
    old = train(OLD, 300)
    one, other = (extend(old, lines, 30).tokenizer for lines in (NEW, NEW[::-1]))
    assert one.fingerprint == other.fingerprint


def test_it_can_be_extended_again():
    old = train(OLD, 300)
    once = extend(old, NEW, 10).tokenizer
    twice = extend(once, NEW, 10)
    assert twice.tokenizer.vocab_size == 320
    assert spelled_out(twice, 310, twice.tokenizer.encode(NEW[1]).ids) == list(once.encode(NEW[1]).ids)


@pytest.mark.parametrize("kind", sorted(set(ALGORITHMS) - set(EXTENSIBLE)))
def test_a_family_whose_cuts_would_change_is_refused_by_name(kind):
    with pytest.raises(ConfigError, match=rf"tokenizer\.extend with a {kind}"):
        extend(train(OLD, None, kind), NEW, 10)


@pytest.fixture(autouse=True)
def corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A corpus of the new text, in whose folder the test runs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    for name, lines in (("new.en", NEW), ("new.de", NEW[::-1])):
        Path(name).write_text("".join(f"{line} {at}\n" for at, line in enumerate(lines * 5)), encoding="utf-8")


def begun(origin: Bundle, *settings: str) -> Bundle:
    """What a run begins with."""
    bundle.save(origin, "origin")
    flags = {"data": {"source": "new.en", "target": "new.de"}, "model": {"from": "origin"}, "train": {"steps": 4}}
    recipe = read(None, ["tokenizer.extend=25", *settings], flags)
    return tuned(recipe, (check(PairFiles(Path("new.en"), Path("new.de"))),), "float32", lambda note: None)


def of_several_languages() -> Bundle:
    """A model with two tags behind its pieces."""
    made = tiny_bundle.make()
    draw = np.random.default_rng(5)
    weights = {
        name: np.concatenate([tensor, draw.normal(size=(2, *tensor.shape[1:])).astype(np.float32)])
        if tensor.shape[0] == 300
        else tensor
        for name, tensor in made.weights.items()
    }
    directions = (("en", "de"), ("de", "en"))
    return replace(made, model=replace(made.model, vocab_size=302), weights=weights, directions=directions)


@pytest.mark.parametrize("origin", [tiny_bundle.make(), tiny_bundle.make(joint=False), of_several_languages()])
def test_old_rows_keep_their_bits_and_new_ones_are_means(origin):
    first = begun(origin, 'data.languages=["en","de"]')
    sides = {"source": first.source_tokenizer, "target": first.target_tokenizer}
    old = {"source": origin.source_tokenizer, "target": origin.target_tokenizer}
    for side, names in SIDES.items():
        at, more = old[side].vocab_size, sides[side].vocab_size - old[side].vocab_size
        assert more == 25
        for name in set(names) & set(origin.weights):
            before, after = origin.weights[name], first.weights[name]
            assert np.array_equal(after[:at], before[:at]) and np.array_equal(after[at + more :], before[at:])
            for index in range(at, at + more):
                text = sides[side].decode([index])
                piece = sides[side].piece(index)
                plain = list(old[side].encode(text).ids)
                rows = plain if piece.startswith("▁") else plain[1:]  # without the blank in front
                assert np.allclose(after[index], before[rows].mean(0), atol=1e-6), piece
    others = set(origin.weights) - {name for names in SIDES.values() for name in names}
    assert all(np.array_equal(first.weights[name], origin.weights[name]) for name in others)
    bundle.save(first, "first")
    assert bundle.load("first").model == first.model


@pytest.mark.parametrize("joint", [True, False])
def test_old_pieces_are_translated_as_before(joint):
    origin = tiny_bundle.make(joint=joint)
    first = begun(origin)
    models = []
    for found in (origin, first):
        models.append(Transformer(found.model))
        from_numpy(models[-1], found.weights)
    sources = [[*ids, 3] for ids in origin.source_tokenizer.encode_ids([*OLD[:4], NEW[1]])]
    options = DecodeOptions(beam=1, max_length=12)
    before, after = (search(model, sources, options, 100, None, device=torch.device("cpu")) for model in models)
    assert [row[0].ids for row in before] == [row[0].ids for row in after]
    target = torch.randint(4, origin.model.target_vocabulary, (1, 6), generator=torch.Generator().manual_seed(1))
    source = torch.tensor([sources[0]])
    with torch.no_grad():
        old, new = (model(source, torch.ones_like(source, dtype=torch.bool), target) for model in models)
    assert torch.allclose(new[..., : old.shape[-1]], old, rtol=0, atol=1e-5)
    assert bool((new[..., old.shape[-1] :].amax(-1) <= old.amax(-1) + 1e-5).all())


def test_a_run_with_more_pieces_goes_to_its_end_and_on(capsys):
    bundle.save(tiny_bundle.make(joint=False), "origin")
    text = ("--source", "new.en", "--target", "new.de", "--from", "origin", "--steps", "4", "--out", "tuned")
    arguments = ["train", *text, "--set", "tokenizer.extend=20", "--set", "train.validate_every=2"]
    assert run(arguments) == 0 and "20 new pieces" in capsys.readouterr().err
    found = bundle.load("tuned")
    assert found.model.vocab_size == 320 and found.model.target_vocab_size == 330
    assert run(arguments) == 0 and "is done" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (("tokenizer.extend=-1",), "tokenizer.extend=-1"),
        (("train.lora_rank=2",), "leave one of them out"),
    ],
)
def test_what_cannot_be_is_refused(settings, said):
    with pytest.raises(ConfigError, match=said.replace(".", r"\.")):
        begun(tiny_bundle.make(), *settings)
