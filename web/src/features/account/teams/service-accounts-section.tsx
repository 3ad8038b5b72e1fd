/** `/teams/NAME/service-accounts`: programs of a team, which have keys and no password. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { addServiceAccount, serviceAccountsQuery, teamQuery } from "@/api/people/teams";
import { Button } from "@/ui/controls/button";
import { TextField } from "@/ui/fields/field";
import { FormDialog, useSending } from "@/ui/overlays/dialog-form";
import { EmptyState } from "@/ui/signs/empty-state";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { Person } from "../../person";
import { KeysCard } from "../keys/keys-card";
import { SettingsHead } from "../settings-frame";
import { DeleteServiceAccount } from "./delete-service-account";
import type { TeamSectionProps } from "./team-head";

export function ServiceAccountsSection({ details, mayManage }: TeamSectionProps) {
  const { name } = details.team;
  const { data: accounts, error, refetch } = useQuery({ ...serviceAccountsQuery(name), enabled: mayManage });
  const [isAdding, setAdding] = useState(false);
  const [doomed, setDoomed] = useState<string | null>(null);
  return (
    <>
      <SettingsHead
        title="Service accounts"
        action={
          mayManage && (
            <Button look="ink" icon="plus" onClick={() => setAdding(true)}>
              New service account
            </Button>
          )
        }
      >
        Programs of the team, such as a nightly evaluation: they have keys and no password, and their runs
        belong to {name}.
      </SettingsHead>
      {!mayManage ? (
        <section className="card">
          <EmptyState icon="lock" title="For admins of the team">
            They make service accounts and their keys.
          </EmptyState>
        </section>
      ) : error && !accounts ? (
        <section className="card">
          <Fault title="The service accounts could not be read" error={error} onRetry={refetch} />
        </section>
      ) : accounts === undefined ? (
        <section className="card">
          <SkeletonRows n={2} label="Loading the service accounts" />
        </section>
      ) : accounts.length === 0 ? (
        <section className="card">
          <EmptyState icon="cpu" title="No service accounts yet">
            A key of a person ends with their work here; one of a service account does not.
          </EmptyState>
        </section>
      ) : (
        accounts.map((account) => (
          <KeysCard
            key={account.name}
            user={account.name}
            title={<Person user={account.name} />}
            more={
              <Button
                isSmall
                look="danger"
                className="q"
                aria-label={`Delete ${account.name}`}
                onClick={() => setDoomed(account.name)}
              >
                Delete
              </Button>
            }
          />
        ))
      )}
      <DeleteServiceAccount
        team={name}
        name={doomed ?? ""}
        isOpen={doomed !== null}
        onClose={() => setDoomed(null)}
      />
      {isAdding && <NewServiceAccount team={name} onClose={() => setAdding(false)} />}
    </>
  );
}

function NewServiceAccount({ team, onClose }: { team: string; onClose(): void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const sending = useSending(async () => {
    await addServiceAccount(team, name.trim());
    await Promise.all([
      client.invalidateQueries({ queryKey: serviceAccountsQuery(team).queryKey }),
      client.invalidateQueries({ queryKey: teamQuery(team).queryKey }),
    ]);
  });
  return (
    <FormDialog
      title="New service account"
      sending={sending}
      action="Make service account"
      isReady={name.trim() !== ""}
      onClosed={onClose}
    >
      <TextField
        label="Name"
        placeholder="night-eval"
        hint="No user or team has it. Runs show it as who made them."
        value={name}
        error={sending.fault}
        data-autofocus
        onChange={sending.edits(setName)}
      />
    </FormDialog>
  );
}
