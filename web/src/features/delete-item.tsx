import { MenuItem } from "@/ui/overlays/menu";

interface DeleteItemProps {
  /** Who locked it: it says so instead of failing. */
  readonly lockedBy: string | null | undefined;
  onChoose(): void;
}

/** The item of a menu that deletes a run or a version. */
export function DeleteItem({ lockedBy, onChoose }: DeleteItemProps) {
  return (
    <MenuItem
      isDanger
      icon="trash"
      isDisabled={Boolean(lockedBy)}
      end={lockedBy ? <span className="meta">locked by {lockedBy}</span> : undefined}
      onChoose={onChoose}
    >
      Delete
    </MenuItem>
  );
}
