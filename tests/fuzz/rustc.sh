#!/usr/bin/env bash
# The compiler, with the fuzzer's instrumentation, for members of the workspace (RUSTC_WORKSPACE_WRAPPER). What they use
# of others is compiled as ever, so that one build of it serves what is shipped, tests and fuzzing. run.sh sets both
# variables: what is looked at, and what a target is linked with.
set -euo pipefail
shopt -s extglob
add=()
case " $* " in
  # They run while something is built, without a fuzzer.
  *" --crate-type proc-macro "* | *" --crate-name build_script_build "*) ;;
  # Also when cargo asks what the compiler is.
  *" --crate-name "*)
    read -ra add <<<"$FUZZ_INSTRUMENT"
    case " $* " in
      *" --crate-type bin "*)
        read -ra link <<<"$FUZZ_LINK"
        add+=("${link[@]}")
        ;;
      # The house is large, and its configuration is all of it that is looked at; the others are here for the house alone.
      *" --crate-name bulkhead "* | *" --crate-name bulkhead_"@(prompts|registry|schema)" "*) add+=(-Copt-level=0) ;;
    esac
    ;;
esac
exec "$@" "${add[@]}"
