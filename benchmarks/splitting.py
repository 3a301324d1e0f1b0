"""Do sentences that were joined come apart where they were joined? Real lines of several languages, split again.

    python benchmarks/splitting.py en=test.en.gz de=test.de.gz ...

Lines that look like one sentence (a capital or no cased letter first, a mark of its end last, none within) are joined
by a blank, five at a time. Found: joints at which the text was split. Besides, whole lines of any kind, each alone:
how many are split within, with some examples, since a line may well hold two sentences. Prints a Markdown table.
"""

import argparse
import re
from pathlib import Path

from dragoman.data.corpus import read_lines
from dragoman.text.segment import split

TOGETHER, EXAMPLES = 5, 3
ENDS = ".!?…。！？؟"


def one_sentence(line: str) -> bool:
    """Return whether nobody would doubt that a line is one sentence."""
    quiet = line.strip()
    first = re.search(r"\w", quiet)
    marks = re.findall(rf"[{ENDS}:;\"“”„»«()]", quiet)
    return bool(first) and not first.group().islower() and len(marks) == 1 and quiet[-1] in ENDS


def places(text: str, language: str) -> set[int]:
    """Return where the sentences of a text end, but for the last."""
    ends = [segment.end for segment in split(text, language) if segment.kind == "text"]
    return set(ends[:-1])


def main() -> None:
    """Join, split, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="LANGUAGE=FILE")
    given = parser.parse_args()
    print("| language | joints | found | false | lines | split within |")
    print("|---|---:|---:|---:|---:|---:|")
    notes = []
    for word in given.files:
        language, _, path = word.partition("=")
        lines = [line.strip() for line in read_lines(Path(path)) if line.strip()]
        joints = found = false = 0
        plain = list(filter(one_sentence, lines))
        for group in (plain[at : at + TOGETHER] for at in range(0, len(plain), TOGETHER)):
            wanted, at = set(), 0
            for line in group[:-1]:
                at += len(line)
                wanted.add(at)
                at += 1
            had = places(" ".join(group), language)
            joints += len(wanted)
            found += len(wanted & had)
            false += len(had - wanted)
        within = [line for line in lines if places(line, language)]
        print(
            f"| {language} | {joints:,} | {100 * found / max(1, joints):.2f} % | {false:,} | {len(lines):,} | "
            f"{100 * len(within) / len(lines):.2f} % |"
        )
        notes += [f"{language}: {line}" for line in within[:: max(1, len(within) // EXAMPLES)][:EXAMPLES]]
    print("\n" + "\n".join(notes))


if __name__ == "__main__":
    main()
