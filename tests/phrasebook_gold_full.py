"""Gold pairs of the full phrasebook, written by hand: what a careful speaker of both languages would say.

Each group names the frame that must be able to say its sentences. A line is: English = German, and perhaps =
hints (kind of clause, tense, person) with which the search finds the sentence sooner.
"""

from collections.abc import Callable

from dragoman.data import phrasebook_compound as compound
from dragoman.data import phrasebook_fixed as fixed
from dragoman.data import phrasebook_frames as frames
from dragoman.data import phrasebook_numbers as numbers
from dragoman.data import phrasebook_relatives as relatives
from dragoman.data.phrasebook_frames import Sides, finish
from dragoman.data.phrasebook_phrases import Draft


def sentence(rule: Callable[[Draft, int], Sides]) -> Callable[[Draft], Sides]:
    """A rule for compound sentences as a frame."""
    return lambda draft: finish(draft, rule(draft, 0), ".")


GOLD: dict[Callable[[Draft], Sides], str] = {
    frames.statement: """
The old king is sleeping. = Der alte König schläft. = alone present
I see the prince. = Ich sehe den Prinzen. = object present
She is helping the patient. = Sie hilft dem Patienten. = dative present
We are following the policemen. = Wir folgen den Polizisten. = dative present 1p
They are feeding the rabbit. = Sie füttern das Kaninchen.
He is cutting an onion. = Er schneidet eine Zwiebel. = object present
My niece is drinking cold lemonade. = Meine Nichte trinkt kalte Limonade. = object present
I am eating sweet honey. = Ich esse süßen Honig. = object present
You have broken the green vase. = Du hast die grüne Vase zerbrochen.
The thief stole my wallet yesterday. = Der Dieb hat gestern meine Geldbörse gestohlen. = object past
He has followed her. = Er ist ihr gefolgt. = dative perfect 3m 3f
The heroes have saved the baby. = Die Helden haben das Baby gerettet. = object perfect
I am describing the valley. = Ich beschreibe das Tal. = object present 1s
He has caught the doll. = Er hat die Puppe gefangen. = object perfect 3m
The landlord is checking the bill. = Der Vermieter prüft die Rechnung. = object present
She is offering the witness lemonade. = Sie bietet dem Zeugen Limonade an. = giving present 3f
He is taking along an umbrella. = Er nimmt einen Regenschirm mit. = particle present 3m
My colleague has grown up. = Mein Kollege ist aufgewachsen. = separable perfect
We are concentrating on the match. = Wir konzentrieren uns auf das Spiel. = self present 1p
She is getting used to the city. = Sie gewöhnt sich an die Stadt. = self present 3f
She is taking off the wet boots. = Sie zieht die nassen Stiefel aus. = particle present 3f
He has thrown away the newspaper. = Er hat die Zeitung weggeworfen.
I am unpacking the backpack. = Ich packe den Rucksack aus.
We have to cancel the meeting. = Wir müssen die Besprechung absagen.
Anna can prepare the wedding. = Anna kann die Hochzeit vorbereiten. = particle modal
They do not want to go away. = Sie wollen nicht weggehen. = separable modal 3p
The children came in yesterday. = Die Kinder sind gestern hereingekommen. = separable past
My wife will watch television today. = Meine Ehefrau wird heute fernsehen.
I have sat down. = Ich habe mich hingesetzt.
You are resting. = Du ruhst dich aus.
We would like to lie down. = Wir möchten uns hinlegen.
He is getting dressed now. = Er zieht sich jetzt an. = self present 3m
She has apologized. = Sie hat sich entschuldigt.
They are complaining about the bill. = Sie beschweren sich über die Rechnung. = self present 3p
I am taking care of the donkey. = Ich kümmere mich um den Esel.
She is preparing for the exam. = Sie bereitet sich auf die Prüfung vor.
He has got lost. = Er hat sich verlaufen.
He is taking part in the course. = Er nimmt am Kurs teil.
We are arguing about the film. = Wir streiten über den Film.
I am looking after the baby. = Ich passe auf das Baby auf. = about present
The dancer has asked for help. = Die Tänzerin hat um Hilfe gebeten. = about perfect
I have been living in Lisbon for three years. = Ich wohne seit drei Jahren in Lissabon. = since present 1s
She has been learning Russian for six months. = Sie lernt seit sechs Monaten Russisch. = since present 3f
Lena sings more loudly than my brother. = Lena singt lauter als mein Bruder.
He swims as fast as Oskar. = Er schwimmt so schnell wie Oskar.
You cook better than I. = Du kochst besser als ich. = outdone present 2s 1s
Marie dances best. = Marie tanzt am besten. = outdone present
My aunt is working carefully. = Meine Tante arbeitet vorsichtig.
The girls are laughing quietly. = Die Mädchen lachen leise. = mannered present
We are working alone. = Wir arbeiten allein. = mannered present 1p
It is important to get up. = Es ist wichtig, aufzustehen.
It is forbidden to open the drawer. = Es ist verboten, die Schublade zu öffnen.
It is not easy to translate the poem. = Es ist nicht einfach, das Gedicht zu übersetzen.
He is trying to turn on the heater. = Er versucht, die Heizung einzuschalten.
She has begun to fill in the form. = Sie hat angefangen, das Formular auszufüllen.
They have decided to rent the house. = Sie haben beschlossen, das Haus zu mieten. = trying perfect 3p
The castle is older than the church. = Das Schloss ist älter als die Kirche.
My armchair is as comfortable as your sofa. = Mein Sessel ist so bequem wie dein Sofa. = compared furniture
She is buying a warmer coat. = Sie kauft einen wärmeren Mantel. = object present 3f wear
I need the biggest box. = Ich brauche die größte Kiste. = object present 1s
He is wearing the most expensive tie. = Er trägt die teuerste Krawatte. = object present 3m
They are selling their own boat. = Sie verkaufen ihr eigenes Boot.
I know both of them. = Ich kenne sie beide.
I am washing my own car. = Ich wasche mein eigenes Auto. = object present own 1s their
He is helping a woman. = Er hilft einer Frau. = dative present 3m
He is not helping a woman. = Er hilft keiner Frau. = dative present 3m
She has sold her own boat. = Sie hat ihr eigenes Boot verkauft. = object perfect own 3f their
You will visit both of them soon. = Du wirst sie beide bald besuchen. = object future 2s 3p
He is helping them. = Er hilft ihnen.
The candle is under the desk. = Die Kerze ist unter dem Schreibtisch.
My husband is very proud. = Mein Ehemann ist sehr stolz.
Johanna is a dentist. = Johanna ist Zahnärztin.
Erik is not a pilot. = Erik ist kein Pilot.
He has four goats. = Er hat vier Ziegen. = owning present 3m
I do not have any patience. = Ich habe keine Geduld.
This violin belongs to the lady. = Diese Geige gehört der Dame.
The tram leaves at half past nine. = Die Straßenbahn fährt um halb zehn ab. = departing present
The exhibition begins at a quarter to three. = Die Ausstellung fängt um Viertel vor drei an. = departing present
I am taking the bus to the university. = Ich nehme den Bus zur Universität.
We are moving to Venice. = Wir ziehen nach Venedig um.
She has returned to Norway. = Sie ist nach Norwegen zurückgekehrt.
The prince likes to hike. = Der Prinz wandert gern.
You rarely interrupt us. = Du unterbrichst uns selten. = object habit 2s 1p
""",
    frames.fronted: """
On Monday she has to fill in the form. = Am Montag muss sie das Formular ausfüllen.
On Friday they can fly to Dresden. = Am Freitag können sie nach Dresden fliegen.
""",
    frames.yes_no: """
Are you hiking in the forest? = Wanderst du im Wald?
Has he sat down? = Hat er sich hingesetzt?
Do you have to unpack the suitcase? = Musst du den Koffer auspacken? = particle modal 2s
Did the secretary write about the valley last week? = Hat die Sekretärin letzte Woche über das Tal geschrieben?
Will my nephew apologize? = Wird sich mein Neffe entschuldigen?
Does she sing as beautifully as you? = Singt sie so schön wie du? = outdone present 3f 2s
Has the queen congratulated you? = Hat die Königin dir gratuliert? = dative perfect 2s
""",
    frames.what_object: """
Which dress is she choosing? = Welches Kleid wählt sie?
Who are you following? = Wem folgst du?
Who is he watching? = Wen beobachtet er?
What have they hidden? = Was haben sie versteckt?
How many carrots is he buying? = Wie viele Karotten kauft er?
Which skirt will you buy? = Welchen Rock wirst du kaufen?
""",
    frames.who_acts: """
Who is feeding the ducks? = Wer füttert die Enten?
Who has stolen the guitar? = Wer hat die Gitarre gestohlen?
Who has apologized? = Wer hat sich entschuldigt? = self perfect
""",
    frames.may_i: """
May I take off the gloves? = Darf ich die Handschuhe ausziehen?
May we cancel the meeting? = Dürfen wir die Besprechung absagen?
""",
    frames.wh_question: """
Where is the bookshop? = Wo ist die Buchhandlung?
Where does the actress come from? = Woher kommt die Schauspielerin?
When does the match begin? = Wann fängt das Spiel an?
""",
    relatives.addressed: """
Mrs Vogel, are you flying to Athens? = Frau Vogel, fliegen Sie nach Athen?
Mr Krause, have you woken up? = Herr Krause, sind Sie aufgewacht?
Children, do you want to watch television? = Kinder, wollt ihr fernsehen?
Children, have you got up? = Kinder, seid ihr aufgestanden?
""",
    relatives.record: """
This is the oldest church in the valley. = Das ist die älteste Kirche im Tal.
This is the biggest castle in this valley. = Das ist das größte Schloss in diesem Tal.
This is the most dangerous tiger in the city. = Das ist der gefährlichste Tiger in der Stadt.
""",
    relatives.ago: """
Three weeks ago I lost the key. = Vor drei Wochen habe ich den Schlüssel verloren.
Two years ago they moved to Sweden. = Vor zwei Jahren sind sie nach Schweden umgezogen.
Five days ago he got up. = Vor fünf Tagen ist er aufgestanden.
""",
    numbers.born: """
I was born on the third of May 1985. = Ich wurde am dritten Mai 1985 geboren. = 1s
They were born on the first of March 1999. = Sie wurden am ersten März 1999 geboren.
""",
    numbers.price: """
The violin costs three hundred and fifty euros. = Die Geige kostet dreihundertfünfzig Euro.
This ring costs one hundred and twelve euros. = Dieser Ring kostet hundertzwölf Euro.
The pear costs 1.50 euros. = Die Birne kostet 1,50 Euro.
How much do the new boots cost? = Wie viel kosten die neuen Stiefel?
""",
    numbers.age: """
The judge is sixty-six years old. = Der Richter ist sechsundsechzig Jahre alt.
How old is your nephew? = Wie alt ist dein Neffe?
""",
    numbers.appointment: """
The exam is on Thursday. = Die Prüfung ist am Donnerstag.
His birthday is on the twelfth of June. = Sein Geburtstag ist am zwölften Juni.
""",
    fixed.there_is: """
There is a castle in this valley. = In diesem Tal gibt es ein Schloss.
There is no zoo in our village. = In unserem Dorf gibt es keinen Zoo.
There are modern cafés in the city. = In der Stadt gibt es moderne Cafés. = a
""",
    fixed.command: """
Turn off the printer! = Schalte den Drucker aus! = plain switch
Children, turn off the printer! = Kinder, schaltet den Drucker aus!
Let us read this poem. = Lass uns dieses Gedicht lesen.
""",
    fixed.ailment: """
My stomach hurts. = Mein Bauch tut weh.
Your eyes hurt. = Deine Augen tun weh.
The prince is cold. = Dem Prinzen ist kalt.
""",
    fixed.anaphora: """
The blouse is beautiful, but it is too expensive. = Die Bluse ist schön, aber sie ist zu teuer.
The boat is new, but it is quite slow. = Das Boot ist neu, aber es ist ziemlich langsam.
""",
    fixed.introduction: """
His wife is called Greta. = Seine Ehefrau heißt Greta.
What is your niece called? = Wie heißt deine Nichte?
""",
    fixed.wish: """
I would like an orange, please. = Ich möchte eine Orange, bitte.
""",
    sentence(relatives.related_anyhow): """
The man whom I know is tired. = Der Mann, den ich kenne, ist müde.
The woman whom we are helping is sad. = Die Frau, der wir helfen, ist traurig.
The children whom we are helping are happy. = Die Kinder, denen wir helfen, sind glücklich. = dative described 1p
The man with whom she is dancing is nervous. = Der Mann, mit dem sie tanzt, ist nervös. = with present described 3f
The princess with whom I am travelling is nervous. = Die Prinzessin, mit der ich reise, ist nervös.
I know the man whose sister lives in Geneva. = Ich kenne den Mann, dessen Schwester in Genf wohnt.
We are looking for the woman whose son is crying. = Wir suchen die Frau, deren Sohn weint.
The chair on which she is sitting is comfortable. = Der Stuhl, auf dem sie sitzt, ist bequem.
The bus for which we are waiting is slow. = Der Bus, auf den wir warten, ist langsam.
The watch that he has lost is expensive. = Die Armbanduhr, die er verloren hat, ist teuer.
The dictionary that you will buy is useful. = Das Wörterbuch, das du kaufen wirst, ist nützlich.
""",
    sentence(relatives.purpose): """
She is going to the market to buy a pear. = Sie geht zum Markt, um eine Birne zu kaufen.
We have to drive to Belgium to sell the boat. = Wir müssen nach Belgien fahren, um das Boot zu verkaufen.
""",
    sentence(relatives.meanwhile): """
He is cooking while she is sleeping. = Er kocht, während sie schläft. = while alone 3m 3f
Anna is reading the novel while Leo is calling us. = Anna liest den Roman, während Leo uns anruft. = object particle 1p
We will wait until the train arrives. = Wir werden warten, bis der Zug ankommt.
I have to wait until the tram arrives. = Ich muss warten, bis die Straßenbahn ankommt.
""",
    sentence(compound.because): """
He is working although he is tired. = Er arbeitet, obwohl er müde ist. = although alone present feel 3m
She cannot work because she is tired. = Sie kann nicht arbeiten, weil sie müde ist. = because alone modal feel 3f
He washes the car before he drives to Prague. = Er wäscht das Auto, bevor er nach Prag fährt. = before object cityward
""",
    sentence(compound.condition): """
If it is raining, I will not travel with you. = Wenn es regnet, werde ich nicht mit dir reisen. = together future 1s 2s
If the sun is shining, we can hike in the forest. = Wenn die Sonne scheint, können wir im Wald wandern. = alone modal 1p
""",
    sentence(compound.thought): """
He thinks that I live in Warsaw. = Er denkt, dass ich in Warschau wohne. = that living present 3m 1s
She believes that we have to cancel the party. = Sie glaubt, dass wir die Party absagen müssen. = that particle modal
I do not know whether he can come along. = Ich weiß nicht, ob er mitkommen kann. = whether separable modal 1s 3m
They do not know where the bank is. = Sie wissen nicht, wo die Bank ist. = where be 3p
I do not know where she comes from. = Ich weiß nicht, woher sie kommt.
He hopes that she has called the doctor. = Er hofft, dass sie den Arzt angerufen hat. = that particle perfect 3m 3f
I hope that you will hang up the picture. = Ich hoffe, dass du das Bild aufhängen wirst. = that particle future 1s 2s
""",
    sentence(compound.coordinated): """
I am cooking and my wife is reading a book. = Ich koche und meine Ehefrau liest ein Buch. = alone object present 1s
""",
    sentence(compound.related): """
The man who lives in Copenhagen is a painter. = Der Mann, der in Kopenhagen wohnt, ist Maler.
The book that I am reading is interesting. = Das Buch, das ich lese, ist interessant.
""",
}
PAIRS = [(frame, *line.split(" = ")) for frame, lines in GOLD.items() for line in lines.strip().split("\n")]
