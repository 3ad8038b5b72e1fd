/** The step of a media panel: its own, or one that several panels share. Pure. */

import type { Panel } from "./panel";
import type { View } from "./view";

/** The name of the step that panels in step share. */
const SHARED = "*";

/** Panels with the option `isInStep` move through the steps together. */
function stepKey({ id, options }: Panel): string {
  return options.isInStep === true ? SHARED : id;
}

/** The step that a panel shows; null: the last. */
export function stepOf(view: Pick<View, "mediaSteps">, panel: Panel): number | null {
  return view.mediaSteps[stepKey(panel)] ?? null;
}

/** The change that has a panel, and those in step with it, show a step; null: the last. */
export function withStep(
  view: Pick<View, "mediaSteps">,
  panel: Panel,
  step: number | null,
): Pick<View, "mediaSteps"> {
  const { [stepKey(panel)]: _, ...others } = view.mediaSteps;
  return { mediaSteps: step === null ? others : { ...others, [stepKey(panel)]: step } };
}
