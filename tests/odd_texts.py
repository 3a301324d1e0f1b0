"""Texts for the tests of tokenizers: a small corpus to learn from, and strings that nobody thinks of."""

import random

BLANK = "▁"

SUBJECTS = ("the cat", "a dog", "die Katze", "ein Hund", "Müllers Esel", "the old captain", "l'été")
VERBS = ("sees", "sleeps near", "sieht", "schläft bei", "löst", "overtakes", "widest lowest")
OBJECTS = (
    "the mat.",
    "a newer tower!",
    "den größten Turm.",
    "zwei Bäume;",
    "10,000 </s> signs",
    "<0x41> <pad>",
)

STRANGE = (
    *(" ", "  ", "\t", "\n", "\r\n", "\x00", "\x85", "\u00a0", "\u2028", "\u2029", "\u3000", "\ufeff"),
    *(BLANK, BLANK * 2, f" {BLANK}", f"{BLANK} ", f"a{BLANK}b"),
    *("👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "\u200d", "\u200b", "\ufe0f"),
    *("مرحبا", "שלום", "\u202e", "\u2066", "e\u0301", "\u0301\u0300", "İ", "ǆ", "한국", "각"),
    *("日本語", "中文", "。", "ไทย", "हिन्दी", "\ue000", "\U000f0000", "\U0010ffff", "\uffff", "\ufffd"),
    *("</s>", "<s>", "<unk>", "<pad>", "<0x41>", "<0x0A>", "<0xE2><0x96><0x81>", "<", ">", "/", "x"),
    *("the", " the", "the cat", "größten", "a", "e", "s", "t", "ß", "."),
)


def corpus():
    """Some five hundred lines in two languages, strange ones among them."""
    lines = [f"{one} {does} {other}" for one in SUBJECTS for does in VERBS for other in OBJECTS]
    return [*lines, f"a{BLANK}b </s></s></s> the{BLANK}cat", *odd_texts(200, seed=1)]


def odd_texts(count, seed=0):
    """Random strings of all that is strange, with lone code points from the whole of Unicode among them."""
    draw = random.Random(seed)
    return ["".join(_strange(draw) for _ in range(draw.randint(0, 12))) for _ in range(count)]


def knots(count, letters, seed=0):
    """Random strings over a few letters, which force overlapping merges."""
    draw = random.Random(seed)
    return ["".join(draw.choices(letters, k=draw.randint(5, 60))) for _ in range(count)]


def _strange(draw):
    if draw.random() < 0.9:
        return draw.choice(STRANGE)
    point = draw.randrange(0x110000 - 0x800)
    return chr(point if point < 0xD800 else point + 0x800)  # the surrogates are no characters
