// What a schema says, as types.

/** A schema of a library that speaks Standard Schema with JSON Schema: zod 4.2 and later, ArkType, and others. */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => unknown;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly jsonSchema: {
      readonly input: (options: { target: "draft-2020-12" }) => Record<string, unknown>;
      readonly output: (options: { target: "draft-2020-12" }) => Record<string, unknown>;
    };
  };
}

/** A JSON Schema (draft 2020-12). Types are inferred from one that is written in place. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly [keyword: string]: unknown;
}

export type Schema = StandardSchema<any, any> | JsonSchema;

/** What the author's function takes. */
export type Taken<S> = S extends StandardSchema<any, any>
  ? NonNullable<S["~standard"]["types"]>["output"]
  : FromJson<S, "taken">;

/** What the author's function gives. */
export type Given<S> = S extends StandardSchema<any, any>
  ? NonNullable<S["~standard"]["types"]>["input"]
  : FromJson<S, "given">;

type FromJson<S, Side> = S extends { const: infer Value }
  ? Value
  : S extends { enum: readonly (infer Value)[] }
    ? Value
    : S extends { anyOf: readonly (infer One)[] }
      ? FromJson<One, Side>
      : S extends { oneOf: readonly (infer One)[] }
        ? FromJson<One, Side>
        : S extends { type: readonly (infer Name)[] }
          ? FromType<Name, S, Side>
          : S extends { type: infer Name }
            ? FromType<Name, S, Side>
            : S extends { properties: object }
              ? FromType<"object", S, Side>
              : unknown;

type FromType<Name, S, Side> = Name extends "string"
  ? string
  : Name extends "integer"
    ? FromInteger<S, Side>
    : Name extends "number"
      ? number
      : Name extends "boolean"
        ? boolean
        : Name extends "null"
          ? null
          : Name extends "array"
            ? S extends { items: infer Item }
              ? FromJson<Item, Side>[]
              : unknown[]
            : Name extends "object"
              ? FromObject<S, Side>
              : unknown;

type FromInteger<S, Side> = S extends { format: "int64" | "uint64" } ? (Side extends "given" ? bigint | number : bigint) : number;

type FromObject<S, Side> = S extends { properties: infer Properties }
  ? Flat<
      { [Name in keyof Properties as Name extends Present<S, Side> ? Name : never]: FromJson<Properties[Name], Side> } & {
        [Name in keyof Properties as Name extends Present<S, Side> ? never : Name]?: FromJson<Properties[Name], Side>;
      }
    >
  : Record<string, unknown>;

type Required<S> = S extends { required: readonly (infer Name)[] } ? Name : never;

/** The properties that are there: required ones, and for what is taken, those with a default. */
type Present<S, Side> = Required<S> | (Side extends "taken" ? WithDefault<S> : never);

type WithDefault<S> = S extends { properties: infer Properties }
  ? { [Name in keyof Properties]: Properties[Name] extends { default: unknown } ? Name : never }[keyof Properties]
  : never;

type Flat<T> = { [Name in keyof T]: T[Name] };
