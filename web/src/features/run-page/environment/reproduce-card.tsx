/** The commands that start a run again, to be copied, and the folder in which it ran. */

import { reproduceText } from "@/data/environment/reproduce";
import { useShownRun } from "../shown-run";
import { CopiedCard } from "./copied-card";
import { useEnvironment } from "./use-environment";

export function ReproduceCard() {
  const { run } = useShownRun();
  const { facts, stored, lacking } = useEnvironment();
  if (!stored) return null;
  const hasPackages = stored.packages?.state === "stored";
  const hasCode = stored.code.length > 0;
  const text = reproduceText({
    path: `${run.entity}/${run.project}/${run.id}`,
    run: run.id,
    facts,
    hasPackages,
    hasCode,
  });
  const notes = lacking([
    ...(facts.git.commit ? [] : (["commit"] as const)),
    ...(hasPackages ? [] : (["packages"] as const)),
    ...(hasCode ? [] : (["code"] as const)),
  ]);
  const { command, folder } = facts;
  if (text === null && command === null && notes.length === 0) return null;
  return (
    // without code to get, the command is what there is
    <CopiedCard title="Reproduce" icon="redo" text={text ?? command} noun="commands">
      {folder && (
        <div className="meta ell" title={folder}>
          ran in <span className="mono">{folder}</span>
        </div>
      )}
      {notes.length > 0 && (
        <ul className="env-notes" aria-label="Not recorded">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </CopiedCard>
  );
}
