"""The comparative and the superlative of an adjective, in both languages."""

from dragoman.data.phrasebook_lexicon import Adjective


def english_degree(adjective: Adjective, degree: str) -> tuple[str, ...]:
    """old, older, oldest; expensive, more expensive, most expensive."""
    if not degree:
        return (adjective.lemma,)
    words = adjective.comparative.split()
    if degree == "comparative":
        return tuple(words)
    if len(words) == 2:
        return "most", words[1]
    return ("best",) if words[0] == "better" else (words[0][:-1] + "st",)


_SUPERLATIVES = {"groß": "größt", "gut": "best", "teuer": "teuerst", "dunkel": "dunkelst"}


def german_degree(adjective: Adjective, degree: str) -> str:
    """The stem that takes the endings: alt, älter, ältest; a stem in d, t, s, ß or z takes -est."""
    if not degree:
        return adjective.german
    if degree == "comparative":
        return adjective.german_comparative
    if adjective.german in _SUPERLATIVES:
        return _SUPERLATIVES[adjective.german]
    stem = adjective.german_comparative.removesuffix("er")
    return stem + ("est" if stem.endswith(("d", "t", "s", "ß", "z", "sch", "eu")) and stem != "spannend" else "st")
