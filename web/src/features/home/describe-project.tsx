import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { describeProject, projectsQuery } from "@/api/projects";
import type { Project } from "@/api/types";
import { Field } from "@/ui/fields/field";
import { FormDialog, useSending } from "@/ui/overlays/dialog-form";

export function DescribeProject({ project, onClose }: { project: Project; onClose(): void }) {
  const client = useQueryClient();
  const id = useId();
  const [text, setText] = useState(project.description ?? "");
  const sending = useSending(async () => {
    await describeProject(project, text.trim() || null);
    await client.invalidateQueries({ queryKey: projectsQuery.queryKey });
  });
  return (
    <FormDialog title={`What ${project.project} is about`} sending={sending} action="Save" onClosed={onClose}>
      <Field label="Description" htmlFor={id} error={sending.fault}>
        <textarea
          id={id}
          dir="auto"
          rows={Math.min(10, text.split("\n").length + 2)}
          value={text}
          data-autofocus
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}
