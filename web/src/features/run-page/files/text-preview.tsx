/**
 * The text of a file: code in colours, JSON with line breaks, prose in Markdown, the cells of a notebook.
 */

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import type { StoredFile } from "@/api/files";
import { contentQuery } from "@/api/media";
import type { PreviewKind } from "@/data/files/preview-kind";
import { readableText } from "@/data/files/readable-text";
import { formatBytes } from "@/data/format";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { NoPreview } from "./no-preview";

const CodeView = lazy(() => import("@/ui/code/code-view"));
const MarkdownText = lazy(() => import("@/ui/text/markdown-text"));

/** Larger files can only be downloaded. */
const MOST_BYTES = 32 * 2 ** 20;

interface TextPreviewProps {
  readonly file: StoredFile;
  readonly kind: PreviewKind;
  readonly isSource: boolean;
}

export function TextPreview({ file, kind, isSource }: TextPreviewProps) {
  const isShown = file.n_bytes <= MOST_BYTES;
  const query = useQuery({
    ...contentQuery(file, "text", (answer) => answer.text()),
    enabled: isShown,
  });
  const text = query.data;
  const readable = useMemo(
    () => (text === undefined ? null : isSource ? text : readableText(kind, text)),
    [text, kind, isSource],
  );
  if (!isShown)
    return <NoPreview file={file}>{`Texts of over ${formatBytes(MOST_BYTES)} are not shown`}</NoPreview>;
  if (query.isError) return <NoPreview file={file}>{query.error.message}</NoPreview>;
  if (readable === null) return <SkeletonRows n={12} height={18} />;
  if (kind === "markdown" && !isSource)
    return (
      <div className="file-prose md">
        <Suspense fallback={readable}>
          <MarkdownText text={readable} />
        </Suspense>
      </div>
    );
  return (
    <Suspense fallback={<SkeletonRows n={12} height={18} />}>
      <CodeView
        label={file.path}
        path={kind === "notebook" && isSource ? "notebook.json" : file.path}
        text={readable}
        wraps={kind === "text" && file.path.endsWith(".txt")}
      />
    </Suspense>
  );
}
