/** The error that an import answered with: the engine throws it inside an `Error` of its own. */
export function payload(thrown) {
  return thrown instanceof Error && "payload" in thrown ? thrown.payload : thrown;
}
