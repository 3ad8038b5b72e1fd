/**
 * The step of a media panel: its own, or one that several panels share. Pure.
 */

import type { Panel } from "./panel";
import type { View } from "./view";

/** The name of the step that panels in step share. */
const SHARED = "*";

/** Whether a panel moves through the steps together with others that do. */
export function isInStep({ options }: Pick<Panel, "options">): boolean {
  return options.isInStep === true;
}

function stepKey(panel: Panel): string {
  return isInStep(panel) ? SHARED : panel.id;
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
