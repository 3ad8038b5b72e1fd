/** The values of a panel's metrics at the panel's step, by run, and the steps that have any. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type MediaSeries, mediaQuery, mediaStepsQuery } from "@/api/files/media";
import { placeOfStep, stepAtPlace } from "@/data/media/steps";
import { useStable } from "@/ui/hooks/use-stable";
import type { PanelBox } from "../frame/panel-frame";
import type { PanelProps } from "../panel-props";
import { mediaGroups } from "./grid/media-groups";
import { useFirstRuns } from "./use-first-runs";

const NO_STEPS: readonly number[] = [];
const NO_SERIES: readonly MediaSeries[] = [];

export function useMediaAtStep(props: PanelProps, box: PanelBox) {
  const { panel, project, runs, step, onStep } = props;
  const { keys } = panel;
  const ids = useFirstRuns(props);
  const enabled = box.isOn && keys.length > 0 && ids.length > 0;
  const steps = useQuery({ ...mediaStepsQuery(project, ids, keys), enabled });
  const live = useMemo(() => runs.filter(({ isLive }) => isLive).map(({ id }) => id), [runs]);
  // tells which runs have any, whatever the step
  const last = useQuery({ ...mediaQuery(project, ids, keys, null, live), enabled });
  const list = steps.data?.steps ?? NO_STEPS;
  const at = placeOfStep(list, step);
  const shown = step === null ? null : (list[at] ?? step);
  const query = useQuery({ ...mediaQuery(project, ids, keys, shown, live), enabled });
  const groups = useMemo(
    () => mediaGroups(runs, keys, last.data ?? NO_SERIES, query.data ?? NO_SERIES),
    [runs, keys, last.data, query.data],
  );
  const onPlace = useStable((next: number) => onStep(panel.id, stepAtPlace(list, next)));
  return {
    /** The runs that were asked for. */
    ids,
    live,
    enabled,
    steps: list,
    nSteps: steps.data?.total ?? 0,
    at,
    /** The question for the last of all, and that for the panel's step. */
    last,
    query,
    groups,
    onPlace,
  };
}
