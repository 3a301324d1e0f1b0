"""The adjectives and adverbs of manner that the full phrasebook adds.

Adjectives are in the form of phrasebook_adjectives. An adverb's line is: English | German | comparative |
German comparative | superlative | German superlative | verbs that it goes with; without a comparative it is
never compared.
"""

FULL_ADJECTIVES = """
polite|höflich|more polite|höflicher|person
clever|klug|cleverer|klüger|person
lazy|faul|lazier|fauler|person
hard-working|fleißig|||person
brave|mutig|braver|mutiger|person
honest|ehrlich|more honest|ehrlicher|person
shy|schüchtern|shyer|schüchterner|person
cheerful|fröhlich|||person
strict|streng|stricter|strenger|person
curious|neugierig|||person animal
elegant|elegant|more elegant|eleganter|person wear
successful|erfolgreich|more successful|erfolgreicher|person
important|wichtig|more important|wichtiger|statement abstract event
angry|wütend|||state
nervous|nervös|||state
satisfied|zufrieden|||state
healthy|gesund|||state
lonely|einsam|||state
surprised|überrascht|||state
proud|stolz|||state
disappointed|enttäuscht|||state
awake|wach|||state
yellow|gelb|||wear vehicle growing openable
brown|braun|||wear animal furniture container
grey|grau|||wear vehicle animal furniture
round|rund|||dish furniture
wet|nass|||wear
dry|trocken|||wear
warm|warm|warmer|wärmer|wear
soft|weich|softer|weicher|seat lying
wide|breit|wider|breiter|span
narrow|schmal|narrower|schmaler|span
deep|tief|deeper|tiefer|dish
thick|dick|thicker|dicker|readable
thin|dünn|thinner|dünner|readable
broken|kaputt|||device
loud|laut|louder|lauter|device
useful|nützlich|more useful|nützlicher|thing gift readable
practical|praktisch|more practical|praktischer|thing wear
comfortable|bequem|more comfortable|bequemer|furniture
dangerous|gefährlich|more dangerous|gefährlicher|zoo
wild|wild|wilder|wilder|zoo
sweet|süß|sweeter|süßer|food
strange|seltsam|stranger|seltsamer|readable show abstract
exciting|spannend|more exciting|spannender|readable show
popular|beliebt|more popular|beliebter|show song
colourful|bunt|||wear gift growing
pretty|hübsch|prettier|hübscher|wear gift
ugly|hässlich|uglier|hässlicher|building wear furniture
cosy|gemütlich|cosier|gemütlicher|indoor
tiny|winzig|||animal thing
huge|riesig|||building zoo
"""

MANNERS = """
slowly|langsam|more slowly|langsamer|most slowly|langsamsten|work swim dance eat speak
fast|schnell|faster|schneller|fastest|schnellsten|work swim cook jog
quietly|leise|more quietly|leiser|most quietly|leisesten|sing laugh
loudly|laut|more loudly|lauter|most loudly|lautesten|sing laugh
well|gut|better|besser|best|besten|cook dance sing swim sleep
badly|schlecht|worse|schlechter|worst|schlechtesten|cook dance sing swim sleep
beautifully|schön|more beautifully|schöner|most beautifully|schönsten|sing dance
carefully|vorsichtig|more carefully|vorsichtiger|most carefully|vorsichtigsten|work swim
patiently|geduldig|||||wait play
alone|allein|||||cook dance sing work travel
"""
