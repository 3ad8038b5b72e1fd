/**
 * The way to the run that was created before this one, and to the one after it, on the same tab.
 */

import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { type RunRow, rowsQuery } from "@/api/run-rows";
import { Icon } from "@/ui/icons";
import { usePageKeys } from "@/ui/use-page-keys";
import { TABS, tabOf } from "./run-tabs";
import { useShownRun } from "./shown-run";

export function Neighbours() {
  const { project, run } = useShownRun();
  const created = (op: string, descending: boolean) => ({
    filter: `created ${op} ${run.created_micros}`,
    search: "",
    isRegex: false,
    order: [{ column: "created", descending }],
    columns: [],
  });
  const older = useQuery(rowsQuery(project, created("<", true), null, 0, 1)).data?.rows[0];
  const newer = useQuery(rowsQuery(project, created(">", false), null, 0, 1)).data?.rows[0];
  const tab = useLocation({ select: ({ pathname }) => tabOf(pathname) });
  const navigate = useNavigate();
  usePageKeys((key) => {
    // the newest run is the first of the list: j goes down in it
    const to = key === "j" ? older : key === "k" ? newer : undefined;
    if (!to) return false;
    void navigate({ to: TABS[tab], params: { ...project, run: to.id } });
    return true;
  });
  return (
    <span className="row neighbours">
      <Neighbour to={older} tab={tab} icon="left" what="Older run" letter="j" />
      <Neighbour to={newer} tab={tab} icon="right" what="Newer run" letter="k" />
    </span>
  );
}

interface NeighbourProps {
  readonly to: RunRow | undefined;
  readonly icon: "left" | "right";
  readonly what: string;
  readonly tab: keyof typeof TABS;
  /** The key that leads there, too. */
  readonly letter: string;
}

function Neighbour({ to, tab, icon, what, letter }: NeighbourProps) {
  const { project } = useShownRun();
  if (!to)
    return (
      <span className="btn q ico off" aria-hidden="true">
        <Icon name={icon} />
      </span>
    );
  return (
    <Link
      to={TABS[tab]}
      params={{ ...project, run: to.id }}
      className="btn q ico"
      aria-label={what}
      title={`${what} (${letter}): ${to.name}`}
    >
      <Icon name={icon} />
    </Link>
  );
}
