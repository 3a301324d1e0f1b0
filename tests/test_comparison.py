"""Tokenizers side by side: on lines none has seen, a bounded number of them, and a page on which text stays text."""

import json
from html.parser import HTMLParser

import pytest

from dragoman.cli.measures import comparison_lines
from dragoman.cli.tokenizer_page import page
from dragoman.errors import ConfigError
from dragoman.text.comparison import TRAINED, compare
from dragoman.text.laboratory import MEASURED, hold_out, measure
from dragoman.text.training import ALGORITHMS, train
from foreign_tokenizers import Foreign
from odd_texts import corpus
from trained_model import pairs

HOSTILE = "<script>alert('&')</script> \x1b[31m \u202e <img src=x onerror=y> {summary}"
ROWS = [*pairs(), *((f"{HOSTILE} {number}", f'"><b>{number}</b>') for number in range(200))]


@pytest.fixture(scope="module")
def found():
    given = {"ours": train(corpus(), 500), "<b>lossy</b>": Foreign(change=str.upper, pattern=r"\S+|\s")}
    return compare(ROWS, ("source", "target"), given)


def test_all_families_learn_from_what_is_not_measured():
    found = compare(ROWS, ("source", "target"), vocab_size=300)
    assert [entry.name for entry in found.entries] + [refusal.name for refusal in found.refusals] == [*ALGORITHMS]
    split = hold_out(ROWS, TRAINED)
    assert (found.total, found.training, found.measured) == (len(ROWS), len(split.training), len(split.held_out))
    first = found.entries[0]
    learned = train([text for row in split.training for text in row], 300, first.kind)
    assert first.fingerprint == learned.fingerprint and first.training_seconds > 0
    for number, side in enumerate(first.sides):
        assert side == measure(learned, [row[number] for row in split.held_out])


def test_a_size_that_no_family_can_have_is_refused():
    with pytest.raises(ConfigError, match="allowed are 300 to"):
        compare(ROWS, ("source", "target"), vocab_size=1)


@pytest.mark.slow
def test_a_long_text_is_learned_from_and_measured_in_part():
    found = compare(((f"{number} cats",) for number in range(TRAINED + 20_000)), ("text",), vocab_size=300)
    assert found.total == TRAINED + 20_000
    assert found.training + found.measured <= TRAINED and found.measured <= MEASURED


def test_what_is_lost_is_named(found):
    ours, lossy = found.entries
    assert all(side.failures == 0 for side in ours.sides) and ours.training_seconds is None
    assert lossy.sides[0].failures == lossy.sides[0].lines and lossy.sides[0].failure is not None
    assert "What was lost" in page(found)


def test_the_json_is_plain_and_its_names_are_these(found):
    record = json.loads(json.dumps(found.as_json()))
    assert set(record) == {"sides", "total", "training", "measured", "examples", "entries", "refusals"}
    entry = record["entries"][0]
    assert set(entry) == {
        *("name", "kind", "vocab_size", "lossless", "fingerprint", "training_seconds", "sides", "speed", "cuts"),
    }
    assert set(entry["sides"][0]) == {
        *("lines", "words", "characters", "pieces", "pieces_a_word", "pieces_a_line", "characters_a_piece"),
        *("word_lengths", "line_lengths", "whole_words", "coverage", "byte_share", "unknown_share"),
        *("vocabulary_use", "renyi_efficiency", "failures", "failure"),
    }
    assert set(entry["cuts"][0]) == {"ids", "pieces", "offsets"}


def test_the_best_of_a_row_is_the_best(found):
    for line in comparison_lines(found):
        assert len(line.cells) == 2 and len(line.best) < 2
    rows = {(line.group, line.label): line for line in comparison_lines(found)}
    fewest = min((0, 1), key=lambda number: found.entries[number].sides[0].pieces)
    assert rows["source", "pieces a word"].best == {fewest}
    assert rows["source", "lines not restored"].best == {0}
    assert rows["source", "Rényi efficiency"].best == frozenset()


class Reader(HTMLParser):
    """Collects the tags, attributes and text of a page, and sees that every element is closed."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.said, self.open = set(), set(), "", []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said += data


def test_hostile_text_stays_text(found):
    text = page(found)
    read = Reader(text)
    assert read.open == []
    assert read.tags == {
        *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "div", "span"),
        *("table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd"),
    }
    assert not {name for name in read.attributes if name.startswith("on") or name in ("src", "href")}
    assert "<b>lossy</b>" in read.said and "<script>" in read.said
    assert "http:" not in text and "https:" not in text and "url(" not in text
    assert not {"\x1b", "\u202e"} & set(text)


def test_the_table_can_be_read_aloud(found):
    text = page(found)
    assert text.count('<th scope="col">') == 2
    assert text.count('<th scope="row">') == len(comparison_lines(found))
    assert text.count('<th scope="rowgroup"') == 3 and 'tabindex="0"' in text
