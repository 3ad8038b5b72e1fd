import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { describeProject, projectsQuery } from "@/api/projects";
import type { Project } from "@/api/types";
import { TextField } from "@/ui/fields/field";
import { Dialog } from "@/ui/overlays/dialog";
import { DialogForm, useSending } from "@/ui/overlays/dialog-form";

export function DescribeProject({ project, onClose }: { project: Project; onClose(): void }) {
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(true);
  const [text, setText] = useState(project.description ?? "");
  const sending = useSending(async () => {
    await describeProject(project, text.trim() || null);
    await client.invalidateQueries({ queryKey: projectsQuery.queryKey });
    setOpen(false);
  });
  return (
    <Dialog
      title={`What ${project.project} is about`}
      isOpen={isOpen}
      onClose={() => setOpen(false)}
      onClosed={onClose}
    >
      <DialogForm sending={sending} action="Save" onCancel={() => setOpen(false)}>
        <TextField label="Description" value={text} error={sending.fault} data-autofocus onChange={setText} />
      </DialogForm>
    </Dialog>
  );
}
