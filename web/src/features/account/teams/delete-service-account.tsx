/** Asks before a service account is deleted with its keys. */

import { useQueryClient } from "@tanstack/react-query";
import { deleteServiceAccount, serviceAccountsQuery, teamQuery, teamsQuery } from "@/api/people/teams";
import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";
import { attempt, showDone } from "@/ui/overlays/toasts";

interface DeleteServiceAccountProps {
  readonly team: string;
  readonly name: string;
  readonly isOpen: boolean;
  onClose(): void;
}

export function DeleteServiceAccount({ team, name, isOpen, onClose }: DeleteServiceAccountProps) {
  const client = useQueryClient();
  const remove = async () => {
    onClose();
    await attempt(`Could not delete ${name}`, async () => {
      await deleteServiceAccount(team, name);
      showDone(`The service account ${name} is deleted`);
      await Promise.all(
        [serviceAccountsQuery(team), teamQuery(team), teamsQuery].map(({ queryKey }) =>
          client.invalidateQueries({ queryKey }),
        ),
      );
    });
  };
  return (
    <ConfirmDialog
      title={`Delete the service account ${name}?`}
      isOpen={isOpen}
      action="Delete account"
      onClose={onClose}
      onConfirm={() => void remove()}
    >
      <p className="dialog-text">
        Its keys are refused at once, and scripts that use them can send nothing more. Its runs and artifacts
        stay with {team}.
      </p>
    </ConfirmDialog>
  );
}
