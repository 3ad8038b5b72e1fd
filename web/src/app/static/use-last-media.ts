/** Takes the place of media at a step in a static file, which has the last ones of each run. */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type MediaSeries, mediaQuery } from "@/api/files/media";
import type { PanelBox } from "@/panels/frame/panel-frame";
import { mediaGroups } from "@/panels/media/grid/media-groups";
import { useFirstRuns } from "@/panels/media/use-first-runs";
import type { useMediaAtStep as ofServer } from "@/panels/media/use-media-at-step";
import type { PanelProps } from "@/panels/panel-props";

const NO_SERIES: readonly MediaSeries[] = [];

export function useMediaAtStep(props: PanelProps, box: PanelBox): ReturnType<typeof ofServer> {
  const { panel, project, runs } = props;
  const { keys } = panel;
  const ids = useFirstRuns(props);
  const enabled = box.isOn && keys.length > 0 && ids.length > 0;
  const live = useMemo(() => runs.filter(({ isLive }) => isLive).map(({ id }) => id), [runs]);
  const query = useQuery({ ...mediaQuery(project, ids, keys, null, live), enabled, refetchInterval: false });
  const series = query.data ?? NO_SERIES;
  const groups = useMemo(() => mediaGroups(runs, keys, series, series), [runs, keys, series]);
  // one step, that nothing leads away from
  const steps = useMemo(() => lastStep(series), [series]);
  return { ids, live, enabled, steps, nSteps: steps.length, at: 0, last: query, query, groups, onPlace };
}

function lastStep(series: readonly MediaSeries[]): readonly number[] {
  const steps = series.flatMap(({ step }) => step ?? []);
  return steps.length > 0 ? [Math.max(...steps)] : [];
}

function onPlace(): void {}
