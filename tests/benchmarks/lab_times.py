"""How long every station of the lab takes on the starter model: `python -m tests.benchmarks.lab_times`.

The bar: all of them together in less than three minutes on two cores. Prints as well what an Elman unit, a GRU and an
LSTM recall at the longest distance, the figure of the station that trains most.
"""

import json
import subprocess
import sys


def main() -> None:
    command = [sys.executable, "-m", "rnntui", "lab", "--all", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    for result in results:
        print(
            f"{result['station']:<20} {result['seconds']:6.1f} s  {result['process_seconds']:6.1f} s of processor time"
        )
    seconds, process = (sum(result[name] for result in results) for name in ("seconds", "process_seconds"))
    print(f"{'all':<20} {seconds:6.1f} s  {process:6.1f} s of processor time")
    recalled = next(result["recalled"] for result in results if result["station"] == "memory-length")
    for entry in recalled:
        print(
            f"{entry['cell']:<6} recalls after {entry['distances'][-1]} symbols:",
            *(f"{row[-1]:.2f}" for row in entry["accuracies"]),
        )


if __name__ == "__main__":
    main()
