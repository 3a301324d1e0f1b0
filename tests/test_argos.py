"""A package for Argos Translate gives there what our search gives with Argos' settings, without a network."""

import io
import json
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from itertools import islice

import numpy as np
import pytest

import tiny_bundle
from dragoman import bundle
from dragoman.cli import run
from dragoman.data.phrasebook import pairs
from dragoman.decode.search import search
from dragoman.errors import RequestError
from dragoman.grammar import newlines, utf8
from dragoman.model.initialization import from_numpy
from dragoman.model.transformer import Transformer
from dragoman.options import EOS, FIRST_BYTE, DecodeOptions
from dragoman.text.tokenizer import Tokenizer
from dragoman.text.training import train
from model_configs import random_weights

ctranslate2 = pytest.importorskip("ctranslate2")
onnxruntime = pytest.importorskip("onnxruntime")
sentencepiece = pytest.importorskip("sentencepiece")
from dragoman.interchange.argos import export  # noqa: E402  (only where CTranslate2 and ONNX are)
from dragoman.interchange.argos_sentences import splitter  # noqa: E402

PENALTY = 0.2  # of the length, in Argos


class Argos:
    """What Argos Translate does with the files of a package that it has unpacked, in float32 and on one thread."""

    def __init__(self, file, folder):
        with zipfile.ZipFile(file) as package:
            package.extractall(folder)
        (self.root,) = folder.iterdir()
        self.pieces = sentencepiece.SentencePieceProcessor(model_file=str(self.root / "sentencepiece.model"))
        self.model = ctranslate2.Translator(str(self.root / "model"), "cpu", compute_type="float32", intra_threads=1)

    def hypotheses(self, texts):
        return self.model.translate_batch(
            [self.pieces.encode(text, out_type=str) for text in texts],
            replace_unknowns=True,
            max_batch_size=32,
            batch_type="tokens",
            beam_size=4,
            num_hypotheses=1,
            length_penalty=PENALTY,
            return_scores=True,
        )

    def spelled(self, pieces):
        return self.pieces.decode_pieces(pieces).replace("▁", " ").replace("_", " ").removeprefix(" ")


class Options(DecodeOptions):
    def divisor(self, length: int) -> float:
        return length**PENALTY


