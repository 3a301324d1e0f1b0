"""Texts that tokenizers are known to stumble over, for `symptoms`.

The sentence in many scripts is the first of article 1 of the Universal Declaration of Human Rights, which
the United Nations publish in all of these languages.
"""

from dragoman.options import FIRST_PIECE, SPECIALS

PLAIN = (
    "All human beings are born free and equal in dignity and rights.",
    "The committee published its report before the government could answer any of the questions.",
    "Please remember to close the window when you leave the house tomorrow morning.",
)

SCRIPTS = {
    "Arabic": "يولد جميع الناس أحراراً متساوين في الكرامة والحقوق.",
    "Armenian": "Բոլոր մարդիկ ծնվում են ազատ ու հավասար՝ իրենց արժանապատվությամբ ու իրավունքներով։",
    "Chinese": "人人生而自由,在尊严和权利上一律平等。",
    "Cyrillic": "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    "Devanagari": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
    "Georgian": "ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა და უფლებებით.",
    "Greek": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.",
    "Hebrew": "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.",
    "Japanese": "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    "Korean": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    "Latin": PLAIN[0],
    "Thai": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
}

# A face, a skin tone, a flag of two letters, a family joined by U+200D, a rainbow flag, a heart with U+FE0F.
EMOJI = ("🙂", "👍🏽", "🇩🇪", "👩‍👩‍👧‍👦", "🏳️‍🌈", "❤️")

CODE = (
    "def greet(names):",
    "    for name in names:",
    "        if name:",
    '            print(f"Hello, {name}!")',
    "        else:",
    "            return None",
    "\treturn len(names)",
)

# The same record twice, as a program would write it.
JSON = '{"greeting":"Good morning","buttons":{"cancel":"Cancel","save":"Save changes"},"languages":["German","French"]}'
YAML = "greeting: Good morning\nbuttons:\n  cancel: Cancel\n  save: Save changes\nlanguages:\n- German\n- French\n"

# What is meant for programs, typed by somebody: our own specials and bytes, and those of other families.
CONTROLS = (
    *SPECIALS,
    *("<0x41>", "<0x0A>", "<0xE2><0x96><0x81>"),
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<mask>", "<bos>", "<eos>", "<|endoftext|>", "<|im_start|>"),
)

# Texts that are easily lost: blanks, marks, forms of one letter, U+2581, invisible characters, line ends.
FRAGILE = (
    *("two  blanks", " blank before", "blank after ", "a\tb", "a\nb", "a\r\nb", "a\u00a0b", "a\u3000b"),
    *("Capitals And lower", "ÜBER", "über", "u\u0308ber", "ﬁnd", "²", "ｆｕｌｌ", "İstanbul", "ß"),
    *("▁low", "a▁b", "##ing", "@@ ", "don't", "“quoted”", "3.5 %", "(a)", "a - b", "…"),
    *("\u200b", "a\u200db", "\ufeff", "\u202eabc", "🙂", "👩‍👩‍👧‍👦", "日本語", "مرحبا", "\x00", "\x7f", "\ue000"),
    *("\U0010ffff", "</s>", "<unk>", "<0x41>"),
)

# Before a piece these begin no other, so that a piece that only continues a word can be tried alone.
CONTEXTS = ("", "\0", "q", "Z", "7", "§", "a ")

# Bytes that are in no UTF-8: their pieces cannot have been trained, whatever the text (RFC 3629, section 1).
NEVER_IN_UTF8 = tuple(FIRST_PIECE - 256 + value for value in (0xC0, 0xC1, *range(0xF5, 0x100)))
