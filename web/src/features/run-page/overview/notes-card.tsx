import { ProseCard } from "@/ui/cards/prose-card";
import { Ago } from "@/ui/text/ago";
import { Person, useHasAccounts } from "../../person";
import { useRunActions } from "../../runs/actions/run-actions";
import { useRights } from "../../use-rights";
import { useShownRun } from "../shown-run";

export function NotesCard() {
  const { project, run } = useShownRun();
  const { setNotes } = useRunActions(project);
  const { mayWrite } = useRights(project);
  return (
    <ProseCard
      title="Notes"
      text={run.notes ?? ""}
      placeholder="What was tried, what came of it"
      foot={run.notes && run.notes_micros && <WrittenBy user={run.notes_by} micros={run.notes_micros} />}
      onSave={mayWrite ? (text) => void setNotes(run, run.notes ?? "", text) : undefined}
    />
  );
}

function WrittenBy({ user, micros }: { user: string | null; micros: number }) {
  const hasAccounts = useHasAccounts();
  return (
    <span className="row">
      Edited <Ago micros={micros} suffix=" ago" /> {hasAccounts && user && <Person user={user} size="sm" />}
    </span>
  );
}
