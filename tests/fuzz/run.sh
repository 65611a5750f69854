#!/usr/bin/env bash
# Every fuzz target for so many seconds, two at a time, from the kept corpus. Ends with an error when a property broke;
# the input that broke it lies in target/fuzz/found then.
#
# usage: run.sh SECONDS [TARGET…]
#
# Needs a C++ compiler besides Rust: libFuzzer's driver is built from source. Coverage is LLVM's own, over this
# repository's crates and all that they use; no nightly compiler is needed for it, and no sanitizer is used, since the
# code has no `unsafe` of its own.
set -euo pipefail
seconds=${1:?usage: run.sh SECONDS [TARGET…]}
shift
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export CARGO_TARGET_DIR=$root/target/fuzz CARGO_INCREMENTAL=0 RUST_BACKTRACE=0
host=$(rustc -vV | sed -n 's/^host: //p')
coverage=(level=4 inline-8bit-counters pc-table trace-compares)
flags="--cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1"
for part in "${coverage[@]}"; do flags+=" -Cllvm-args=-sanitizer-coverage-$part"; done
# With a target named, build scripts and macros are built without the flags.
(cd "$here" && RUSTFLAGS=$flags cargo build --release --locked --quiet --target "$host")

targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cd "$here/targets" && printf '%s\n' *.rs | sed 's/\.rs$//')
found=$CARGO_TARGET_DIR/found
one() {
  local target=$1 grown=$found/$1/corpus
  mkdir -p "$grown"
  if "$CARGO_TARGET_DIR/$host/release/$target" "$grown" "$here/corpus/$target" -max_total_time="$seconds" -timeout=10 \
    -rss_limit_mb=1024 -max_len=8192 -artifact_prefix="$found/$target/" -print_final_stats=1 >"$found/$target/log" 2>&1; then
    echo "ok   $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$found/$target/log") inputs in $seconds s," \
      "$(grep -oE 'cov: [0-9]+' "$found/$target/log" | tail -n 1)"
  else
    tail -n 40 "$found/$target/log"
    echo "FAIL $target: see $found/$target"
    return 1
  fi
}
failed=0
for ((i = 0; i < ${#targets[@]}; i += 2)); do
  pids=()
  for target in "${targets[@]:i:2}"; do
    one "$target" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || failed=$((failed + 1)); done
done
echo "fuzz: $((${#targets[@]} - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
