"""The verbs that the full phrasebook adds, in the form of phrasebook_verbs.

The class "self" marks reflexive verbs (sich hinsetzen), "since" what one has been doing for years.
"""

FULL_VERBS = """
hike|||wandern||*gewandert|alone activity
jog|jogged|jogged|joggen||*gejoggt|alone activity
cough|||husten||gehustet|alone involuntary
sneeze|||niesen||geniest|alone involuntary
sweat|||schwitzen||geschwitzt|alone involuntary
whisper|||flüstern||geflüstert|alone
have breakfast|had breakfast|had breakfast|frühstücken||gefrühstückt|alone
teach|taught|taught|unterrichten||unterrichtet|object person:person
watch|||beobachten||beobachtet|object person:person animal zoo
feed|fed|fed|füttern||gefüttert|object:animal
catch|caught|caught|fangen|fängt|gefangen|object:toy
hug|hugged|hugged|umarmen||umarmt|object person:person
kiss|||küssen||geküsst|object person:person
greet|||grüßen||gegrüßt|object person:person
miss|||vermissen||vermisst|object stative nopast person:person animal
hate|||hassen||gehasst|object stative nopast:show song
save|||retten||gerettet|object person:person animal
interrupt|||unterbrechen|unterbricht|unterbrochen|object person:person event
build|built|built|bauen||gebaut|object:surface seat
lift|||heben||gehoben|object:container parcel
break|broke|broken|zerbrechen|zerbricht|zerbrochen|object:dish
cut|cut|cut|schneiden||geschnitten|object:solid
hide|hid|hidden|verstecken||versteckt|object:thing
throw|threw|thrown|werfen|wirft|geworfen|object:toy
steal|stole|stolen|stehlen|stiehlt|gestohlen|object:thing own
rent|||mieten||gemietet|object:own home
choose|chose|chosen|wählen||gewählt|object:wear gift
translate|||übersetzen||übersetzt|object:readable
describe|||beschreiben||beschrieben|object:region building
check|||prüfen||geprüft|object:bill device
follow|||folgen||*gefolgt|dative:person
congratulate|||gratulieren||gratuliert|dative:person
trust|||vertrauen||vertraut|dative stative:person
forgive|forgave|forgiven|verzeihen||verziehen|dative:person
explain|||erklären||erklärt|object:statement
recommend|||empfehlen|empfiehlt|empfohlen|object:readable show
promise|||versprechen|verspricht|versprochen|giving:gift
offer|||an+bieten||angeboten|giving:drink food
go away|went away|gone away|weg+gehen||*weggegangen|separable
come in|came in|come in|herein+kommen||*hereingekommen|separable
grow up|grew up|grown up|auf+wachsen|wächst|*aufgewachsen|separable involuntary
watch television|watched television|watched television|fern+sehen|sieht|ferngesehen|separable
throw away|threw away|thrown away|weg+werfen|wirft|weggeworfen|particle:thing
fill in|||aus+füllen||ausgefüllt|particle:fillable
write down|wrote down|written down|auf+schreiben||aufgeschrieben|particle:statement
take along|took along|taken along|mit+nehmen|nimmt|mitgenommen|particle:thing wear
take off|took off|taken off|aus+ziehen||ausgezogen|particle:wear
hang up|hung up|hung up|auf+hängen||aufgehängt|particle:paintable
pack|||ein+packen||eingepackt|particle:wear thing
unpack|||aus+packen||ausgepackt|particle:parcel container
prepare|||vor+bereiten||vorbereitet|particle:event
cancel|cancelled|cancelled|ab+sagen||abgesagt|particle:event
take part in|took part in|taken part in|teil+nehmen|nimmt|teilgenommen|about an +dative:event
laugh about|laughed about|laughed about|lachen||gelacht|about über +accusative:show statement
write about|wrote about|written about|schreiben||geschrieben|about über +accusative:region show
argue about|argued about|argued about|streiten||gestritten|about über +accusative:bill show
look after|looked after|looked after|auf+passen||aufgepasst|about auf +accusative:person animal
ask for|asked for|asked for|bitten||gebeten|about um +accusative:bill askable
rest|||aus+ruhen||ausgeruht|self
sit down|sat down|sat down|hin+setzen||hingesetzt|self
lie down|lay down|lain down|hin+legen||hingelegt|self
get dressed|got dressed|got dressed|an+ziehen||angezogen|self
get lost|got lost|got lost|verlaufen|verläuft|verlaufen|self involuntary
apologize|||entschuldigen||entschuldigt|self
relax|||entspannen||entspannt|self
complain about|complained about|complained about|beschweren||beschwert|self über:bill show
concentrate on|concentrated on|concentrated on|konzentrieren||konzentriert|self auf:event statement
get used to|got used to|got used to|gewöhnen||gewöhnt|self an:region
take care of|took care of|taken care of|kümmern||gekümmert|self um:animal person
prepare for|prepared for|prepared for|vor+bereiten||vorbereitet|self auf:event
plan|planned|planned|planen||geplant|infinitive
decide|||beschließen||beschlossen|infinitive
begin|began|begun|an+fangen|fängt|angefangen|infinitive
know|knew|known|wissen||gewusst|thatclause stative
suppose|||vermuten||vermutet|thatclause stative
move|||um+ziehen||*umgezogen|cityward
return|||zurück+kehren||*zurückgekehrt|cityward
sneak|sneaked|sneaked|schleichen||*geschlichen|into
rush|||eilen||*geeilt|into
"""
