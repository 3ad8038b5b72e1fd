/** One file of code, which only one of two runs has, or which is the same in both. */

import { lazy, Suspense } from "react";
import type { StoredFile } from "@/api/files/files";
import { type CodeChange, codeName } from "@/data/environment/code-files";
import { previewKind } from "@/data/files/preview-kind";
import { readableText } from "@/data/files/readable-text";
import { CopyButton } from "@/ui/controls/copy-button";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { StoredText } from "../../files/stored-text";

const CodeView = lazy(() => import("@/ui/code/code-view"));

const SAYS: Readonly<Record<CodeChange, string>> = {
  same: "",
  changed: "",
  new: "Only this run has this file",
  gone: "Only the other run has this file",
};

export function OneFile({ file, change }: { file: StoredFile; change: CodeChange }) {
  const name = codeName(file.path);
  return (
    <div className="part-main">
      <StoredText key={file.path} file={file}>
        {(text) => {
          const shown = readableText(previewKind(file.path, file.media_type), text);
          return (
            <>
              <div className="part-head">
                <h2 className="mono ell">{name}</h2>
                <span className="muted">{SAYS[change]}</span>
                <span className="grow" />
                <CopyButton text={shown} />
              </div>
              <div className="part-body">
                <Suspense fallback={<SkeletonRows n={12} height={18} />}>
                  <CodeView label={name} path={name} text={shown} />
                </Suspense>
              </div>
            </>
          );
        }}
      </StoredText>
    </div>
  );
}
