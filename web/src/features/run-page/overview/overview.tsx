/** A run at a glance: when, where and how it ran, what it was given, what came of it. */

import { EnvironmentCard } from "../environment/environment-card";
import { ReproduceCard } from "../environment/reproduce-card";
import { AlertsCard } from "./alerts-card";
import { ConfigCard } from "./config-card";
import { KeyNumbers } from "./key-numbers";
import { NotesCard } from "./notes-card";
import { RunCard } from "./run-card";
import { SummaryCard } from "./summary-card";

export function OverviewTab() {
  return (
    <div className="overview">
      <div className="stack">
        <KeyNumbers />
        <RunCard />
        <AlertsCard />
        <NotesCard />
        <EnvironmentCard />
      </div>
      <div className="stack">
        <ConfigCard />
      </div>
      <div className="stack">
        <SummaryCard />
        <ReproduceCard />
      </div>
    </div>
  );
}
