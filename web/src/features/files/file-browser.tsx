/** Files: a tree of them, a search, and the chosen one. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import type { ShownFile } from "@/api/files/files";
import type { TreeRow } from "@/data/files/tree-rows";
import { formatBytes, formatCount, formatNoun } from "@/data/text/format";
import { CardSearch } from "@/ui/cards/card-search";
import { usePhone } from "@/ui/hooks/use-phone";
import { useSettled } from "@/ui/hooks/use-settled";
import { EmptyState } from "@/ui/signs/empty-state";
import { Fault } from "@/ui/signs/fault";
import { Icon } from "@/ui/signs/icons";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { FilePreview } from "./file-preview";
import { useFileSource } from "./file-source";
import { FileTree } from "./file-tree";
import { useFileUrl } from "./file-url";
import { useFileTree } from "./use-file-tree";
import "@/ui/parts/parts.css";
import "./files.css";

const MOST_MATCHES = 1000;

/**
 * @param none what is said where there are no files
 */
export function FileBrowser({ none }: { none: string }) {
  const source = useFileSource();
  const [{ file, find }, change] = useFileUrl();
  const tree = useFileTree(file);
  const [typed, setTyped] = useState(find);
  const { totals } = source;
  const isPhone = usePhone();
  // a phone has the list first
  const first = tree.rows.find((row) => row.is === "file" && row.parent === "");
  const shown = file || (!isPhone && !find && first?.is === "file" ? first.file.path : "");
  if (totals?.n_files === 0)
    return (
      <section className="parts none" aria-label="Files">
        <EmptyState icon="file" title="No files">
          {none}
        </EmptyState>
      </section>
    );
  const onType = (text: string) => {
    setTyped(text);
    change({ find: text.trim() });
  };
  return (
    <section className="parts" aria-label="Files">
      <div className="part-side">
        <div className="part-head">
          <CardSearch
            label={totals ? `Search ${formatNoun(totals.n_files, "file")}` : "Search files"}
            value={typed}
            onChange={onType}
          />
          <a
            className="btn ico"
            href={source.zipUrl("")}
            download
            aria-label="Download all files as a zip"
            data-tip="Download all files as a zip"
          >
            <Icon name="download" />
          </a>
        </div>
        {find ? (
          <FileMatchList find={find} chosen={file} onChoose={(path) => change({ file: path })} />
        ) : tree.error ? (
          <Fault title="The files could not be listed" error={tree.error} onRetry={tree.onRetry} />
        ) : tree.isPending ? (
          <SkeletonRows n={12} height={28} />
        ) : (
          <FileTree
            rows={tree.rows}
            chosen={shown}
            onChoose={(path) => change({ file: path })}
            onFolder={tree.setFolder}
            onMore={tree.showMore}
            isFull={tree.isFull}
          />
        )}
        {totals && (
          <footer className="part-foot muted tn">
            {formatNoun(totals.n_files, "file")}, {formatBytes(totals.n_bytes)}
          </footer>
        )}
      </div>
      {shown ? (
        <FilePreview key={shown} path={shown} />
      ) : (
        <div className="part-main none">
          <EmptyState title="Choose a file">Its content is shown here.</EmptyState>
        </div>
      )}
    </section>
  );
}

interface FileMatchListProps {
  readonly find: string;
  readonly chosen: string;
  onChoose(path: string): void;
}

/** The files whose path has a text in it, each with its whole path. */
function FileMatchList({ find, chosen, onChoose }: FileMatchListProps) {
  const source = useFileSource();
  const settled = useSettled(find);
  const query = useQuery({
    ...source.matches(settled, MOST_MATCHES),
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(
    () =>
      (query.data?.files ?? []).map(
        (file): TreeRow<ShownFile> => ({
          is: "file",
          id: `file ${file.path}`,
          depth: 0,
          parent: "",
          file,
          name: file.path,
        }),
      ),
    [query.data],
  );
  const none = useRef(() => undefined).current;
  if (query.isPending) return <SkeletonRows n={6} height={28} />;
  if (query.isError) return <Fault title="The search failed" error={query.error} />;
  if (rows.length === 0)
    return (
      <p className="card-none" role="status">
        No path has {find}.
      </p>
    );
  return (
    <>
      <p className="files-found muted tn" role="status">
        {matchesText(rows.length, query.data.total)}
      </p>
      <FileTree
        rows={rows}
        chosen={chosen}
        onChoose={onChoose}
        onFolder={none}
        onMore={none}
        isFull={() => false}
      />
    </>
  );
}

function matchesText(n: number, total: number | null): string {
  if (total === null) return `The first ${formatNoun(n, "file")}`;
  return total > n ? `The first ${formatCount(n)} of ${formatNoun(total, "file")}` : formatNoun(n, "file");
}
