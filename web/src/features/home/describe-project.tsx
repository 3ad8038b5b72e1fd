/**
 * A dialog that says what a project is about.
 */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { describeProject, projectsQuery } from "@/api/projects";
import type { Project } from "@/api/types";
import { Button } from "@/ui/controls/button";
import { TextField } from "@/ui/fields/field";
import { Dialog } from "@/ui/overlays/dialog";

export function DescribeProject({ project, onClose }: { project: Project; onClose(): void }) {
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(true);
  const [text, setText] = useState(project.description ?? "");
  const [error, setError] = useState<string | null>(null);
  const save = async () => {
    try {
      await describeProject(project, text.trim() || null);
      await client.invalidateQueries({ queryKey: projectsQuery.queryKey });
      setOpen(false);
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
    }
  };
  return (
    <Dialog
      title={`What ${project.project} is about`}
      isOpen={isOpen}
      onClose={() => setOpen(false)}
      onClosed={onClose}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField label="Description" value={text} error={error} data-autofocus onChange={setText} />
        <div className="dialog-end">
          <Button onClick={() => setOpen(false)}>Cancel</Button>
          <Button look="ink" type="submit">
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
