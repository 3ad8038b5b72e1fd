/**
 * A run at a glance: when, where and how it ran, what it was given, what came of it.
 */

import { AlertsCard } from "./alerts-card";
import { ConfigCard } from "./config-card";
import { CodeCard, CommandCard, MachineCard } from "./machine-cards";
import { NotesCard } from "./notes-card";
import { RunCard } from "./run-card";
import { SummaryCard } from "./summary-card";

export function OverviewTab() {
  return (
    <div className="overview">
      <div className="stack">
        <RunCard />
        <AlertsCard />
        <NotesCard />
        <MachineCard />
      </div>
      <div className="stack">
        <CodeCard />
        <CommandCard />
        <ConfigCard />
      </div>
      <div className="stack">
        <SummaryCard />
      </div>
    </div>
  );
}
