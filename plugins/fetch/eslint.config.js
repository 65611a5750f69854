import security from "eslint-plugin-security";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: [".bulkhead/", "build/", "node_modules/"] },
  tseslint.configs.recommended,
  security.configs.recommended,
  // Every index here is a position in a list of ours. An element that is there is said to be, in tests and counters.
  { rules: { "security/detect-object-injection": "off", "@typescript-eslint/no-non-null-assertion": "off" } },
);
