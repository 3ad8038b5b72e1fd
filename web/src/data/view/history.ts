/**
 * The changes of a view, step by step, and the way back. Pure.
 *
 * A step holds only the fields that it changed; fields of the moment (`PASSING`) make none.
 */

import { wayBack } from "./document";
import { PASSING, type View } from "./view";

interface Step {
  readonly before: Partial<View>;
  readonly after: Partial<View>;
  /** Changes of the same name in a row are one step: a slider's. */
  readonly name: string | null;
  readonly millis: number;
}

export interface ViewHistory {
  readonly past: readonly Step[];
  readonly future: readonly Step[];
}

export const NO_HISTORY: ViewHistory = { past: [], future: [] };

const MAX_STEPS = 200;
/** After a rest, the same slider begins another step. */
const COALESCE_MILLIS = 1500;

const PASSING_SET: ReadonlySet<string> = new Set(PASSING);

/** The fields of a change that last, and differ from what they were. */
function lasting(view: View, part: Partial<View>): Partial<View> {
  const entries = Object.entries(part).filter(
    ([key, value]) => !PASSING_SET.has(key) && !Object.is(view[key as keyof View], value),
  );
  return Object.fromEntries(entries) as Partial<View>;
}

function fieldsOf(view: View, part: Partial<View>): Partial<View> {
  return Object.fromEntries(Object.keys(part).map((key) => [key, view[key as keyof View]])) as Partial<View>;
}

/** The history once `part` is set on `view`; the same one when nothing that lasts has changed. */
export function withStep(
  history: ViewHistory,
  view: View,
  part: Partial<View>,
  name: string | null,
  millis: number,
): ViewHistory {
  const after = lasting(view, part);
  if (Object.keys(after).length === 0) return history;
  const last = history.past.at(-1);
  const step: Step = { before: fieldsOf(view, after), after, name, millis };
  if (last && name !== null && last.name === name && millis - last.millis < COALESCE_MILLIS) {
    const joined = {
      ...step,
      before: { ...step.before, ...last.before },
      after: { ...last.after, ...after },
    };
    return { past: [...history.past.slice(0, -1), joined], future: [] };
  }
  return { past: [...history.past.slice(1 - MAX_STEPS), step], future: [] };
}

/** Undoes the last step: the fields to set, and the history that remains; null when there is nothing to undo. */
export function undone(
  history: ViewHistory,
  view: View,
): { part: Partial<View>; history: ViewHistory } | null {
  const step = history.past.at(-1);
  if (!step) return null;
  return {
    // another tab may have changed other panels since
    part: wayBack(view, step.before, step.after),
    history: { past: history.past.slice(0, -1), future: [...history.future, { ...step, name: null }] },
  };
}

/** Redoes the step that was undone last; null when there is none. */
export function redone(
  history: ViewHistory,
  view: View,
): { part: Partial<View>; history: ViewHistory } | null {
  const step = history.future.at(-1);
  if (!step) return null;
  return {
    part: wayBack(view, step.after, step.before),
    history: { past: [...history.past, step], future: history.future.slice(0, -1) },
  };
}
