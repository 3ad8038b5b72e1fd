import { lazy, Suspense } from "react";
import type { ShownFile } from "@/api/files/files";
import { previewKind } from "@/data/files/preview-kind";
import { readableText } from "@/data/files/readable-text";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { StoredText } from "./stored-text";

const DiffView = lazy(() => import("@/ui/code/diff-view"));

interface Side {
  readonly file: ShownFile;
  /** Owner of the file. */
  readonly owner: string;
}

interface TextDiffProps {
  readonly name: string;
  readonly before: Side;
  readonly after: Side;
  readonly isSplit: boolean;
}

export function TextDiff({ name, before, after, isSplit }: TextDiffProps) {
  const kind = previewKind(after.file.path, after.file.media_type);
  return (
    <StoredText key={before.file.url} file={before.file}>
      {(old) => (
        <StoredText key={after.file.url} file={after.file}>
          {(own) => (
            <Suspense fallback={<SkeletonRows n={12} height={18} />}>
              <DiffView
                labels={[`${name} of ${before.owner}`, `${name} of ${after.owner}`]}
                path={name}
                before={readableText(kind, old)}
                after={readableText(kind, own)}
                isSplit={isSplit}
              />
            </Suspense>
          )}
        </StoredText>
      )}
    </StoredText>
  );
}
