"""The nouns that the full phrasebook adds, in the form of phrasebook_nouns."""

FULL_NOUNS = """
nephew|Neffe|m|Neffen||person male weak kin
niece|Nichte|f|Nichten||person female kin
husband|Ehemann|m|Ehemänner||person male kin onlysingular
wife|Ehefrau|f|Ehefrauen|wives|person female kin onlysingular
baby|Baby|n|Babys|babies|person minor common
prince|Prinz|m|Prinzen||person male weak common
princess|Prinzessin|f|Prinzessinnen|princesses|person female common
king|König|m|Könige||person male common
queen|Königin|f|Königinnen||person female common
policeman|Polizist|m|Polizisten|policemen|person male weak common
painter|Maler|m|Maler||person male common
author|Autor|m|Autoren||person male common
driver|Fahrer|m|Fahrer||person male relation
visitor|Besucher|m|Besucher||person male relation
passenger|Fahrgast|m|Fahrgäste||person male common
pilot|Pilot|m|Piloten||person male weak common
actress|Schauspielerin|f|Schauspielerinnen|actresses|person female common
dancer|Tänzerin|f|Tänzerinnen||person female common
secretary|Sekretärin|f|Sekretärinnen|secretaries|person female relation
lady|Dame|f|Damen|ladies|person female common
judge|Richter|m|Richter||person male common
witness|Zeuge|m|Zeugen|witnesses|person male weak common
patient|Patient|m|Patienten||person male weak relation
president|Präsident|m|Präsidenten||person male weak common
thief|Dieb|m|Diebe|thieves|person male common
landlord|Vermieter|m|Vermieter||person male relation
hero|Held|m|Helden|heroes|person male weak common
cow|Kuh|f|Kühe||animal
pig|Schwein|n|Schweine||animal
sheep|Schaf|n|Schafe|sheep|animal onlysingular
duck|Ente|f|Enten||animal
goat|Ziege|f|Ziegen||animal
rabbit|Kaninchen|n|Kaninchen||animal
donkey|Esel|m|Esel||animal
lion|Löwe|m|Löwen||zoo weak common
monkey|Affe|m|Affen||zoo weak common
tiger|Tiger|m|Tiger||zoo common
wolf|Wolf|m|Wölfe|wolves|zoo common
snake|Schlange|f|Schlangen||zoo common
giraffe|Giraffe|f|Giraffen||zoo common
camel|Kamel|n|Kamele||zoo common
orange|Orange|f|Orangen||food solid
pear|Birne|f|Birnen||food solid
carrot|Karotte|f|Karotten||food solid cookable
onion|Zwiebel|f|Zwiebeln||food solid
strawberry|Erdbeere|f|Erdbeeren|strawberries|food solid
lemon|Zitrone|f|Zitronen||food solid
mushroom|Pilz|m|Pilze||food solid cookable
biscuit|Keks|m|Kekse||food solid bakeable
roll|Brötchen|n|Brötchen||food solid bakeable
butter|Butter|f|-|-|food mass
honey|Honig|m|-|-|food mass
ham|Schinken|m|-|-|food mass
chocolate|Schokolade|f|-|-|food mass
jam|Marmelade|f|-|-|food mass
lemonade|Limonade|f|-|-|drink mass colddrink
cocoa|Kakao|m|-|-|drink mass hotdrink
novel|Roman|m|Romane||readable writable flat gift thing priced
poem|Gedicht|n|Gedichte||readable writable
postcard|Postkarte|f|Postkarten||readable writable flat sendable thing
magazine|Zeitschrift|f|Zeitschriften||readable flat thing
dictionary|Wörterbuch|n|Wörterbücher|dictionaries|readable flat gift thing priced
article|Artikel|m|Artikel||readable writable
report|Bericht|m|Berichte||readable writable sendable
recipe|Rezept|n|Rezepte||readable writable
invitation|Einladung|f|Einladungen||readable writable sendable
form|Formular|n|Formulare||readable fillable sendable
dress|Kleid|n|Kleider|dresses|wear gift priced
skirt|Rock|m|Röcke||wear gift priced
blouse|Bluse|f|Blusen||wear gift priced
scarf|Schal|m|Schals|scarves|wear gift priced
suit|Anzug|m|Anzüge||wear priced
tie|Krawatte|f|Krawatten||wear gift priced
cap|Mütze|f|Mützen||wear gift priced
belt|Gürtel|m|Gürtel||wear gift priced
sock|Socke|f|Socken||wear pair priced
glove|Handschuh|m|Handschuhe||wear pair priced
boot|Stiefel|m|Stiefel||wear pair priced
ring|Ring|m|Ringe||thing gift flat priced
wallet|Geldbörse|f|Geldbörsen||thing gift flat priced
watch|Armbanduhr|f|Armbanduhren|watches|thing gift flat device priced
guitar|Gitarre|f|Gitarren||thing gift priced
violin|Geige|f|Geigen||thing gift priced
mirror|Spiegel|m|Spiegel||thing gift priced
candle|Kerze|f|Kerzen||thing gift upright priced
box|Kiste|f|Kisten|boxes|thing upright container
basket|Korb|m|Körbe||thing upright container priced
backpack|Rucksack|m|Rucksäcke||thing upright container priced
pencil|Bleistift|m|Bleistifte||thing flat
notebook|Heft|n|Hefte||thing flat
calendar|Kalender|m|Kalender||thing gift priced
stamp|Briefmarke|f|Briefmarken||thing flat
coin|Münze|f|Münzen||thing flat
comb|Kamm|m|Kämme||thing flat
towel|Handtuch|n|Handtücher||thing flat
blanket|Decke|f|Decken||thing flat gift priced
pillow|Kissen|n|Kissen||thing flat
tent|Zelt|n|Zelte||thing priced
hammer|Hammer|m|Hämmer||thing flat
ladder|Leiter|f|Leitern||thing
photo|Foto|n|Fotos||thing gift flat sendable
printer|Drucker|m|Drucker||thing upright device switch priced
heater|Heizung|f|Heizungen||device switch
doll|Puppe|f|Puppen||thing gift toy priced
kite|Drachen|m|Drachen||thing gift toy priced
bowl|Schüssel|f|Schüsseln||dish upright
pan|Pfanne|f|Pfannen||dish upright
pot|Topf|m|Töpfe||dish upright
jug|Krug|m|Krüge||dish upright
vase|Vase|f|Vasen||dish upright gift
armchair|Sessel|m|Sessel||furniture seat priced
stool|Hocker|m|Hocker||furniture seat priced
desk|Schreibtisch|m|Schreibtische||furniture surface priced
carpet|Teppich|m|Teppiche||furniture lying priced
wardrobe|Kleiderschrank|m|Kleiderschränke||furniture inside priced
gate|Tor|n|Tore||openable
drawer|Schublade|f|Schubladen||openable
curtain|Vorhang|m|Vorhänge||openable
cellar|Keller|m|Keller||indoor tidy onlysingular
bathroom|Badezimmer|n|Badezimmer||indoor tidy onlysingular
bedroom|Schlafzimmer|n|Schlafzimmer||indoor tidy onlysingular
classroom|Klassenzimmer|n|Klassenzimmer||indoor tidy
garage|Garage|f|Garagen||indoor tidy onlysingular
yard|Hof|m|Höfe||outdoor onlysingular
bank|Bank|f|Banken||building goal common
castle|Schloss|n|Schlösser||building goal common sight
tower|Turm|m|Türme||building goal common sight
factory|Fabrik|f|Fabriken|factories|building goal common
pool|Schwimmbad|n|Schwimmbäder||building goal common
university|Universität|f|Universitäten|universities|building goal common onlysingular
café|Café|n|Cafés||building goal common
bookshop|Buchhandlung|f|Buchhandlungen||building goal common
market|Markt|m|Märkte||goal common
beach|Strand|m|Strände|beaches|goal common
zoo|Zoo|m|Zoos||outdoor goal common sight
farm|Bauernhof|m|Bauernhöfe||building goal
prison|Gefängnis|n|Gefängnisse||building goal common
stadium|Stadion|n|Stadien||building goal common sight
valley|Tal|n|Täler||region
river|Fluss|m|Flüsse||span common
street|Straße|f|Straßen||span common
path|Weg|m|Wege||span common
rose|Rose|f|Rosen||gift growing
tulip|Tulpe|f|Tulpen||gift growing
bush|Busch|m|Büsche|bushes|growing common
plant|Pflanze|f|Pflanzen||gift growing
motorcycle|Motorrad|n|Motorräder||vehicle own priced
boat|Boot|n|Boote||vehicle own priced
scooter|Roller|m|Roller||vehicle own priced
tram|Straßenbahn|f|Straßenbahnen||vehicle public common
lorry|Lastwagen|m|Lastwagen|lorries|vehicle common
play|Theaterstück|n|Theaterstücke||show common
opera|Oper|f|Opern||show common
match|Spiel|n|Spiele|matches|show event common
exhibition|Ausstellung|f|Ausstellungen||show event common
wedding|Hochzeit|f|Hochzeiten||event onlysingular
meeting|Besprechung|f|Besprechungen||event onlysingular
exam|Prüfung|f|Prüfungen||event onlysingular
course|Kurs|m|Kurse||event onlysingular
trip|Reise|f|Reisen||day
visit|Besuch|m|Besuche||day
sentence|Satz|m|Sätze||statement
example|Beispiel|n|Beispiele||statement
rule|Regel|f|Regeln||statement
joke|Witz|m|Witze||tellable statement
secret|Geheimnis|n|Geheimnisse||tellable abstract
plan|Plan|m|Pläne||abstract
dream|Traum|m|Träume||abstract
hobby|Hobby|n|Hobbys|hobbies|abstract
wish|Wunsch|m|Wünsche|wishes|abstract
help|Hilfe|f|-|-|resource mass askable
patience|Geduld|f|-|-|resource mass
courage|Mut|m|-|-|resource mass
arm|Arm|m|Arme||body onlysingular
finger|Finger|m|Finger||body
ear|Ohr|n|Ohren||body
eye|Auge|n|Augen||body
knee|Knie|n|Knie||body onlysingular
tooth|Zahn|m|Zähne|teeth|body
shoulder|Schulter|f|Schultern||body
stomach|Bauch|m|Bäuche||body onlysingular
nose|Nase|f|Nasen||body onlysingular
"""
