#!/usr/bin/env bash
# The tour of examples/tour in every language, driven through one table of cases by the official Python client.
#
# usage: run.sh BULKHEAD PYTHON FOLDER WASM…
#
# PYTHON has the packages of ../python; FOLDER is made. Each WASM is a packed tour, signed or not, called after its
# language: tour-rust.wasm, tour-python.wasm.
set -euo pipefail
[ $# -ge 4 ] || { sed -n '4,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
python=$2
export PYTHONDONTWRITEBYTECODE=1
here=$(cd "$(dirname "$0")" && pwd)
exec "$python" "$here/suite.py" "$1" "${@:3}"
