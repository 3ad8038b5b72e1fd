import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { publishReport } from "@/api/reports/reports";
import type { ProjectRef } from "@/api/types";
import { Button } from "@/ui/controls/button";
import { attempt, showDone } from "@/ui/overlays/toasts";

interface PublishButtonProps {
  readonly project: ProjectRef;
  readonly report: string;
  readonly title: string;
  /** Ends once the server has all of the draft; absent where it has. */
  saveDraft?(): Promise<void>;
  onPublished(): void;
}

export function PublishButton({ project, report, title, saveDraft, onPublished }: PublishButtonProps) {
  const client = useQueryClient();
  const [isSending, setSending] = useState(false);
  const publish = async () => {
    setSending(true);
    await attempt("Could not publish the report", async () => {
      await saveDraft?.();
      await publishReport(client, project, report);
      showDone(`Published ${title}`);
      onPublished();
    });
    setSending(false);
  };
  return (
    <Button look="ink" isSmall disabled={isSending} onClick={() => void publish()}>
      Publish
    </Button>
  );
}
