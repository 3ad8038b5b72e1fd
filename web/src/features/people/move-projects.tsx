/**
 * Moves chosen projects to a user or team: first a preview of what would be refused and why, then all others at once.
 */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { moveProjects } from "@/api/people/access";
import { teamsQuery } from "@/api/people/teams";
import { projectId, projectsQuery, serverQuery } from "@/api/projects";
import type { ProjectRef } from "@/api/types";
import { faultText } from "@/data/text/fault-text";
import { formatNoun } from "@/data/text/format";
import { Combobox } from "@/ui/fields/combobox";
import { Field } from "@/ui/fields/field";
import { FormDialog, useSending } from "@/ui/overlays/dialog-form";
import { showDone } from "@/ui/overlays/toasts";
import { Icon } from "@/ui/signs/icons";
import { userSuggestion, useUserMatches } from "./user-field";
import "./people.css";

/** Suggestions of one kind: teams, users. */
const SUGGESTIONS = 8;

interface MoveProjectsProps {
  readonly projects: readonly ProjectRef[];
  onClose(): void;
  /** They were moved. */
  onMoved(): void;
}

export function MoveProjects({ projects, onClose, onMoved }: MoveProjectsProps) {
  const client = useQueryClient();
  const [entity, setEntity] = useState<string | null>(null);
  const names = projects.map(projectId);
  const preview = useQuery({
    queryKey: ["project-moves", entity, names],
    queryFn: () => moveProjects({ projects: names, entity: entity ?? "", dry_run: true }),
    enabled: entity !== null,
    staleTime: 0,
    retry: false,
  });
  const moves = preview.data?.moves ?? [];
  const movable = moves.filter(({ refusal }) => refusal === null);
  const sending = useSending(async () => {
    await moveProjects({ projects: movable.map(({ project }) => project), entity: entity ?? "" });
    await client.invalidateQueries({ queryKey: projectsQuery.queryKey });
    showDone(`${formatNoun(movable.length, "project")} moved to ${entity}. Old links lead there.`);
    onMoved();
  });
  return (
    <FormDialog
      title={`Move ${formatNoun(projects.length, "project")}`}
      width={520}
      sending={sending}
      className="dialog-fields"
      action={movable.length > 0 ? `Move ${formatNoun(movable.length, "project")}` : "Move"}
      isReady={movable.length > 0}
      onClosed={onClose}
    >
      <p className="t2">
        Runs keep their ids, times, files and lineage, and old links lead to them. Scripts that still log to
        the old paths are heard at the new ones.
      </p>
      <OwnerField onChoose={sending.edits(setEntity)} />
      {(sending.fault ?? preview.error) && (
        <p className="errt" role="alert">
          {sending.fault ?? faultText(preview.error)}
        </p>
      )}
      {moves.length > 0 && (
        <ul className="move-preview" aria-label="Preview">
          {moves.map(({ project, to, refusal }) => (
            <li key={project} className={refusal === null ? undefined : "refused"}>
              <Icon name={refusal === null ? "check" : "x"} isSmall />
              <span>
                {project}
                <span className="meta">{refusal ?? `to ${to}`}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </FormDialog>
  );
}

/** Offers oneself, one's teams, and to administrators all teams and users; null until one is chosen. */
function OwnerField({ onChoose }: { onChoose(entity: string | null): void }) {
  const [text, setText] = useState("");
  const { account = null, is_admin = false } = useQuery(serverQuery).data ?? {};
  const { data } = useQuery(teamsQuery);
  const users = useUserMatches(text, is_admin).filter(({ name, team }) => name !== account && team === null);
  const needle = text.trim().toLowerCase();
  const teams = (data?.teams ?? [])
    .filter(({ role }) => is_admin || role === "member" || role === "admin")
    .filter(({ name, display_name }) => `${name} ${display_name}`.toLowerCase().includes(needle));
  const isOwnShown = account?.toLowerCase().includes(needle) ?? false;
  const choose = (next: string) => {
    setText(next);
    onChoose(next.trim() || null);
  };
  return (
    <Field label="New owner">
      <Combobox
        label="New owner"
        text={text}
        placeholder="A user or team"
        autoFocus
        suggestions={[
          ...(account !== null && isOwnShown ? [{ value: account, meta: "you" }] : []),
          ...teams
            .slice(0, SUGGESTIONS)
            .map(({ name, display_name }) => ({ value: name, label: display_name || name, meta: "team" })),
          ...users.slice(0, SUGGESTIONS).map(userSuggestion),
        ]}
        nothing={null}
        onText={(next) => {
          setText(next);
          onChoose(null);
        }}
        onChoose={choose}
        onEnter={choose}
        onLeave={() => choose(text)}
      />
    </Field>
  );
}
