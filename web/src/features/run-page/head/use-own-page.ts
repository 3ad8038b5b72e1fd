/**
 * The run's page as deleting its run sees it: the project's last view is shown instead, and the page again when the run is back.
 */

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { runKey } from "@/api/runs/run";
import type { OwnPage } from "../../runs/actions/run-actions";
import { searchOfLastView } from "../../view/last-view";
import { TABS } from "../run-tabs";
import { useShownRun } from "../shown-run";

export function useOwnPage(): OwnPage {
  const { project, run } = useShownRun();
  const client = useQueryClient();
  const router = useRouter();
  const page = { to: TABS.overview, params: { ...project, run: run.id } };
  return {
    async leave() {
      // another page may have been asked for meanwhile
      const { pathname } = router.buildLocation(page);
      if (`${router.latestLocation.pathname}/`.startsWith(`${pathname}/`))
        await router.navigate({
          to: "/$entity/$project",
          params: project,
          search: searchOfLastView(project) as never,
        });
      client.removeQueries({ queryKey: runKey(project, run.id) });
    },
    awaitRun() {
      const { pathname } = router.latestLocation;
      return async () => {
        if (router.latestLocation.pathname === pathname) await router.navigate(page);
      };
    },
  };
}
