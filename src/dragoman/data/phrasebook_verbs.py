"""The verbs of the phrasebook, as a table that a reader can check line by line.

A line is: English | past | participle | German | third person | participle | frame classes : object
classes. Empty English forms are regular. A third person that follows the rules is left empty. A "+" marks a
separable particle; a participle that starts with "*" takes sein. "stative" verbs have no English
progressive.
"""

VERBS = """
sleep|slept|slept|schlafen|schläft|geschlafen|alone activity
work|||arbeiten||gearbeitet|alone activity
laugh|||lachen||gelacht|alone involuntary
dance|||tanzen||getanzt|alone activity
sing|sang|sung|singen||gesungen|alone activity object:song
swim|swam|swum|schwimmen||*geschwommen|alone activity
cook|||kochen||gekocht|alone activity object:cookable
cry|||weinen||geweint|alone involuntary
wait|||warten||gewartet|alone
travel|travelled|travelled|reisen||*gereist|activity
stay|||bleiben||*geblieben|stay
read|read|read|lesen|liest|gelesen|object activity:readable
write|wrote|written|schreiben||geschrieben|object:writable
eat|ate|eaten|essen|isst|gegessen|object:food
drink|drank|drunk|trinken||getrunken|object:drink
buy|bought|bought|kaufen||gekauft|object:food drink wear gift own
sell|sold|sold|verkaufen||verkauft|object:food thing own furniture
see|saw|seen|sehen|sieht|gesehen|object stative person:person animal zoo building vehicle
hear|heard|heard|hören||gehört|object stative person:person animal song
look for|looked for|looked for|suchen||gesucht|object person:person animal thing wear
find|found|found|finden||gefunden|object stative:thing wear dish
need|||brauchen||gebraucht|object stative:thing dish resource wear
like|||mögen|mag|gemocht|object stative nopast:food drink animal show song
know|knew|known|kennen||gekannt|object stative nopast person:person song region
visit|||besuchen||besucht|object person:person sight region
ask|||fragen||gefragt|object person:person
love|||lieben||geliebt|object stative nopast person:person animal
meet|met|met|treffen|trifft|getroffen|object person:person
understand|understood|understood|verstehen||verstanden|object stative person:person statement
open|||öffnen||geöffnet|object:openable container sendable
close|||schließen||geschlossen|object:openable container
wear|wore|worn|tragen|trägt|getragen|object:wear
take|took|taken|nehmen|nimmt|genommen|transport:public
wash|||waschen|wäscht|gewaschen|object:own wear dish
repair|||reparieren||repariert|object:own device
clean|||putzen||geputzt|object:openable indoor
paint|||malen||gemalt|object activity:paintable
bake|||backen|backt|gebacken|object:bakeable
forget|forgot|forgotten|vergessen|vergisst|vergessen|object past:thing
lose|lost|lost|verlieren||verloren|object past:thing
order|||bestellen||bestellt|object:food drink
pay|paid|paid|bezahlen||bezahlt|object:bill
play|||spielen||gespielt|alone activity
get up|got up|got up|auf+stehen||*aufgestanden|separable
wake up|woke up|woken up|auf+wachen||*aufgewacht|separable involuntary
fall asleep|fell asleep|fallen asleep|ein+schlafen|schläft|*eingeschlafen|separable involuntary
come back|came back|come back|zurück+kommen||*zurückgekommen|separable
come along|came along|come along|mit+kommen||*mitgekommen|separable
go out|went out|gone out|aus+gehen||*ausgegangen|separable
go shopping|went shopping|gone shopping|ein+kaufen||eingekauft|separable
call|||an+rufen||angerufen|particle person:person
invite|||ein+laden|lädt|eingeladen|particle person:person
pick up|||ab+holen||abgeholt|particle:person parcel
turn on|||ein+schalten||eingeschaltet|particle:switch
turn off|||aus+schalten||ausgeschaltet|particle:switch
bring along|brought along|brought along|mit+bringen||mitgebracht|particle:food gift dish
put on|put on|put on|an+ziehen||angezogen|particle:wear
tidy up|||auf+räumen||aufgeräumt|particle:tidy
begin|began|begun|an+fangen|fängt|angefangen|event
end|||enden||geendet|event
leave|left|left|ab+fahren|fährt|*abgefahren|departure
arrive|||an+kommen||*angekommen|departure
help|||helfen|hilft|geholfen|dative:person
thank|||danken||gedankt|dative:person
believe|||glauben||geglaubt|dative stative thatclause:person
answer|||antworten||geantwortet|dative:person
listen to|||zu+hören||zugehört|dative:person
belong|||gehören||gehört|belong stative
give|gave|given|geben|gibt|gegeben|giving:gift dish thing
show|showed|shown|zeigen||gezeigt|giving:thing gift
bring|brought|brought|bringen||gebracht|giving:drink food gift thing
send|sent|sent|schicken||geschickt|giving:sendable
lend|lent|lent|leihen||geliehen|giving:thing own
tell|told|told|erzählen||erzählt|giving:tellable
go|went|gone|gehen||*gegangen|into
run|ran|run|laufen|läuft|*gelaufen|into
drive|drove|driven|fahren|fährt|*gefahren|cityward
fly|flew|flown|fliegen||*geflogen|cityward
sit|sat|sat|sitzen||gesessen|position:seat
lie|lay|lain|liegen||gelegen|position:lying
stand|stood|stood|stehen||gestanden|standing
lay|laid|laid|legen||gelegt|putting:flat
put|put|put|stellen||gestellt|putting:upright
live|||wohnen||gewohnt|living
come|came|come|kommen||*gekommen|origin
speak|spoke|spoken|sprechen|spricht|gesprochen|language
learn|||lernen||gelernt|language activity
wait for|waited for|waited for|warten||gewartet|about auf +accusative:person public
think of|thought of|thought of|denken||gedacht|about an +accusative:person region
talk about|talked about|talked about|sprechen|spricht|gesprochen|about über +accusative:show region person
dream of|dreamed of|dreamed of|träumen||geträumt|about von +dative:animal vehicle home
ask about|asked about|asked about|fragen||gefragt|about nach +dative:goal bill
say|said|said|sagen||gesagt|thatclause stative
think|thought|thought|denken||gedacht|thatclause stative
hope|||hoffen||gehofft|thatclause stative
try|tried|tried|versuchen||versucht|infinitive
forget|forgot|forgotten|vergessen|vergisst|vergessen|infinitivepast
look forward to|looked forward to|looked forward to|freuen||gefreut|reflexive auf:day event
remember|||erinnern||erinnert|reflexive stative an:person show region
hurry|||beeilen||beeilt|reflexive:
cost|cost|cost|kosten||gekostet|price stative
"""
