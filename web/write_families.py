"""Write src/dragoman/explain/families.json: a tokenizer of each family, learned from the phrasebook, by its name.

python web/write_families.py > src/dragoman/explain/families.json
"""

import json

from dragoman.data.phrasebook import pairs
from dragoman.explain.laboratory import learned

PAIRS = 5000


def families() -> str:
    """Return the text of that file, the same whenever and wherever it is written."""
    lines = (text for pair in pairs("train", PAIRS) for text in (pair.source, pair.target))
    written = {one.name: one.tokenizer.to_json() for one in learned(lines, "phrasebook")}
    return json.dumps(written, ensure_ascii=False, indent=0) + "\n"


if __name__ == "__main__":
    print(families(), end="")
