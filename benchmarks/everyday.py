"""Twenty everyday sentences as a newcomer types them, translated by models side by side.

    python benchmarks/everyday.py --from de MODEL [MODEL...]

Greetings, names, numbers, CAPITALS, no capitals, no full stop, a typing error, two sentences, twenty words: what a test
set of well-kept sentences does not hold. Each has some translations that are right; an answer counts where it is one of
them but for capitals and final punctuation. Others stand in italics: some are right all the same, so read them.
Prints a Markdown table. Needs dragoman[train].
"""

import argparse
import re
from pathlib import Path

from dragoman import Translator

# A sentence, and below it what is right, without capitals and final punctuation.
GERMAN = """\
Hallo!
  hello
  hi
Guten Morgen, wie geht es Ihnen?
  good morning, how are you
Wo ist der Bahnhof?
  where is the train station
  where is the station
  where's the train station
  where's the station
Danke
  thanks
  thank you
ich heiße Anna
  my name is anna
  i am anna
  i'm anna
  i'm called anna
  i am called anna
Wie viel kostet das?
  how much does it cost
  how much is it
  how much is this
  how much does that cost
  how much is that
  how much does this cost
ICH VERSTEHE NICHT
  i don't understand
  i do not understand
WO IST DIE TOILETTE?
  where is the toilet
  where's the toilet
  where is the restroom
  where is the bathroom
  where's the bathroom
  where's the restroom
Herr Schneider wohnt seit 1987 in Hamburg.
  mr schneider has lived in hamburg since 1987
  mr. schneider has lived in hamburg since 1987
  mr. schneider has been living in hamburg since 1987
  mr schneider has been living in hamburg since 1987
Der Zug fährt um 17 Uhr ab.
  the train leaves at 5 p.m
  the train leaves at five
  the train leaves at 5
  the train leaves at 5 o'clock
  the train leaves at five o'clock
  the train departs at 5 p.m
  the train leaves at 5:00 p.m
  the train leaves at 17 o'clock
Ich hätte gern zwei Kaffee und ein Glas Wasser
  i'd like two coffees and a glass of water
  i would like two coffees and a glass of water
  i'd like two cups of coffee and a glass of water
Meine Telefonnummer ist 0170 5551234.
  my phone number is 0170 5551234
  my telephone number is 0170 5551234
wann kommst du nach hause
  when are you coming home
  when will you come home
  when will you be home
  when do you come home
Kannst du mir bitte hefen?
  can you help me, please
  can you please help me
  could you please help me
  could you help me, please
  can you help me please
  please can you help me
Fatima und Jens haben gestern ein neues Auto gekauft.
  fatima and jens bought a new car yesterday
Es tut mir leid. Ich habe kein Geld.
  i'm sorry. i don't have any money
  i'm sorry. i have no money
  i'm sorry. i don't have money
  i am sorry. i have no money
Mein Bruder ist 34 Jahre alt und arbeitet als Lehrer.
  my brother is 34 years old and works as a teacher
  my brother is 34 and works as a teacher
Sprechen Sie Englisch?
  do you speak english
Ich liebe dich!
  i love you
Wenn es morgen nicht regnet, gehen wir mit den Kindern in den Park und essen danach bei meiner Mutter zu Mittag.
  if it doesn't rain tomorrow, we'll go to the park with the children and then have lunch at my mother's
  if it doesn't rain tomorrow, we'll go to the park with the children and then have lunch with my mother
  if it doesn't rain tomorrow, we will go to the park with the children and then have lunch at my mother's
  if it doesn't rain tomorrow, we'll go to the park with the kids and then have lunch with my mother
"""

ENGLISH = """\
Hello!
  hallo
Good morning, how are you?
  guten morgen, wie geht es ihnen
  guten morgen, wie geht es dir
  guten morgen, wie geht's
Where is the train station?
  wo ist der bahnhof
Thanks
  danke
my name is Anna
  ich heiße anna
  mein name ist anna
How much is it?
  wie viel kostet das
  wie viel kostet es
  was kostet das
  wieviel kostet das
  wie viel ist es
I DON'T UNDERSTAND
  ich verstehe nicht
  ich verstehe das nicht
  ich verstehe es nicht
WHERE IS THE TOILET?
  wo ist die toilette
Mr Schneider has lived in Hamburg since 1987.
  herr schneider wohnt seit 1987 in hamburg
  herr schneider lebt seit 1987 in hamburg
The train leaves at 5 p.m.
  der zug fährt um 17 uhr ab
  der zug fährt um 17 uhr
  der zug fährt um fünf uhr nachmittags ab
  der zug fährt um fünf uhr ab
I'd like two coffees and a glass of water
  ich hätte gern zwei kaffee und ein glas wasser
  ich hätte gerne zwei kaffee und ein glas wasser
  ich möchte zwei kaffee und ein glas wasser
My phone number is 0170 5551234.
  meine telefonnummer ist 0170 5551234
when are you coming home
  wann kommst du nach hause
  wann kommt ihr nach hause
  wann kommen sie nach hause
Can you hepl me, please?
  kannst du mir bitte helfen
  können sie mir bitte helfen
  können sie mir helfen, bitte
  könnt ihr mir bitte helfen
Fatima and Jens bought a new car yesterday.
  fatima und jens haben gestern ein neues auto gekauft
  fatima und jens kauften gestern ein neues auto
I'm sorry. I don't have any money.
  es tut mir leid. ich habe kein geld
  tut mir leid. ich habe kein geld
My brother is 34 years old and works as a teacher.
  mein bruder ist 34 jahre alt und arbeitet als lehrer
  mein bruder ist vierunddreißig jahre alt und arbeitet als lehrer
Do you speak English?
  sprechen sie englisch
  sprichst du englisch
  sprecht ihr englisch
I love you!
  ich liebe dich
  ich liebe euch
  ich liebe sie
If it doesn't rain tomorrow, we will go to the park with the children and then have lunch at my mother's.
  wenn es morgen nicht regnet, gehen wir mit den kindern in den park und essen dann bei meiner mutter zu mittag
  wenn es morgen nicht regnet, werden wir mit den kindern in den park gehen und dann bei meiner mutter zu mittag essen
"""

SENTENCES = {"de": GERMAN, "en": ENGLISH}


def sentences(text: str) -> list[tuple[str, list[str]]]:
    """Return each sentence with its right translations."""
    rows: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line.startswith(" "):
            rows[-1][1].append(line.strip())
        else:
            rows.append((line, []))
    return rows


def plain(text: str) -> str:
    """Return a text without capitals, final punctuation and double blanks."""
    return re.sub(r"\s+", " ", text).strip().rstrip(".!?").lower()


def main() -> None:
    """Translate, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", type=Path, metavar="MODEL")
    parser.add_argument("--from", choices=SENTENCES, default="de", dest="language")
    given = parser.parse_args()
    rows = sentences(SENTENCES[given.language])
    answers = [
        [found.text for found in Translator.load(model).translate([text for text, _ in rows])] for model in given.models
    ]
    print("| | " + " | ".join(model.name for model in given.models) + " |")
    print("|---|" + "---|" * len(given.models))
    right = [0] * len(given.models)
    for at, (text, accepted) in enumerate(rows):
        cells = []
        for number, own in enumerate(answers):
            good = plain(own[at]) in map(plain, accepted)
            right[number] += good
            cells.append(own[at] if good else f"*{own[at]}*")
        print(f"| {text} | " + " | ".join(cells) + " |")
    print("| **right** | " + " | ".join(f"**{count} of {len(rows)}**" for count in right) + " |")


if __name__ == "__main__":
    main()
