"""Counts what the conformance suite found: it writes one `checks.json` for each scenario.

usage: tally.py FOLDER LEAST

Ends with an error if a check failed, or fewer than LEAST passed.
"""

import collections
import json
import pathlib
import sys

folder, least = pathlib.Path(sys.argv[1]), int(sys.argv[2])
counts: collections.Counter[str] = collections.Counter()
wrong: list[str] = []
for path in sorted(folder.rglob("checks.json")):
    for check in json.loads(path.read_text()):
        counts[check["status"]] += 1
        if check["status"] in ("FAILURE", "WARNING"):
            wrong.append(f"{check['status']} {path.parent.name} {check['id']}: {check.get('errorMessage', '')}")
print(f"{counts['SUCCESS']} passed, {counts['FAILURE']} failed, {counts['WARNING']} warned, {counts['SKIPPED']} skipped")
for line in wrong:
    print(f"     {line[:400]}")
sys.exit(0 if counts["SUCCESS"] >= least and not counts["FAILURE"] else 1)