def ours(loaded, texts):
    """Our own hypotheses, by the penalty of Argos."""
    model = Transformer(loaded.model)
    from_numpy(model, loaded.weights)
    spelling = loaded.target_spelling
    grammar = utf8(spelling, newlines(spelling))
    sources = [[*ids, EOS] for ids in loaded.source_tokenizer.encode_ids(texts)]
    return [found[0] for found in search(model.eval(), sources, Options(beam=4), 254, grammar)]


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The package of a model that ships."""
    file = tmp_path_factory.mktemp("package") / "de_en.argosmodel"
    export(bundle.load("de-en"), file)
    return file


@pytest.fixture(scope="module")
def argos(package, tmp_path_factory):
    return Argos(package, tmp_path_factory.mktemp("unpacked"))


def same(argos, texts):
    """Return how many are the same there and here; where one is not, ours must be the better."""
    loaded = bundle.load("de-en")
    count = 0
    for mine, theirs in zip(ours(loaded, texts), argos.hypotheses(texts), strict=True):
        if loaded.target_tokenizer.decode(mine.ids) == argos.spelled(theirs.hypotheses[0]):
            count += 1
        else:  # Argos stops when four ways have ended, ours when none can win any more
            assert mine.log_probability / len(mine.ids) ** PENALTY > theirs.scores[0]
    return count


TEXTS = [
    "Guten Morgen.",
    "Ich bin müde.",
    "Wie geht es dir?",
    "Der alte Mann liest ein Buch.",
    "Wir haben gestern Brot gekauft.",
    "Meine Schwester arbeitet in Berlin.",
    "Kannst du mir helfen?",
    "Es regnet, und der Zug ist spät.",
]


def test_a_package_of_a_model_that_ships_translates_as_our_search_does(argos):
    assert same(argos, TEXTS) >= 7


@pytest.mark.slow
def test_two_hundred_translations_are_the_same_or_better_here(argos):
    texts = [pair.target for split in ("test_combinations", "test_longer") for pair in islice(pairs(split, 100), 100)]
    assert same(argos, texts) >= 190


def bundle_of(joint=True, **changes):
    plain = tiny_bundle.make(joint=joint)
    model = replace(plain.model, d_model=32, feed_forward=48, encoder_layers=2, max_positions=64, **changes)
    return replace(plain, model=model, weights=random_weights(model, 3, np.float32))


def test_what_a_package_holds(tmp_path, capsys):
    bundle.save(bundle_of(), tmp_path / "m")
    for name in ("a", "b"):
        assert run(["export", str(tmp_path / "m"), str(tmp_path / f"{name}.argosmodel"), "--to", "argos"]) == 0
    assert "install it with" in capsys.readouterr().err
    assert (tmp_path / "a.argosmodel").read_bytes() == (tmp_path / "b.argosmodel").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.argosmodel") as package:
        names = {name.removeprefix("en_de-dragoman/") for name in package.namelist()}
        described = json.loads(package.read("en_de-dragoman/metadata.json"))
    assert names == {
        "metadata.json", "sentencepiece.model", "README.md", "minisbd/en.onnx",
        "model/model.bin", "model/config.json", "model/shared_vocabulary.json",
    }  # fmt: skip
    assert described["from_code"], described["to_name"] == ("en", "German")
    assert {path.name for path in tmp_path.iterdir()} == {"m", "a.argosmodel", "b.argosmodel"}


def test_what_cannot_be_said_there_is_refused(tmp_path):
    plain, file = bundle_of(), tmp_path / "x.argosmodel"
    unigram = train([*tiny_bundle.LINES, *tiny_bundle.DEUTSCH], 310, "unigram")
    two = replace(plain, directions=(("en", "de"), ("en", "fr")))
    for odd, words in (
        (replace(plain, languages=None), "does not say which they are"),
        (replace(plain, languages=("en", "../../x")), "cannot be in the name of a file"),
        (two, "one direction; this model has en-de, en-fr"),
        (replace(plain, source_tokenizer=unigram), "a unigram tokenizer"),
        (bundle_of(positions="learned"), "model.positions=learned with model.max_positions=64"),
        (bundle_of(positions="alibi"), "model.positions=alibi"),
    ):
        with pytest.raises(RequestError, match=words):
            export(odd, file)
    with pytest.raises(RequestError, match=r"ends in \.argosmodel"):
        export(plain, tmp_path / "x.zip")
    assert list(tmp_path.iterdir()) == []
    file.write_text("")
    with pytest.raises(RequestError, match="exists"):
        export(plain, file)


def test_what_a_search_of_ours_never_gives_is_kept_away(tmp_path):
    loaded = bundle_of()
    loaded.weights["output.bias"][[0, 1, 2, FIRST_BYTE + ord("\n")]] = 30.0
    export(loaded, tmp_path / "x.argosmodel")
    argos = Argos(tmp_path / "x.argosmodel", tmp_path / "unpacked")
    (found,) = argos.hypotheses(["the cat"])
    assert found.hypotheses[0] and not {"<pad>", "<unk>", "<s>", "<0x0A>"} & set(found.hypotheses[0])


def test_a_text_beyond_the_positions_of_the_model_is_translated_there(tmp_path):
    export(bundle_of(), tmp_path / "x.argosmodel")
    argos = Argos(tmp_path / "x.argosmodel", tmp_path / "unpacked")
    assert argos.hypotheses(["the cat sat on the mat " * 20])[0].hypotheses[0]


@pytest.mark.parametrize("joint", [True, False])
def test_the_pieces_of_both_sides_are_read_by_one_sentencepiece_model(tmp_path, joint):
    loaded = bundle_of(joint=joint)
    export(loaded, tmp_path / "x.argosmodel")
    argos = Argos(tmp_path / "x.argosmodel", tmp_path / "unpacked")
    source, target = loaded.source_tokenizer, loaded.target_tokenizer
    for text in ("the black cat", " a dog", "Ünal 🙂 </s> <0x41>", "x  y"):
        assert argos.pieces.encode(text) == source.encode_ids([text])[0]
    for text in ("ein schwarzer Hund", "Ünal 🙂, nächste", "saß auf <0x41> x  y"):
        encoded = target.encode(text)
        assert argos.spelled(list(encoded.pieces)) == target.decode(encoded.ids) == text


def test_a_sentencepiece_model_of_another_hand_cuts_there_as_here(tmp_path):
    content = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(tiny_bundle.LINES), model_writer=content, vocab_size=60, hard_vocab_limit=False,
        model_type="unigram", minloglevel=2, num_threads=1,
    )  # fmt: skip
    tokenizer = Tokenizer.from_foreign_sentencepiece(content.getvalue())
    plain = bundle_of()
    model = replace(plain.model, vocab_size=tokenizer.vocab_size)
    weights = random_weights(model, 3, np.float32)
    both = {"source_tokenizer": tokenizer, "target_tokenizer": tokenizer}
    export(replace(plain, model=model, weights=weights, source_ended=False, **both), tmp_path / "x.argosmodel")
    argos = Argos(tmp_path / "x.argosmodel", tmp_path / "unpacked")
    for text in ("the black cat", " Where  is ﬁ the dog?"):
        encoded = tokenizer.encode(text)
        cut = argos.pieces.encode(text, out_type=str)
        assert [piece if piece in encoded.pieces else "<unk>" for piece in cut] == list(encoded.pieces)
    assert argos.hypotheses(["the black cat"])[0].hypotheses[0]
    assert not json.loads((argos.root / "model" / "config.json").read_text())["add_source_eos"]


@cache
def session():
    return onnxruntime.InferenceSession(splitter("de").SerializeToString())


def sentences(text):
    """The sentences that MiniSBD takes from the scores of a graph, blanks at their ends left out."""
    vocabulary = json.loads(session().get_modelmeta().custom_metadata_map["vocab"])["_unit2id"]
    plain = [letter for at, letter in enumerate(text) if not (letter == " " == text[at - 1 : at])]
    units = np.array([[vocabulary.get(letter, vocabulary["<UNK>"]) for letter in plain] + [vocabulary["<PAD>"]]])
    (scores,) = session().run(None, {"units": units, "features": np.zeros((1, len(units[0]), 0), np.float32)})
    found = [""]
    for letter, kind in zip(plain, scores[0].argmax(-1), strict=False):
        found[-1] += letter
        found += [""] if kind == 2 else []
    return [sentence.strip() for sentence in found if sentence.strip()]


@pytest.mark.parametrize(
    ("expected", "between"),
    [
        (["Guten Morgen.", "Wie geht es dir?", "Gut!", "Und?", "Ja …", "Nun."], " "),
        (["Dr. Müller kommt am 3. Oktober.", "Er sagt z. B. nichts und geht."], " "),
        (['Er rief: "Warte!"', "„Wann?“ fragte sie.", "(Nie.)", "Er ging..."], "   "),
        (["Schreib an a.b@example.org oder www.example.org heute.", "Danke."], " "),
        (["你好。", "天气很好！", "“好。”", "他说。"], ""),
        (["ein Satz ohne Ende"], ""),
    ],
)
def test_where_a_sentence_ends(expected, between):
    assert sentences(between.join(expected)) == expected


@pytest.mark.slow
def test_joined_sentences_of_the_phrasebook_are_parted_again():
    own = [pair.target for pair in pairs("test_combinations", 200)]
    joined = [f"{first} {second}" for first, second in zip(own[::2], own[1::2], strict=True)]
    parted = [sentences(text) for text in joined]
    assert sum(len(parts) == 2 for parts in parted) >= 95
    assert [" ".join(parts) for parts in parted] == joined


PROGRAM = """
import json, socket, sys
def refuse(*_): raise SystemExit("it asked the network")
socket.socket.connect = socket.getaddrinfo = refuse
from argostranslate import package, translate
package.install_from_path(sys.argv[1])
translation = translate.get_translation_from_codes("de", "en")
print(json.dumps([translation.translate(text) for text in json.load(sys.stdin)]))
"""


@pytest.mark.skipif(find_spec("argostranslate") is None, reason="argostranslate is not installed")
def test_argos_itself_installs_it_and_translates_without_a_network(tmp_path, package, argos):
    texts = ["Guten Morgen.", "Ich bin müde. Wie geht es dir?\nDas Buch ist rot.", "", "Dr. Müller liest ein Buch."]
    places = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("DATA", "CONFIG", "CACHE")}
    more = {"HOME": str(tmp_path), "ARGOS_COMPUTE_TYPE": "float32", "ARGOS_INTRA_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, str(package)],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env=os.environ | places | more,
    )
    assert done.returncode == 0, done.stderr

    def expected(line):
        parts = argos.hypotheses(sentences(line))
        return argos.spelled([piece for part in parts for piece in part.hypotheses[0]])

    assert json.loads(done.stdout) == ["\n".join(map(expected, text.split("\n"))) for text in texts]
    assert json.loads(done.stdout)[1].count("\n") == 1
