/**
 * Reads a panel's options, which are JSON from a saved view or a link: what is no fitting value is as if it
 * were not there. Pure.
 */

type Options = Readonly<Record<string, unknown>>;

export function textOption(options: Options, name: string): string | null {
  const value = options[name];
  return typeof value === "string" && value !== "" ? value : null;
}

export function switchOption(options: Options, name: string, otherwise: boolean): boolean {
  const value = options[name];
  return typeof value === "boolean" ? value : otherwise;
}

export function numberOption(options: Options, name: string): number | null {
  const value = options[name];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function choiceOption<T extends string>(
  options: Options,
  name: string,
  choices: readonly T[],
  otherwise: T,
): T {
  const value = options[name];
  return choices.find((choice) => choice === value) ?? otherwise;
}

export function textsOption(options: Options, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}
