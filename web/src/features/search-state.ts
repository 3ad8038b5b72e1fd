/** State of a page or a tab that the search part of its address keeps. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

type SearchText = Readonly<Record<string, string | undefined>>;

/** A part of the state, and how a parameter of the address holds it. */
export interface Parameter<T> {
  readonly name: string;
  /** '': the address does not have it. */
  read(text: string): T;
  /** '': the address needs no parameter for it. */
  write(value: T): string;
}

type Parameters = Readonly<Record<string, Parameter<unknown>>>;

export type StateOf<P> = { readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never };

export function textParameter(name: string): Parameter<string> {
  return { name, read: (text) => text, write: (value) => value };
}

/** A switch, which the address has only where it is not as at first. */
export function switchParameter(name: string, otherwise = false): Parameter<boolean> {
  const changed = otherwise ? "0" : "1";
  return {
    name,
    read: (text) => (text === changed) !== otherwise,
    write: (value) => (value === otherwise ? "" : changed),
  };
}

/** One of a few texts; another one is as if it were not there. */
export function choiceParameter<T extends string, None extends string | null>(
  name: string,
  choices: readonly T[],
  none: None,
): Parameter<T | None> {
  return {
    name,
    read: (text) => choices.find((choice) => choice === text) ?? none,
    write: (value) => (value === none ? "" : (value as string)),
  };
}

export function readState<P extends Parameters>(parameters: P, search: SearchText): StateOf<P> {
  const entries = Object.entries(parameters).map(([key, { name, read }]) => [key, read(search[name] ?? "")]);
  return Object.fromEntries(entries) as StateOf<P>;
}

/** The search part of an address after a change; what it holds besides the state stays. */
export function changedSearch<P extends Parameters>(
  parameters: P,
  search: SearchText,
  change: Partial<StateOf<P>>,
): SearchText {
  const state = { ...readState(parameters, search), ...change };
  const next: Record<string, string | undefined> = { ...search };
  for (const [key, { name, write }] of Object.entries(parameters)) {
    const text = write((state as Record<string, unknown>)[key]);
    if (text === "") delete next[name];
    else next[name] = text;
  }
  return next;
}

/** @param parameters the same object at each call */
export function useSearchState<P extends Parameters>(
  parameters: P,
): [StateOf<P>, (change: Partial<StateOf<P>>) => void] {
  const search = useSearch({ strict: false }) as SearchText;
  const navigate = useNavigate();
  const state = useMemo(() => readState(parameters, search), [parameters, search]);
  const change = useCallback(
    (changed: Partial<StateOf<P>>) =>
      void navigate({
        to: ".",
        search: ((before: SearchText) => changedSearch(parameters, before, changed)) as never,
        replace: true,
        resetScroll: false,
      }),
    [navigate, parameters],
  );
  return [state, change];
}
