/**
 * Readers of values that come from elsewhere: a URL, a saved document. Pure.
 *
 * A reader gives the value, or undefined where it is wrong. Wrong parts of a whole are left out, so that a
 * document of another version of this app loses what this one does not know, and nothing else.
 */

export type Reader<T> = (value: unknown) => T | undefined;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const text: Reader<string> = (value) => (typeof value === "string" ? value : undefined);

export const flag: Reader<boolean> = (value) => (typeof value === "boolean" ? value : undefined);

export function number(min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): Reader<number> {
  return (value) =>
    typeof value === "number" && Number.isFinite(value) && value >= min && value <= max ? value : undefined;
}

export function whole(min: number, max: number): Reader<number> {
  return (value) => (Number.isInteger(value) ? number(min, max)(value) : undefined);
}

export function oneOf<T extends string>(...names: readonly T[]): Reader<T> {
  return (value) => names.find((name) => name === value);
}

export function orNull<T>(reader: Reader<T>): Reader<T | null> {
  return (value) => (value === null ? null : reader(value));
}

/** Wrong entries are left out. */
export function listOf<T>(reader: Reader<T>): Reader<readonly T[]> {
  return (value) =>
    Array.isArray(value)
      ? value.flatMap((item) => {
          const read = reader(item);
          return read === undefined ? [] : [read];
        })
      : undefined;
}

/** Two, both right. */
export function pairOf<T>(reader: Reader<T>): Reader<readonly [T, T]> {
  return (value) => {
    if (!Array.isArray(value) || value.length !== 2) return undefined;
    const [first, second] = value.map(reader);
    return first === undefined || second === undefined ? undefined : [first, second];
  };
}

/** By any name; wrong entries are left out. */
export function recordOf<T>(
  reader: (value: unknown, name: string) => T | undefined,
): Reader<Record<string, T>> {
  return (value) => {
    if (!isObject(value)) return undefined;
    const entries = Object.entries(value).flatMap(([name, item]) => {
      const read = name === "__proto__" ? undefined : reader(item, name);
      return read === undefined ? [] : [[name, read] as const];
    });
    return Object.fromEntries(entries);
  };
}

/** JSON of any shape below a name. */
export const anything: Reader<Readonly<Record<string, unknown>>> = (value) =>
  isObject(value) ? value : undefined;

export type Fields<T> = { readonly [K in keyof T]-?: Reader<T[K]> };

/** Of an object's fields those that are there and right. */
export function partOf<T extends object>(fields: Fields<T>): Reader<Partial<T>> {
  return (value) => {
    if (!isObject(value)) return undefined;
    const part: Partial<T> = {};
    for (const key of Object.keys(fields) as (keyof T & string)[]) {
      const read = Object.hasOwn(value, key) ? fields[key](value[key]) : undefined;
      if (read !== undefined) part[key] = read;
    }
    return part;
  };
}

/** All fields of an object, and none wrong. */
export function allOf<T extends object>(fields: Fields<T>): Reader<T> {
  return (value) => {
    const part = partOf(fields)(value);
    return part && Object.keys(part).length === Object.keys(fields).length ? (part as T) : undefined;
  };
}
