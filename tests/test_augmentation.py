"""Changed pairs: each change does what it says on both sides, in its share, and depends on its key alone."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dragoman.data.augmentation import Augmentation, AugmentOptions, names
from dragoman.errors import ConfigError
from dragoman.randomness import Randomness

NAMES = ("Tom", "Mary", "Boston", "Kyoto")
PAIRS = [
    ("Tom sees Mary.", "Tom sieht Mary."),
    ("Is that Tom's house?", "Ist das Toms Haus?"),
    ("It costs 25 or 30 euros.", "Es kostet 25 oder 30 Euro."),
    ("The train leaves at 3:30.", "Der Zug fährt um 3:30."),
    ("I have 1 dog and 1,000 books.", "Ich habe 1 Hund und 1.000 Bücher."),
    ("Come here", "Komm her"),
    ("...", "..."),
    ("Good morning!", "Guten Morgen!"),
]


def read(samples: NDArray[np.int64]) -> list[tuple[str, str]]:
    return [PAIRS[sample % len(PAIRS)] for sample in samples]


def changed(samples: NDArray[np.int64], epoch: int = 0, seed: int = 1, **shares: float) -> dict[int, tuple[str, str]]:
    augmentation = Augmentation(AugmentOptions(**shares), Randomness(seed), NAMES)
    which, texts = augmentation.changed(epoch, samples, read, np.arange(len(PAIRS)))
    return dict(zip(samples[which].tolist(), texts, strict=True))


@settings(max_examples=30)
@given(st.integers(0, 2**31), st.integers(0, 99), st.randoms())
def test_a_pair_changes_by_seed_epoch_and_sample_alone(seed: int, epoch: int, random: object) -> None:
    shares = {"capitals": 0.2, "lower": 0.2, "stops": 0.2, "typos": 0.3, "swapped": 0.5, "joined": 0.3}
    samples = np.arange(40)
    together = changed(samples, epoch, seed, **shares)
    shuffled = np.random.default_rng(seed).permutation(samples)
    apart = {k: v for part in np.split(shuffled, [7, 8, 30]) for k, v in changed(part, epoch, seed, **shares).items()}
    assert apart == together
    assert changed(samples, epoch + 1, seed, **shares) != together


def test_shares_are_kept_and_independent() -> None:
    samples = np.arange(20_000)
    assert changed(samples) == {}
    found = changed(samples, capitals=0.1, joined=0.3)
    assert abs(len(found) / 20_000 - (1 - 0.9 * 0.7)) < 0.02
    capitals = [sample for sample, (source, _) in found.items() if source.split()[0].isupper() and source[0] != "I"]
    alone = changed(samples, capitals=0.1)
    assert set(capitals) <= set(alone)  # what is drawn for one change does not move with another


def test_each_change_does_what_it_says() -> None:
    samples = np.arange(len(PAIRS))
    capitals = changed(samples, capitals=1.0)
    assert capitals[1] == ("IS THAT TOM'S HOUSE?", "IST DAS TOMS HAUS?")
    lower = changed(samples, lower=1.0)
    assert lower[1] == ("is that tom's house?", "Ist das Toms Haus?")
    stops = changed(samples, stops=1.0)
    assert stops[0] == ("Tom sees Mary", "Tom sieht Mary")
    assert stops[5] == PAIRS[5] and stops[6] == PAIRS[6]  # nothing to take, nothing would be left


def test_swaps_agree_on_both_sides() -> None:
    samples = np.arange(4000)
    seen = {at: Counter[str]() for at in range(len(PAIRS))}
    for sample, (source, target) in changed(samples, swapped=1.0).items():
        at = sample % len(PAIRS)
        seen[at][source] += 1
        words = source.strip(".?!").split()
        if at == 0:
            assert target == f"{words[0]} sieht {words[2]}."
            assert {words[0], words[2]} <= set(NAMES)
        elif at == 1:
            assert target == f"Ist das {words[2][:-2]}s Haus?"
        elif at == 2:
            assert target == f"Es kostet {words[2]} oder {words[4]} Euro." and len(words[2]) == len(words[4]) == 2
            assert words[2][0] != "0"
        else:  # a time, one thing, a number that is written in two ways, no number: nothing to swap
            assert (source, target) == PAIRS[at]
    assert len(seen[0]) == 16 and len(seen[1]) == 4 and len(seen[2]) > 300


def test_typing_errors_leave_the_target_and_stay_small() -> None:
    different = 0
    for sample, (source, target) in changed(np.arange(800), typos=1.0).items():
        plain = PAIRS[sample % len(PAIRS)]
        assert target == plain[1]
        assert abs(len(source) - len(plain[0])) <= 1
        different += source != plain[0]
        assert sum((Counter(source) - Counter(plain[0])).values()) <= 1
    assert different > 600  # "..." has no letters, and two equal letters may change places


def test_joined_pairs_stand_behind_the_pair_in_step() -> None:
    counts = Counter[int]()
    for sample, (source, target) in changed(np.arange(800), joined=1.0).items():
        plain = PAIRS[sample % len(PAIRS)]
        rest = [source.removeprefix(plain[0] + " "), target.removeprefix(plain[1] + " ")]
        one = [list(pair) for pair in PAIRS]
        two = [[f"{a} {c}", f"{b} {d}"] for a, b in PAIRS for c, d in PAIRS]
        assert rest in one or rest in two
        counts[1 if rest in one else 2] += 1
    assert min(counts[1], counts[2]) > 300


def test_names_are_what_both_sides_write_alike() -> None:
    pairs = [
        ("I know Tom.", "Ich kenne Tom."),
        ("We saw Tom's dog in May.", "Wir sahen Toms Hund im Mai."),
        ("Every Hotel is full.", "Jedes Hotel ist voll."),
        ("This hotel is full.", "Dieses Hotel ist voll."),
        ("Will you come, Mary?", "Kommst du, Mary?"),
        ("Paris is big.", "Paris ist groß."),
        ("I love Paris.", "Ich liebe Paris."),
    ]
    assert names(pairs) == ("Tom", "Mary")  # no name that ends in s: its genitive has another form
    assert names(reversed(pairs)) == names(pairs)


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_what_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(ConfigError, match=r"augment\.typos=.* from 0 to 1"):
        AugmentOptions(typos=share)
