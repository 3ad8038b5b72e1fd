/** One file: where it is, how large it is, what it contains, and the ways to take it away. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ShownFile } from "@/api/files/files";
import { baseName } from "@/data/files/base-name";
import { hasSource, previewKind } from "@/data/files/preview-kind";
import { formatBytes } from "@/data/text/format";
import { copyText } from "@/ui/browser/copy-text";
import { IconButton } from "@/ui/controls/icon-button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { EmptyState } from "@/ui/signs/empty-state";
import { Fault } from "@/ui/signs/fault";
import { Icon } from "@/ui/signs/icons";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { MidName } from "@/ui/text/mid-name";
import { useFileSource } from "./file-source";
import { PreviewContent } from "./preview-content";

const AWAITED_MILLIS = 3_000;
const LOOKS = [
  { value: "shown", label: "Preview" },
  { value: "source", label: "Source" },
] as const;

export function FilePreview({ path }: { path: string }) {
  const source = useFileSource();
  const query = useQuery({
    ...source.file(path),
    refetchInterval: ({ state }) => (state.data?.state === "awaited" ? AWAITED_MILLIS : false),
  });
  const [look, setLook] = useState<"shown" | "source">("shown");
  const file = query.data ?? null;
  const kind = file && previewKind(file.path, file.media_type);
  const name = baseName(path);
  return (
    <section className="part-main" aria-label={name}>
      <header className="part-head">
        <Icon name="file" isSmall />
        <h2 className="mono">
          <MidName name={path} />
        </h2>
        {file && (
          <span className="muted tn">
            {file.state === "stored" && `${formatBytes(file.n_bytes)}, `}
            {file.media_type}
          </span>
        )}
        <span className="grow" />
        {kind && hasSource(kind) && file.state === "stored" && (
          <SegmentedControl label="Look" value={look} options={LOOKS} onChange={setLook} />
        )}
        <IconButton
          icon="link"
          label="Copy link"
          onClick={() => void copyText(window.location.href, "the link to this file")}
        />
        {file?.state === "stored" && (
          <a className="btn q ico" href={file.url} download={name} aria-label="Download" data-tip="Download">
            <Icon name="download" />
          </a>
        )}
      </header>
      <div className="part-body">
        {query.isPending ? (
          <SkeletonRows n={12} height={18} />
        ) : query.isError ? (
          <Fault title="The file could not be looked up" error={query.error} onRetry={query.refetch} />
        ) : file === null ? (
          <EmptyState icon="file" title="No such file">
            {source.owner} has no file {path}.
          </EmptyState>
        ) : file.state === "stored" && kind ? (
          <PreviewContent key={file.sha256} file={file} kind={kind} isSource={look === "source"} />
        ) : (
          <NoContent file={file} />
        )}
      </div>
    </section>
  );
}

function NoContent({ file }: { file: ShownFile }) {
  const { awaited } = useFileSource();
  if (file.state === "reference")
    return (
      <EmptyState icon="link" title="Kept elsewhere">
        <span className="mono">{file.reference}</span>
      </EmptyState>
    );
  if (file.state === "failed")
    return (
      <EmptyState icon="warn" title="The file has no content">
        {file.error}
      </EmptyState>
    );
  return (
    <EmptyState icon="clock" title="Not sent yet">
      {awaited}
    </EmptyState>
  );
}
