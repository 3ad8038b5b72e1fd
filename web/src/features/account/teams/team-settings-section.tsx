/** `/teams/NAME/settings`: names of a team, the visibility of its new projects, and its deletion. */

import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import {
  askTeamLocks,
  deleteTeam,
  editTeam,
  type TeamEdit,
  teamQuery,
  teamsQuery,
  undeleteTeam,
} from "@/api/people/teams";
import { projectsQuery } from "@/api/projects";
import type { Schemas } from "@/api/types";
import { faultText } from "@/data/text/fault-text";
import { formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { Select } from "@/ui/controls/select";
import { Switch } from "@/ui/controls/switch";
import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";
import { attempt, showDone } from "@/ui/overlays/toasts";
import { LockedTeam } from "../../people/locked-project";
import { SettingRow, TextSetting } from "../../people/setting-row";
import { VISIBILITIES } from "../../people/visibility";
import { SettingsHead } from "../settings-frame";
import type { TeamSectionProps } from "./team-head";

export function TeamSettingsSection({ details, mayManage }: TeamSectionProps) {
  const client = useQueryClient();
  const { team } = details;
  const save = async (edit: TeamEdit) => {
    client.setQueryData(teamQuery(team.name).queryKey, await editTeam(team.name, edit));
    await client.invalidateQueries({ queryKey: teamsQuery.queryKey });
  };
  const choose = (edit: TeamEdit) => void attempt(`Could not change ${team.name}`, () => save(edit));
  const visibility = VISIBILITIES.find(({ value }) => value === team.default_visibility);
  return (
    <div className="narrow-page">
      <SettingsHead title="Settings">
        {mayManage ? "Of the team and its new projects." : "Admins of the team may change them."}
      </SettingsHead>
      <section className="card" aria-label="General">
        <h2>General</h2>
        <TextSetting
          name="Display name"
          value={team.display_name}
          placeholder={team.name}
          isDisabled={!mayManage}
          save={(display_name) => save({ display_name })}
        />
        <SettingRow name="Name" hint="in links, and as entity in scripts">
          <span className="mono">{team.name}</span>
        </SettingRow>
        <TextSetting
          name="Description"
          value={team.description}
          placeholder="none"
          isLong
          isDisabled={!mayManage}
          save={(description) => save({ description })}
        />
      </section>
      <section className="card" aria-label="Projects">
        <h2>Projects</h2>
        <SettingRow name="New projects are" hint={visibility?.meta}>
          {mayManage ? (
            <Select
              label="New projects are"
              value={team.default_visibility}
              options={VISIBILITIES.filter(
                ({ value }) => !team.is_closed || value === "private" || value === "restricted",
              )}
              onChange={(default_visibility) => choose({ default_visibility })}
            />
          ) : (
            <span className="t2">{visibility?.label}</span>
          )}
        </SettingRow>
        <SettingRow
          name="Closed"
          hint="no project can become open or public, and nothing can be shared by a link"
        >
          {mayManage ? (
            <Switch label="Closed" isOn={team.is_closed} onChange={(is_closed) => choose({ is_closed })} />
          ) : (
            <span className="t2">{team.is_closed ? "yes" : "no"}</span>
          )}
        </SettingRow>
      </section>
      {mayManage && <DeleteCard name={team.name} nProjects={team.n_projects} />}
    </div>
  );
}

function DeleteCard({ name, nProjects }: { name: string; nProjects: number }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [isAsking, setAsking] = useState(false);
  const [locks, setLocks] = useState<Schemas["TeamLocks"]["projects"] | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const refresh = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: teamsQuery.queryKey }),
      client.invalidateQueries({ queryKey: projectsQuery.queryKey }),
    ]);
  const restore = () =>
    attempt(`Could not restore ${name}`, async () => {
      await undeleteTeam(name);
      await refresh();
      showDone(`${name} is restored`);
    });
  const remove = async () => {
    try {
      await deleteTeam(name);
    } catch (error) {
      // it names what is linked, or was locked a moment ago
      setRefusal(faultText(error));
      return;
    }
    setAsking(false);
    await attempt("Could not read the teams", async () => {
      await navigate({ to: "/" });
      await refresh();
      showDone(`${name} is in the trash`, { label: "Undo", run: () => void restore() });
    });
  };
  const ask = () =>
    attempt(`Could not look for locks in ${name}`, async () => {
      const locked = await askTeamLocks(name);
      if (Object.keys(locked).length > 0) {
        setLocks(locked);
        return;
      }
      setRefusal(null);
      setAsking(true);
    });
  return (
    <section className="card danger-card" aria-label="Delete">
      <h2>Delete</h2>
      <SettingRow
        name="Delete this team"
        hint={`${formatNoun(nProjects, "project")} ${nProjects === 1 ? "goes" : "go"} to the trash with it`}
        act={
          <Button look="danger" onClick={() => void ask()}>
            Delete team
          </Button>
        }
      />
      {locks && <LockedTeam team={name} locks={locks} onClose={() => setLocks(null)} />}
      <ConfirmDialog
        title={`Delete ${name}?`}
        isOpen={isAsking}
        action="Delete team"
        onClose={() => setAsking(false)}
        onConfirm={() => void remove()}
      >
        <p className="dialog-text">
          The team and {formatNoun(nProjects, "project")} go to the trash. Its members see none of them, and
          scripts that log to them are refused, until an admin of the team restores it.
        </p>
        {refusal && (
          <div className="errt" role="alert">
            {refusal}
          </div>
        )}
      </ConfirmDialog>
    </section>
  );
}
