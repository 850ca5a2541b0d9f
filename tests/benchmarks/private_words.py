"""How many private words are left out, and how many of what is left out are none, of made-up chats and of books.

    python -m tests.benchmarks.private_words [--data FOLDER]

Of a chat everything private is known. Of a book a name counts as such when a list made by hand has it (the people of
three novels, all of their names); what was taken for a name and is not on the list counts as wrong. The share of
names that are left is that of the listed words which still stand in the text.
"""

import argparse
import platform
import re
import time
from collections import Counter
from pathlib import Path

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.privacy.private_words import leave_out
from rnntui.lm.text.text_source import TextFile
from rnntui.records import LEAVE_OUT
from tests.odd_texts.private_words import chat

SEEDS = range(20)
PEOPLE = {
    "pride-and-prejudice.txt": (
        "Elizabeth Darcy Bennet Bingley Jane Wickham Collins Lydia Catherine Lizzy Gardiner Charlotte Kitty Lucas "
        "William Mary Forster Bourgh Fitzwilliam Hurst Phillips Philips Eliza Maria Caroline Denny Reynolds "
        "Jenkinson Charles James Jones Anne Carter Younge Robinson Lewis Annesley Georgiana Louisa George Hill "
        "Pratt Nicholls Gouldings Goulding Austen Morris Watson Grantley Webbs Metcalf Pope John Richard Phillip "
        "Dawson Harriet Harrington Harringtons Chamberlayne Haggerston Miller Clement Edward Stone Long King Pen "
        "Sarah Clarke Sally Ned"
    ),
    "frankenstein.txt": (
        "Clerval Justine Felix Victor Frankenstein Henry William Ernest Kirwin Margaret Krempe Waldman Walton "
        "Moritz Saville Elizabeth Lavenza Caroline Beaufort Agatha Safie Lacey Cornelius Agrippa Albertus Magnus "
        "Paracelsus Adam Daniel Thomas Arthur Manoir Nugent Mary Wollstonecraft Shelley Robert Isaac Newton "
        "Mansfield John Melbourne Manon Duvillard Louis Louisa Tavernier Biron Paul Bernard Andrew Muhammad "
        "Werter Alphonse Homer Shakespeare Plutarch Charles Falkland"
    ),
    "library/de/effi-briest.txt": (
        "Effi Innstetten Roswitha Briest Crampas Johanna Gieshübler Annie Geert Wüllersdorf Hulda Niemeyer "
        "Friedrich Sidonie Rummschüttel Hertha Bertha Dagobert Hannemann Grasenabb Trippel Trippelli Marietta "
        "Golchowski Wiesike Therese Wilhelm Maria Pedro Belling Karl Scott Gertrud Gundel Walter Luther Louis "
        "Napoleon Paaschen Olaf Georg Reuter Olga Richard Marie Borcke Stuart Olivia Flemming Martin Copperfield "
        "Bredow Schmettau Jean Wichern Padden Kruse Zwicker Luise Lindequist Ring Alonzo Afra Christel Gulshübler "
        "Buddenbrook Holk Jahnke Jahnkes Klitzing Knut Pink Pufendorf Rode Thomsen Mirambo Utpatel Vitzewitz "
        "Joachim Heinrich Benjamin Fritz Gabriel Nina Juan Kate Wagner Palleske Heine Hannchen Minka Anton Else "
        "Hansa Cora Macpherson Johannes Titzewitz Ladalinski Penz Rat Nimptsch Bismarck Wedelstädt Gellenhagen"
    ),
}  # fmt: skip


class Watched(Findings):
    """Keeps the words of all names that are left out."""

    __slots__ = ("names",)

    def leave_out(self, kind: str, text: str) -> None:
        super().leave_out(kind, text)
        if kind == "name":
            self.names.update(re.findall(r"[^\W\d_]{2,}", text))


def measure_book(path: Path, listed: set[str]) -> str:
    """Precision and recall in words of names."""
    file = TextFile(path)
    list(file.survey())
    text = "".join(file.parts(Findings()))
    findings = Watched()
    findings.names = Counter()
    begun = time.process_time()
    kept = "".join(leave_out([text], ("names",), findings))
    seconds = time.process_time() - begun
    everyone = listed | {f"{name}s" for name in listed} | {f"{name}es" for name in listed}
    taken = Counter({word: number for word, number in findings.names.items() if word[0].isupper()})
    right = sum(number for word, number in taken.items() if word.capitalize() in everyone)
    still = sum(1 for word in re.findall(r"[^\W\d_]{2,}", kept) if word in everyone)
    wrong = [f"{word} {number}" for word, number in taken.most_common() if word.capitalize() not in everyone][:8]
    return (
        f"{path.name}: {findings.left_out['name']:,} names; precision {right / taken.total():.3f}, "
        f"recall {right / (right + still):.3f}; {len(text) / 1e6 / seconds:.1f} MB/s; not listed: {', '.join(wrong)}"
    )


def measure_chats() -> str:
    """Of what is private how much is left, in chats whose speakers the reader did and did not tell."""
    found = []
    for are_known in (True, False):
        left = total = 0
        for seed in SEEDS:
            made = chat(seed)
            findings = Findings()
            for name in {line.partition(":")[0] for line in made.text.splitlines()} if are_known else ():
                findings.hear(name, 1)
            text = "".join(leave_out([made.text], LEAVE_OUT, findings))
            total += sum(made.text.count(word) for word in made.private)
            left += sum(text.count(word) for word in made.private)
        found.append(f"{1 - left / total:.3f} of {total:,}")
    return f"chats, {len(SEEDS)} seeds: left out {found[0]} private words, {found[1]} where nobody says who speaks"


def main() -> None:
    """Print one line for each text."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    folder = parser.parse_args().data
    print(f"{platform.machine()}, Python {platform.python_version()}")
    print(measure_chats())
    for name, people in PEOPLE.items():
        if (folder / name).exists():
            print(measure_book(folder / name, set(people.split())))


if __name__ == "__main__":
    main()
