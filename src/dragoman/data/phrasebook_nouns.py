"""The nouns of the phrasebook, as a table that a reader can check line by line.

A line is: English | German | gender | German plural | English plural | classes. An empty English plural is
regular, a lone "-" in both plural columns marks a noun without one. The class "weak" marks the n-declension
(der Junge, den Jungen).
"""

NOUNS = """
man|Mann|m|Männer|men|person male common
boy|Junge|m|Jungen||person male weak common minor
father|Vater|m|Väter||person male kin onlysingular
brother|Bruder|m|Brüder||person male kin
son|Sohn|m|Söhne||person male kin
uncle|Onkel|m|Onkel||person male kin
grandfather|Großvater|m|Großväter||person male kin onlysingular
neighbour|Nachbar|m|Nachbarn||person male weak relation
colleague|Kollege|m|Kollegen||person male weak relation mine
student|Student|m|Studenten||person male weak common
tourist|Tourist|m|Touristen||person male weak common
customer|Kunde|m|Kunden||person male weak common
guest|Gast|m|Gäste||person male relation
friend|Freund|m|Freunde||person male relation mine
doctor|Arzt|m|Ärzte||person male relation
teacher|Lehrer|m|Lehrer||person male relation
cook|Koch|m|Köche||person male common
waiter|Kellner|m|Kellner||person male common
boss|Chef|m|Chefs||person male relation onlysingular
woman|Frau|f|Frauen|women|person female common
mother|Mutter|f|Mütter||person female kin onlysingular
sister|Schwester|f|Schwestern||person female kin
daughter|Tochter|f|Töchter||person female kin
aunt|Tante|f|Tanten||person female kin
grandmother|Großmutter|f|Großmütter||person female kin onlysingular
child|Kind|n|Kinder|children|person minor
girl|Mädchen|n|Mädchen||person female common minor
dog|Hund|m|Hunde||animal
cat|Katze|f|Katzen||animal
bird|Vogel|m|Vögel||animal
horse|Pferd|n|Pferde||animal
mouse|Maus|f|Mäuse|mice|animal
elephant|Elefant|m|Elefanten||zoo weak common
bear|Bär|m|Bären||zoo weak common
apple|Apfel|m|Äpfel||food solid
egg|Ei|n|Eier||food solid cookable
cake|Kuchen|m|Kuchen||food bakeable
potato|Kartoffel|f|Kartoffeln|potatoes|food solid cookable
banana|Banane|f|Bananen||food solid
tomato|Tomate|f|Tomaten|tomatoes|food solid
pizza|Pizza|f|Pizzas||food bakeable onlysingular
soup|Suppe|f|Suppen||food cookable onlysingular hotdrink
salad|Salat|m|Salate||food onlysingular
sausage|Wurst|f|Würste||food solid
fish|Fisch|m|Fische|fish|food cookable onlysingular
bread|Brot|n|-|-|food mass bakeable
cheese|Käse|m|-|-|food mass
rice|Reis|m|-|-|food mass cookable
meat|Fleisch|n|-|-|food mass cookable
water|Wasser|n|-|-|drink mass colddrink
coffee|Kaffee|m|-|-|drink mass hotdrink
tea|Tee|m|-|-|drink mass hotdrink
milk|Milch|f|-|-|drink mass hotdrink colddrink
juice|Saft|m|-|-|drink mass colddrink
beer|Bier|n|-|-|drink mass colddrink alcohol
wine|Wein|m|-|-|drink mass colddrink alcohol
book|Buch|n|Bücher||readable writable flat gift thing priced
newspaper|Zeitung|f|Zeitungen||readable flat thing
letter|Brief|m|Briefe||readable writable flat sendable thing
message|Nachricht|f|Nachrichten||readable writable sendable
map|Karte|f|Karten||readable flat thing
story|Geschichte|f|Geschichten||readable writable tellable
coat|Mantel|m|Mäntel||wear gift priced
shirt|Hemd|n|Hemden||wear gift priced
sweater|Pullover|m|Pullover||wear gift priced
hat|Hut|m|Hüte||wear gift priced
jacket|Jacke|f|Jacken||wear gift priced
shoe|Schuh|m|Schuhe||wear pair priced
key|Schlüssel|m|Schlüssel||thing flat
bag|Tasche|f|Taschen||thing upright container gift priced
suitcase|Koffer|m|Koffer||thing upright container priced
umbrella|Regenschirm|m|Regenschirme||thing gift priced
passport|Pass|m|Pässe||thing flat
ticket|Fahrkarte|f|Fahrkarten||thing flat
pen|Stift|m|Stifte||thing flat
camera|Kamera|f|Kameras||thing gift device priced
computer|Computer|m|Computer||thing upright device switch priced
phone|Handy|n|Handys||thing flat gift device switch priced
clock|Uhr|f|Uhren||thing gift device priced
lamp|Lampe|f|Lampen||thing upright gift device switch priced
radio|Radio|n|Radios||thing upright device switch priced
picture|Bild|n|Bilder||thing gift paintable priced
present|Geschenk|n|Geschenke||thing flat sendable
parcel|Paket|n|Pakete||thing upright sendable parcel
flower|Blume|f|Blumen||gift growing
ball|Ball|m|Bälle||thing gift toy priced
glass|Glas|n|Gläser|glasses|dish upright onlysingular
cup|Tasse|f|Tassen||dish upright
bottle|Flasche|f|Flaschen||dish upright
plate|Teller|m|Teller||dish upright
knife|Messer|n|Messer|knives|dish flat
spoon|Löffel|m|Löffel||dish flat
fork|Gabel|f|Gabeln||dish flat
table|Tisch|m|Tische||furniture surface priced
chair|Stuhl|m|Stühle||furniture seat priced
bed|Bett|n|Betten||furniture lying priced
sofa|Sofa|n|Sofas||furniture seat lying priced
cupboard|Schrank|m|Schränke||furniture inside priced
shelf|Regal|n|Regale|shelves|furniture surface priced
door|Tür|f|Türen||openable
window|Fenster|n|Fenster||openable
room|Zimmer|n|Zimmer||indoor tidy
kitchen|Küche|f|Küchen||indoor tidy onlysingular
garden|Garten|m|Gärten||outdoor growplace onlysingular
house|Haus|n|Häuser||building home onlysingular
school|Schule|f|Schulen||building goal onlysingular
station|Bahnhof|m|Bahnhöfe||building goal common onlysingular
hotel|Hotel|n|Hotels||building goal common sight
restaurant|Restaurant|n|Restaurants||building goal common onlysingular
museum|Museum|n|Museen||building goal common sight
theatre|Theater|n|Theater||building goal common sight
cinema|Kino|n|Kinos||building goal common
hospital|Krankenhaus|n|Krankenhäuser||building goal common sight
church|Kirche|f|Kirchen|churches|building goal common onlysingular sight
supermarket|Supermarkt|m|Supermärkte||building goal common
pharmacy|Apotheke|f|Apotheken||building goal common
library|Bibliothek|f|Bibliotheken||building goal common onlysingular sight
office|Büro|n|Büros||building goal tidy onlysingular
bakery|Bäckerei|f|Bäckereien||building goal common
airport|Flughafen|m|Flughäfen||station goal common onlysingular
bridge|Brücke|f|Brücken||goal span common
park|Park|m|Parks||outdoor growplace goal common
city|Stadt|f|Städte||region
village|Dorf|n|Dörfer||region
forest|Wald|m|Wälder||outdoor growplace common
tree|Baum|m|Bäume||growing big common
car|Auto|n|Autos||vehicle own
bicycle|Fahrrad|n|Fahrräder||vehicle own priced
train|Zug|m|Züge||vehicle public common
bus|Bus|m|Busse||vehicle public common
taxi|Taxi|n|Taxis||vehicle common
plane|Flugzeug|n|Flugzeuge||vehicle common
ship|Schiff|n|Schiffe||vehicle common
film|Film|m|Filme||show common
concert|Konzert|n|Konzerte||show event common
lesson|Unterricht|m|-|-|event definite
party|Party|f|Partys||event onlysingular
song|Lied|n|Lieder||song
question|Frage|f|Fragen||statement
answer|Antwort|f|Antworten||statement
word|Wort|n|Wörter||statement
bill|Rechnung|f|Rechnungen||bill
idea|Idee|f|Ideen||abstract
problem|Problem|n|Probleme||abstract
time|Zeit|f|-|-|resource mass
money|Geld|n|-|-|resource mass
head|Kopf|m|Köpfe||body onlysingular
foot|Fuß|m|Füße|feet|body
back|Rücken|m|-|-|body
leg|Bein|n|Beine||body
hand|Hand|f|Hände||body
birthday|Geburtstag|m|Geburtstage||day
weekend|Wochenende|n|Wochenenden||day
holiday|Urlaub|m|-|-|day definite
"""
