"""A guess at the language of a text from its commonest words, or from its script: for a report in words.

The words were chosen by hand: short, frequent, and as far as may be of one language only.
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

_WORDS = {
    "English": "the and of to is was that it you he she we they with for not have are this what don't i my be your "
    "his her had has him them their our who when where why how there if would could should will can did "
    "do does been were from by",
    "German": "der die das und ist nicht ich du er sie es wir ein eine mit zu den dem auf für sich von im haben "
    "sind war wie bin bist hast hat habe mir mich dir dich uns ihr ihm ihn sein seine mein meine dein "
    "deine kein keine einen einem einer aber oder wenn dass auch noch nur schon sehr wer wo warum hier "
    "kann muss wird werden wurde nach bei aus als durch über",
    "French": "le la les des et est une je il elle nous vous pas ne que qui dans pour sur avec ce cette était "
    "sont du au de un en tu on me te y ni se mais plus tout très bien comme être avoir ai as avait fait "
    "son sa ses mon ma mes votre leur par aux si où",
    "Spanish": "el la los las y es una yo no que en por para con se su del al lo está son muy pero como más esto "
    "era de un mi tu te le les me nos sus ha han hay fue ser tiene porque cuando donde si sin sobre "
    "entre también ni qué eso esta este",
    "Italian": "il lo gli e è una io non che di in per con si del della sono molto ma come più questo era ho hai "
    "un sua la le i da nel alla dei delle al mi ti ci se anche suo mio tuo ha hanno perché quando dove "
    "cosa questa quello essere fatto",
    "Portuguese": "o os as e é uma eu não que em por para com se seu do da na no são muito mas como mais isto era "
    "você um a de ao dos das ele ela eles me te nos sua meu foi ser está tem há porque quando onde "
    "também sem até já à pelo pela",
    "Dutch": "de het een en is niet ik jij hij zij wij van dat met op voor zijn was heb hebben maar ook er aan "
    "wat naar je we ze te in om als dan nog bij uit door kan mijn heeft had wie hoe deze die geen wel "
    "zo worden wordt moet over",
    "Swedish": "och är inte jag du han hon vi det en ett att som på för med av var har till om den men hur vad mig sig",
    "Danish": "og er ikke jeg du han hun vi det en et at som på for med af var har til om den men hvad hvor mig sig",
    "Norwegian": "og er ikke jeg du han hun vi det en et å som på for med av var har til om den men hva hvor meg seg",
    "Finnish": "ja on ei minä sinä hän me se että mutta kuin ole oli kun olen tämä mitä niin jos ovat hänen myös vain",
    "Polish": "i w na nie się jest to że z do ja on ona jak co ale po był tak są być mam czy dla od jego przez",
    "Czech": "a v na není se je to že s do já on ona jak co ale po byl jsem jsou být mám pro od jeho jsi muž "
    "žena která",
    "Hungarian": "a az és nem hogy egy van én ő mi ez volt de is csak meg mint kell vagy azt ha már még el",
    "Romanian": "și este nu un o în la cu pe că eu el ea de din pentru mai sunt ce am fost dar care lui să",
    "Turkish": "ve bir bu ben sen o biz için değil ne var çok ile da de mi ama gibi daha kadar sonra olan",
    "Russian": "и в не на я он она что это с как мы вы они по но был к у из за все так же для от",
    "Ukrainian": "і в не на я він вона що це з як ми ви вони по але був до у із за все так же для від є",
    "Bulgarian": "и в не на аз той тя че това с как ние вие те по но беше към от за се да са ще съм",
    "Greek": "και το η ο να δεν είναι με για που από στο τον την σε τα ένα μια θα μου αυτό",
}
_SCRIPTS = {
    "Japanese": re.compile(r"[\u3040-\u30ff]"), "Korean": re.compile(r"[\uac00-\ud7af]"),
    "Chinese": re.compile(r"[\u4e00-\u9fff]"), "Arabic": re.compile(r"[\u0620-\u064a]"),
    "Hebrew": re.compile(r"[\u05d0-\u05ea]"), "Hindi": re.compile(r"[\u0904-\u0939]"),
    "Thai": re.compile(r"[\u0e01-\u0e30]"), "Georgian": re.compile(r"[\u10d0-\u10f0]"),
    "Armenian": re.compile(r"[\u0561-\u0587]"), "Bengali": re.compile(r"[\u0985-\u09b9]"),
    "Tamil": re.compile(r"[\u0b85-\u0bb9]"),
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


@cache
def _tongues() -> dict[str, dict[str, float]]:
    """Return for each word its languages and how much it says for each: less where several have it."""
    known: dict[str, dict[str, float]] = {}
    for language, words in _WORDS.items():
        for word in words.split():
            known.setdefault(word, {})[language] = 1.0
    return {word: {name: 1 / len(names) for name in names} for word, names in known.items()}


def guess(text: str) -> str | None:
    """Return the English name of the language that a text is most likely in, or None where nothing tells."""
    scores, words = _scores(text)
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    if ranked and ranked[0][1] >= 1.0 and ranked[0][1] * 12 >= words:
        return ranked[0][0]
    letters = max(1, sum(map(len, _WORD.findall(text))))
    for language, pattern in _SCRIPTS.items():
        if len(pattern.findall(text)) * (5 if language == "Japanese" else 2) >= letters:
            return language
    return None


def stranger(text: str, own: str | None, ignored: frozenset[str], least: float = 0.5) -> str | None:
    """Return another language than `own` whose common words a text has, far more of them than of `own`.

    The words `ignored` tell nothing: those that the texts of `own` have too. A word of one language alone counts 1,
    and a word that both languages have does not speak for `own`.
    """
    scores, words = _scores(text, ignored)
    scores.pop(own or "", None)
    if not scores:
        return None
    best, score = max(scores.items(), key=lambda item: item[1])
    shared = frozenset(word for word, tongues in _tongues().items() if best in tongues)
    mine = _scores(text, shared)[0].get(own, 0.0) if own else 0.0
    return best if score >= max(least, 2 * mine, words / 12) else None


def common_words(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of the tables that come in some texts again and again: not once in 2,000 texts by accident."""
    counts: Counter[str] = Counter()
    number = 0
    for number, text in enumerate(texts, 1):  # noqa: B007, the count is needed after the loop
        counts.update(word for word in set(_WORD.findall(_plain(text))) if word in _tongues())
    return frozenset(word for word, count in counts.items() if count >= max(2.0, number / 2000))


def _plain(text: str) -> str:
    return text.lower().replace("’", "'")


def _scores(text: str, ignored: frozenset[str] = frozenset()) -> tuple[dict[str, float], int]:
    """Return for each language how much the words of a text say for it, and how many words there are."""
    words = _WORD.findall(_plain(text))
    scores: dict[str, float] = {}
    for word in words:
        for language, weight in _tongues().get(word, {}).items() if word not in ignored else ():
            scores[language] = scores.get(language, 0.0) + weight
    return scores, len(words)
