"""The adjectives of the phrasebook, as a table that a reader can check line by line.

A line is: English | German | comparative | German comparative | classes of nouns that it describes. Adjectives
without a comparative are never compared; "state" says how someone feels.
"""

ADJECTIVES = """
new|neu|newer|neuer|thing wear building vehicle gift furniture dish show device readable
old|alt|older|älter|person animal zoo thing wear building vehicle furniture region tree growing
young|jung|younger|jünger|person animal
nice|nett|nicer|netter|person
friendly|freundlich|friendlier|freundlicher|person
famous|berühmt|||person
strong|stark|stronger|stärker|person zoo
rich|reich|richer|reicher|person
poor|arm|poorer|ärmer|person
tall|groß|taller|größer|person
tired|müde|||state
happy|glücklich|||state
sad|traurig|||state
sick|krank|||state
hungry|hungrig|||state
thirsty|durstig|||state
ready|fertig|||state
small|klein|smaller|kleiner|minor animal thing wear building vehicle furniture dish indoor outdoor region
big|groß|bigger|größer|animal zoo building vehicle furniture indoor outdoor region openable growing container
beautiful|schön|||wear building outdoor region gift growing song
expensive|teuer|more expensive|teurer|thing wear vehicle furniture gift device drink
cheap|billig|cheaper|billiger|thing wear vehicle furniture gift device
heavy|schwer|heavier|schwerer|furniture container device
light|leicht|lighter|leichter|container
red|rot|||wear vehicle openable growing container furniture dish
blue|blau|||wear vehicle openable container furniture dish
green|grün|||wear vehicle openable container furniture dish
black|schwarz|||wear vehicle animal container
white|weiß|||wear vehicle animal openable furniture
clean|sauber|||wear dish indoor
dirty|schmutzig|||wear dish indoor own openable
full|voll|||container
empty|leer|||container dish indoor
fresh|frisch|||food
hot|heiß|||hotdrink
cold|kalt|||colddrink
good|gut|better|besser|food drink show readable
delicious|lecker|||food
modern|modern|||building device
quiet|ruhig|quieter|ruhiger|region indoor outdoor
dark|dunkel|darker|dunkler|indoor
bright|hell|brighter|heller|indoor
fast|schnell|faster|schneller|vehicle
slow|langsam|slower|langsamer|vehicle device
interesting|interessant|more interesting|interessanter|readable show region
boring|langweilig|more boring|langweiliger|readable show
funny|lustig|||readable show song
long|lang|longer|länger|readable show span
short|kurz|shorter|kürzer|readable show span
difficult|schwierig|more difficult|schwieriger|statement
easy|einfach|easier|einfacher|statement
"""
