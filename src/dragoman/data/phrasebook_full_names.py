"""Names, professions and places that the full phrasebook adds, in the form of phrasebook_names."""

FULL_NAMES = {
    "m": "Simon Daniel Oskar Leo Erik Philipp",
    "f": "Lena Hannah Johanna Greta Marie Katharina",
}
FULL_SURNAMES = ("Hoffmann", "Richter", "Braun", "Vogel", "Krause", "Neumann")
FULL_PROFESSIONS = """
dentist Zahnarzt Zahnärztin|politician Politiker Politikerin|actor Schauspieler Schauspielerin
photographer Fotograf Fotografin|hairdresser Friseur Friseurin|mechanic Mechaniker Mechanikerin
gardener Gärtner Gärtnerin|painter Maler Malerin|pilot Pilot Pilotin|judge Richter Richterin
"""
FULL_CITIES = {
    "Lisbon": "Lissabon",
    "Warsaw": "Warschau",
    "Athens": "Athen",
    "Brussels": "Brüssel",
    "Copenhagen": "Kopenhagen",
    "Venice": "Venedig",
    "Geneva": "Genf",
    "Nuremberg": "Nürnberg",
    "Dresden": "Dresden",
    "Moscow": "Moskau",
}
FULL_COUNTRIES = {
    "Denmark": "Dänemark",
    "Sweden": "Schweden",
    "Norway": "Norwegen",
    "Hungary": "Ungarn",
    "Ireland": "Irland",
    "Portugal": "Portugal",
    "Belgium": "Belgien",
    "Japan": "Japan",
    "India": "Indien",
    "Canada": "Kanada",
}
FULL_LANGUAGES = {
    "Russian": "Russisch",
    "Japanese": "Japanisch",
    "Chinese": "Chinesisch",
    "Portuguese": "Portugiesisch",
    "Swedish": "Schwedisch",
    "Danish": "Dänisch",
}
FULL_FREQUENCIES = {"rarely": "selten", "regularly": "regelmäßig"}
FULL_PLACES = {
    "hike": ("forest",),
    "jog": ("park", "forest"),
    "have breakfast": ("kitchen", "garden", "hotel", "café"),
    "whisper": ("church", "library", "museum", "cinema"),
    "sneeze": ("office", "theatre", "bedroom"),
}
