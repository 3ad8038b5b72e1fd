/**
 * Options of panels: JSON from a saved view or a link. Each kind declares its own, with the words of its settings; a
 * value that does not fit is as if it were not there. Pure.
 */

import type { Panel } from "@/data/view/panel";

/** An option that has no row of its own in the settings. */
export interface Option<T> {
  read(value: unknown): T;
}

/** One of a few values. */
export interface Choice<T extends string> extends Option<T> {
  readonly row: "choice";
  readonly label: string;
  readonly choices: readonly { readonly value: T; readonly label: string }[];
}

/** On or off. */
interface Toggle extends Option<boolean> {
  readonly row: "switch";
  readonly label: string;
  /** Its effect, in words. */
  readonly text: string;
}

interface Whole extends Option<number> {
  readonly row: "whole";
  readonly label: string;
  readonly min: number;
  readonly max: number;
}

/** A column of the runs table. */
interface ColumnOption extends Option<string | null> {
  readonly row: "column";
  readonly label: string;
  /** Text where none is chosen, to which a button goes back; null: one is always chosen. */
  readonly none: string | null;
  readonly needsNumbers: boolean;
}

type RowOption = Choice<string> | Toggle | Whole | ColumnOption;

/** An option with the row that sets it, or without one. */
type DeclaredOption = RowOption | (Option<unknown> & { readonly row?: undefined });
export type DeclaredOptions = Readonly<Record<string, DeclaredOption>>;

/** Values of declared options. */
export type OptionsOf<Declared> = {
  readonly [K in keyof Declared]: Declared[K] extends Option<infer T> ? T : never;
};

/** @param titles labels of the values, in their order */
export function choice<T extends string>(
  label: string,
  otherwise: NoInfer<T>,
  titles: Readonly<Record<T, string>>,
): Choice<T> {
  const choices = (Object.entries(titles) as [T, string][]).map(([value, title]) => ({
    value,
    label: title,
  }));
  const read = (value: unknown) => choices.find((entry) => entry.value === value)?.value ?? otherwise;
  return { row: "choice", label, choices, read };
}

export function toggle(label: string, text: string, otherwise = false): Toggle {
  return { row: "switch", label, text, read: readSwitch(otherwise).read };
}

export function whole(label: string, otherwise: number, min: number, max: number): Whole {
  const { read } = amount(otherwise, min, max);
  return { row: "whole", label, min, max, read: (value) => Math.round(read(value)) };
}

export function column(label: string, none: string | null = null, needsNumbers = false): ColumnOption {
  return { row: "column", label, none, needsNumbers, read: text.read };
}

export function readSwitch(otherwise: boolean): Option<boolean> {
  return { read: (value) => (typeof value === "boolean" ? value : otherwise) };
}

export function amount(otherwise: number, min: number, max: number): Option<number> {
  return { read: (value) => Math.max(min, Math.min(max, isNumber(value) ? value : otherwise)) };
}

export const text: Option<string | null> = {
  read: (value) => (typeof value === "string" && value !== "" ? value : null),
};

export const texts: Option<readonly string[]> = {
  read: (value) => (Array.isArray(value) ? value.filter((item) => typeof item === "string") : []),
};

export const numbersByName: Option<Readonly<Record<string, number>>> = {
  read: (value) =>
    typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).filter(([, number]) => isNumber(number)))
      : {},
};

/** Whether a panel moves through the steps together with others. */
export const inStep = toggle("In step", "Move together with other media panels that have this on");

/** The runs of a panel. */
export function scope(otherwise: "shown" | "listed") {
  return choice("Hidden runs", otherwise, { shown: "Left out", listed: "Included" });
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** A function that reads a panel's options as its kind declares them. */
export function optionsReader<const Declared extends DeclaredOptions>(declared: Declared) {
  const entries = Object.entries(declared);
  return ({ options }: Pick<Panel, "options">) =>
    Object.fromEntries(entries.map(([name, { read }]) => [name, read(options[name])])) as OptionsOf<Declared>;
}
