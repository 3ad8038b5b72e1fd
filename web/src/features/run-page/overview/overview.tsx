/** A run at a glance: when, where and how it ran, what it was given, what came of it. */

import { useState } from "react";
import { ScrollRoot } from "@/panels/frame/use-in-view";
import { EnvironmentCard } from "../environment/environment-card";
import { ReproduceCard } from "../environment/reproduce-card";
import { AlertsCard } from "./alerts-card";
import { ConfigCard } from "./config-card";
import { KeyNumbers } from "./key-numbers";
import { NotesCard } from "./notes-card";
import { useScroller } from "./page-rows";
import { RunCard } from "./run-card";
import { SummaryCard } from "./summary-card";

export function OverviewTab() {
  const [page, setPage] = useState<HTMLElement | null>(null);
  return (
    <ScrollRoot value={useScroller(page)}>
      <div className="overview" ref={setPage}>
        <div className="stack">
          <KeyNumbers />
          <RunCard />
          <AlertsCard />
          <NotesCard />
          <EnvironmentCard />
          <ReproduceCard />
        </div>
        <div className="stack">
          <ConfigCard />
        </div>
        <div className="stack">
          <SummaryCard />
        </div>
      </div>
    </ScrollRoot>
  );
}
