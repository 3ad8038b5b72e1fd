/**
 * A file of code that differs between two runs.
 */

import { lazy, Suspense } from "react";
import type { StoredFile } from "@/api/files";
import { previewKind } from "@/data/files/preview-kind";
import { readableText } from "@/data/files/readable-text";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { MidName } from "@/ui/text/mid-name";
import { useShownRun } from "../shown-run";
import { StoredText } from "../stored-text";

const DiffView = lazy(() => import("@/ui/code/diff-view"));

interface CodeDiffProps {
  readonly name: string;
  readonly own: StoredFile;
  readonly other: StoredFile;
  readonly otherName: string;
  readonly isSplit: boolean;
}

export function CodeDiff({ name, own, other, otherName, isSplit }: CodeDiffProps) {
  const { run } = useShownRun();
  const kind = previewKind(own.path, own.media_type);
  return (
    <div className="part-main">
      <div className="part-head">
        <h2 className="mono ell">{name}</h2>
        <span className="grow" />
        <span className="muted">
          <MidName name={otherName} />
        </span>
        <span className="muted">to</span>
        <span className="muted">
          <MidName name={run.name} />
        </span>
      </div>
      <div className="part-body">
        <StoredText key={other.url} file={other}>
          {(before) => (
            <StoredText key={own.url} file={own}>
              {(after) => (
                <Suspense fallback={<SkeletonRows n={12} height={18} />}>
                  <DiffView
                    labels={[`${name} of ${otherName}`, `${name} of ${run.name}`]}
                    path={name}
                    before={readableText(kind, before)}
                    after={readableText(kind, after)}
                    isSplit={isSplit}
                  />
                </Suspense>
              )}
            </StoredText>
          )}
        </StoredText>
      </div>
    </div>
  );
}
