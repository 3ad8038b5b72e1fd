/** The way to the run that was created before this one, and to the one after it, on the same tab. */

import { useQuery } from "@tanstack/react-query";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { type RunRow, rowsQuery } from "@/api/runs/run-rows";
import { useAwaited } from "@/ui/hooks/use-awaited";
import { usePageKeys } from "@/ui/keys/use-page-keys";
import { Icon } from "@/ui/signs/icons";
import { TABS, tabOf } from "../run-tabs";
import { useShownRun } from "../shown-run";

export function Neighbours() {
  const { project, run } = useShownRun();
  const created = (op: string, descending: boolean) => ({
    filter: `created ${op} ${run.created_micros}`,
    search: "",
    isRegex: false,
    order: [{ column: "created", descending }],
    columns: [],
  });
  const before = useQuery(rowsQuery(project, created("<", true), null, 0, 1));
  const after = useQuery(rowsQuery(project, created(">", false), null, 0, 1));
  const older = before.data?.rows[0];
  const newer = after.data?.rows[0];
  const tab = useLocation({ select: ({ pathname }) => tabOf(pathname) });
  const navigate = useNavigate();
  const pressed = useRef({ key: "", run: run.id });
  const go = (key: string, to: RunRow | undefined) => {
    // of two keys the last one counts, on the page where it was pressed
    if (pressed.current.key !== key || pressed.current.run !== run.id || !to) return;
    void navigate({ to: TABS[tab], params: { ...project, run: to.id } });
  };
  const goOlder = useAwaited(!before.isPending, () => go("j", older));
  const goNewer = useAwaited(!after.isPending, () => go("k", newer));
  usePageKeys((key) => {
    if (key !== "j" && key !== "k") return false;
    pressed.current = { key, run: run.id };
    // the newest run is the first of the list: j goes down in it
    if (key === "j") goOlder();
    else goNewer();
    return true;
  });
  return (
    <span className="row neighbours">
      <Neighbour to={older} tab={tab} icon="left" label="Older run" letter="j" />
      <Neighbour to={newer} tab={tab} icon="right" label="Newer run" letter="k" />
    </span>
  );
}

interface NeighbourProps {
  readonly to: RunRow | undefined;
  readonly icon: "left" | "right";
  readonly label: string;
  readonly tab: keyof typeof TABS;
  /** The key that leads there, too. */
  readonly letter: string;
}

function Neighbour({ to, tab, icon, label, letter }: NeighbourProps) {
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
      aria-label={label}
      title={`${label} (${letter}): ${to.name}`}
    >
      <Icon name={icon} />
    </Link>
  );
}
