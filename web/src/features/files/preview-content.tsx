/** The content of a file by its kind. What needs a large library is loaded with the first that is shown. */

import { lazy, Suspense, useMemo } from "react";
import type { ShownFile } from "@/api/files/files";
import type { MediaItem } from "@/api/files/media";
import { isTextKind, type PreviewKind, viewOf } from "@/data/files/preview-kind";
import { MediaContent } from "@/panels/media/media-content";
import { mediaOptions } from "@/panels/media/options";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { fileItem } from "./file-item";
import { NoPreview } from "./no-preview";
import { TablePreview } from "./table-preview";
import { TextPreview } from "./text-preview";
import { useIsText } from "./use-is-text";
import "@/panels/media/media.css";

const PdfPreview = lazy(() => import("./pdf-preview"));

const MEDIA_LOOK = mediaOptions({ options: {} });
interface PreviewContentProps {
  readonly file: ShownFile;
  readonly kind: PreviewKind;
  /** As it is written, of kinds that look otherwise. */
  readonly isSource: boolean;
}

export function PreviewContent({ file, kind, isSource }: PreviewContentProps) {
  // this content and no other, which the browser may keep
  const content = useMemo(() => ({ ...file, url: `${file.url}?sha256=${file.sha256}` }), [file]);
  const view = viewOf(kind);
  if (view === "text" || (isSource && isTextKind(kind)))
    return <TextPreview file={content} kind={kind} isSource={isSource} />;
  if (view === "table") return <TablePreview file={content} />;
  if (view === "pdf")
    return (
      <Suspense fallback={<SkeletonRows n={12} height={18} />}>
        <PdfPreview file={content} />
      </Suspense>
    );
  if (view === "unknown") return <Unknown file={content} />;
  if (view === "media") return <MediaPreview file={content} kind={kind as MediaItem["kind"]} />;
  return <NoPreview file={file} />;
}

function MediaPreview({ file, kind }: { file: ShownFile; kind: MediaItem["kind"] }) {
  const item = useMemo(() => fileItem(file, kind), [file, kind]);
  return (
    <div className="media-stage" data-kind={kind}>
      <MediaContent item={item} options={MEDIA_LOOK} isLarge />
    </div>
  );
}

/** Its first bytes tell whether it can be read. */
function Unknown({ file }: { file: ShownFile }) {
  const isReadable = useIsText(file);
  if (isReadable === null) return <SkeletonRows n={12} height={18} />;
  return isReadable ? <TextPreview file={file} kind="text" isSource={false} /> : <NoPreview file={file} />;
}
