/** Where a file can't be shown: why, and the way to take it away. */

import type { ShownFile } from "@/api/files/files";
import { baseName } from "@/data/files/base-name";
import { EmptyState } from "@/ui/signs/empty-state";

export function NoPreview({ file, children }: { file: ShownFile; children?: string }) {
  return (
    <EmptyState
      icon="file"
      title={children ?? "Files of this type are not shown"}
      action={
        <a className="btn" href={file.url} download={baseName(file.path)}>
          Download
        </a>
      }
    />
  );
}
