"""Ten ordinary prompts and what comes back, unselected: what a newcomer reads first.

    python -m tests.benchmarks.ten_replies [--model NAME] [--FLAG VALUE ...]

Seeds 1 to 10, the program's defaults, the real command; what is not known here goes to `rnntui gen` as it is. The
prompts are fixed, so that the pages of two models can be laid beside each other (`replies.md`).
"""

import argparse
import subprocess
import sys

PROMPTS = (
    "It was a cold evening, and the old man",
    '"Where have you been?" she asked.',
    "Once upon a time there was a girl who",
    "I love my cute dog because",
    "What is the meaning of life?",
    "The ship left the harbour at dawn, and",
    "Hello, how are you today?",
    "When I was a child, my mother",
    '"I don\'t believe you," said Tom. "You',
    "Dear Sir,",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="starter")
    arguments, others = parser.parse_known_args()
    for seed, prompt in enumerate(PROMPTS, start=1):
        command = [sys.executable, "-m", "rnntui", "gen", prompt, "--model", arguments.model, "--seed", str(seed)]
        done = subprocess.run([*command, *others], capture_output=True, text=True, check=True)
        print(f"{seed}. `{prompt}`\n", flush=True)
        print("".join(f"> {line}".rstrip() + "\n" for line in done.stdout.rstrip().split("\n")), flush=True)


if __name__ == "__main__":
    main()
