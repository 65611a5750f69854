// Suggestions while a user types.

/** The functions that complete arguments, by the arguments' names. A list stands for those of it that begin so. */
export function completers(complete = {}) {
  return Object.fromEntries(Object.entries(complete).map(([name, source]) => [name, completer(source)]));
}

function completer(source) {
  if (typeof source === "function") return source;
  return (typed) => source.filter((value) => value.startsWith(typed));
}

/** Values, or values with how many there are in all, as the contract spells them. */
export function toCompletion(answer) {
  if (Array.isArray(answer)) return { values: answer, total: undefined, hasMore: false };
  const { values, total } = answer;
  return { values, total, hasMore: answer.hasMore ?? (total !== undefined && total > values.length) };
}
