/** The text of a file: code in colours, JSON with line breaks, prose in Markdown, the cells of a notebook. */

import { lazy, Suspense, useMemo } from "react";
import type { ShownFile } from "@/api/files/files";
import type { PreviewKind } from "@/data/files/preview-kind";
import { readableText } from "@/data/files/readable-text";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { StoredText } from "./stored-text";

const CodeView = lazy(() => import("@/ui/code/code-view"));
const MarkdownText = lazy(() => import("@/ui/text/markdown-text"));

interface TextPreviewProps {
  readonly file: ShownFile;
  readonly kind: PreviewKind;
  readonly isSource: boolean;
}

export function TextPreview(props: TextPreviewProps) {
  return <StoredText file={props.file}>{(text) => <Text {...props} text={text} />}</StoredText>;
}

function Text({ file, kind, isSource, text }: TextPreviewProps & { readonly text: string }) {
  const shown = useMemo(() => (isSource ? text : readableText(kind, text)), [text, kind, isSource]);
  if (kind === "markdown" && !isSource)
    return (
      <div className="file-prose md">
        <Suspense fallback={shown}>
          <MarkdownText text={shown} />
        </Suspense>
      </div>
    );
  return (
    <Suspense fallback={<SkeletonRows n={12} height={18} />}>
      <CodeView
        label={file.path}
        path={kind === "notebook" && isSource ? "notebook.json" : file.path}
        text={shown}
        wraps={file.path.endsWith(".txt")}
      />
    </Suspense>
  );
}
