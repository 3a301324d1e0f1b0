"""The languages of a model as clients of LibreTranslate write and read them: codes, aliases and English names."""

from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.directions import Direction
from dragoman.serve.refusal import Refusal, shortened

AUTO = "auto"  # the client does not know the source language
UNKNOWN = "und"  # ISO 639's code of a language that is not known, for a model that does not say what it translates
ALIASES = {"pb": "pt-br", "zh": "zh-hans", "zt": "zh-hant"}

NAMES = {
    "af": "Afrikaans", "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali",
    "bs": "Bosnian", "ca": "Catalan", "cs": "Czech", "cy": "Welsh", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "eo": "Esperanto", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "ga": "Irish", "gl": "Galician", "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "is": "Icelandic", "it": "Italian",
    "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "ko": "Korean", "la": "Latin", "lt": "Lithuanian",
    "lv": "Latvian", "mk": "Macedonian", "mn": "Mongolian", "mr": "Marathi", "ms": "Malay", "mt": "Maltese",
    "nb": "Norwegian Bokmål", "ne": "Nepali", "nl": "Dutch", "nn": "Norwegian Nynorsk", "no": "Norwegian",
    "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "pt-br": "Portuguese (Brazil)", "ro": "Romanian",
    "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish",
    "sw": "Swahili", "ta": "Tamil", "te": "Telugu", "th": "Thai", "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian",
    "ur": "Urdu", "uz": "Uzbek", "vi": "Vietnamese", "yi": "Yiddish", "zh": "Chinese", "zh-hans": "Chinese",
    "zh-hant": "Chinese (traditional)", "zu": "Zulu", UNKNOWN: "Undetermined",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Languages:
    """What a model translates from and into; `directions` are its own codes, none where they are not known."""

    directions: tuple[Direction, ...]

    def listed(self) -> list[dict[str, object]]:
        """Return what GET /languages answers: every language, those that are targets alone among them."""
        codes = dict.fromkeys([*(source for source, _ in self._pairs), *(target for _, target in self._pairs)])
        return [{"code": code, "name": name_of(code), "targets": self._targets(code)} for code in codes]

    def chosen(self, source: str, target: str) -> Direction:
        """Return the direction that a client asks for in its own spelling; raises Refusal.

        Where it leaves the source open, that is the first one with this target: nothing is detected.
        """
        sources = {canonical(code): code for code, _ in reversed(self._pairs)}
        targets = {canonical(code): code for _, code in reversed(self._pairs)}
        given = canonical(source)
        if given != AUTO and given not in sources:
            raise Refusal(400, f"{shortened(source)} is not supported")
        if canonical(target) not in targets:
            raise Refusal(400, f"{shortened(target)} is not supported")
        into = targets[canonical(target)]
        for pair in self._pairs:
            if pair[1] == into and given in (AUTO, canonical(pair[0])):
                return pair
        of = sources[given]
        raise Refusal(400, f"{name_of(into)} ({into}) is not available as a target language from {name_of(of)} ({of})")

    @property
    def _pairs(self) -> Sequence[Direction]:
        return self.directions or ((UNKNOWN, UNKNOWN),)

    def _targets(self, source: str) -> list[str]:
        return [target for code, target in self._pairs if code == source]


def canonical(code: str) -> str:
    """Return a code in the one spelling by which codes are compared: `PT_BR` and `pb` are `pt-br`."""
    plain = code.strip().lower().replace("_", "-")
    return ALIASES.get(plain, plain)


def name_of(code: str) -> str:
    """Return the English name of a language; its code where that is not known."""
    return NAMES.get(canonical(code), code)
