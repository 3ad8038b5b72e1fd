import { ProseCard } from "@/ui/cards/prose-card";
import { useRunActions } from "../../runs/actions/run-actions";
import { useShownRun } from "../shown-run";

export function NotesCard() {
  const { project, run } = useShownRun();
  const { setNotes } = useRunActions(project);
  return (
    <ProseCard
      title="Notes"
      text={run.notes ?? ""}
      placeholder="What was tried, what came of it"
      onSave={(text) => void setNotes(run, run.notes ?? "", text)}
    />
  );
}
