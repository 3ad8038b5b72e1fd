/** The text of a stored file, or why it is not there. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { ShownFile } from "@/api/files/files";
import { contentQuery } from "@/api/files/media";
import { baseName } from "@/data/files/base-name";
import { formatBytes } from "@/data/text/format";
import { EmptyState } from "@/ui/signs/empty-state";
import { SkeletonRows } from "@/ui/signs/skeleton";

/** Larger files can only be downloaded. */
const MOST_TEXT_BYTES = 32 * 2 ** 20;

interface StoredTextProps {
  readonly file: ShownFile;
  /** Above what is said where there is no text. */
  readonly before?: ReactNode;
  readonly children: (text: string) => ReactNode;
}

export function StoredText({ file, before, children }: StoredTextProps) {
  const isShown = file.state === "stored" && file.n_bytes <= MOST_TEXT_BYTES;
  const text = useQuery({
    ...contentQuery(file, "text", (answer) => answer.text()),
    enabled: isShown,
  });
  if (text.data !== undefined) return children(text.data);
  if (isShown && !text.isError) return <SkeletonRows n={12} height={18} />;
  const isAwaited = file.state === "awaited";
  return (
    <>
      {before}
      <EmptyState
        title={
          isAwaited
            ? "Not sent yet"
            : isShown || file.state === "failed"
              ? `${file.path} can't be read`
              : `${file.path} is too large to be shown`
        }
        action={
          file.state === "stored" && (
            <a className="btn sm" href={file.url} download={baseName(file.path)}>
              Download
            </a>
          )
        }
      >
        {isAwaited
          ? "The run has this file, and its content is on the way. weft sync sends what is left on its machine."
          : (file.error ?? text.error?.message ?? formatBytes(file.n_bytes))}
      </EmptyState>
    </>
  );
}
