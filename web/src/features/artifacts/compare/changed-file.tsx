/** A file of two versions: its text or its rows as their difference, images next to each other. */

import { type ReactNode, useState } from "react";
import { shownFile } from "@/api/artifacts/artifact-files";
import type { Artifact, ChangedFile } from "@/api/artifacts/artifacts";
import type { ShownFile } from "@/api/files/files";
import { baseName } from "@/data/files/base-name";
import { isTextKind, type PreviewKind, previewKind, viewOf } from "@/data/files/preview-kind";
import { formatBytes } from "@/data/text/format";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { EmptyState } from "@/ui/signs/empty-state";
import { Icon } from "@/ui/signs/icons";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { MidName } from "@/ui/text/mid-name";
import { FileSourceContext } from "../../files/file-source";
import { PreviewContent } from "../../files/preview-content";
import { TablePreview } from "../../files/table-preview";
import { TextDiff } from "../../files/text-diff";
import { useIsText } from "../../files/use-is-text";
import { useVersionSource } from "../version-source";

const COLUMNS = [
  { value: "2", label: "Side by side" },
  { value: "1", label: "One column" },
] as const;

interface ChangedFileViewProps {
  readonly file: ChangedFile;
  readonly before: Artifact;
  readonly after: Artifact;
}

export function ChangedFileView({ file, before, after }: ChangedFileViewProps) {
  const [columns, setColumns] = useState<"1" | "2">("2");
  const fileBefore = file.before && shownFile(file.before);
  const fileAfter = file.after && shownFile(file.after);
  const newest = fileAfter ?? fileBefore;
  if (!newest) return null;
  const kind = previewKind(newest.path, newest.media_type);
  const isText = file.change === "changed" && (isTextKind(kind) || kind === "unknown");
  return (
    <section className="part-main" aria-label={baseName(file.path)}>
      <header className="part-head">
        <Icon name="file" isSmall />
        <h2 className="mono">
          <MidName name={file.path} />
        </h2>
        <span className={`change ${file.change}`}>{file.change}</span>
        <span className="muted tn">{sizesOf(fileBefore, fileAfter)}</span>
        <span className="grow" />
        {isText && (
          <SegmentedControl label="Columns" value={columns} options={COLUMNS} onChange={setColumns} />
        )}
        {fileBefore && <Download file={fileBefore} owner={before.version ?? ""} />}
        {fileAfter && <Download file={fileAfter} owner={after.version ?? ""} />}
      </header>
      <div className="part-body">
        {file.change === "changed" && fileBefore && fileAfter ? (
          <Change
            kind={kind}
            before={{ artifact: before, file: fileBefore }}
            after={{ artifact: after, file: fileAfter }}
            isSplit={columns === "2"}
          />
        ) : (
          <SingleFile artifact={fileAfter ? after : before} file={newest} kind={kind} />
        )}
      </div>
    </section>
  );
}

function Download({ file, owner }: { file: ShownFile; owner: string }) {
  if (!file.url) return null;
  const label = `Download ${owner}`;
  return (
    <a
      className="btn q ico"
      href={file.url}
      download={baseName(file.path)}
      aria-label={label}
      data-tip={label}
    >
      <Icon name="download" />
    </a>
  );
}

function sizesOf(before: ShownFile | null, after: ShownFile | null): string {
  const sizes = [before, after].flatMap((file) => (file ? [formatBytes(file.n_bytes)] : []));
  return sizes.length === 2 && sizes[0] === sizes[1] ? sizes[0]! : sizes.join(" → ");
}

interface Side {
  readonly artifact: Artifact;
  readonly file: ShownFile;
}

interface ChangeProps {
  readonly kind: PreviewKind;
  readonly before: Side;
  readonly after: Side;
  readonly isSplit: boolean;
}

function Change({ kind, before, after, isSplit }: ChangeProps) {
  if ([before, after].some(({ file }) => file.state !== "stored"))
    return (
      <EmptyState icon="link" title="Kept elsewhere">
        <span className="mono">{before.file.reference ?? "content"}</span>
        <span className="mono">{after.file.reference ?? "content"}</span>
      </EmptyState>
    );
  const view = viewOf(kind);
  if (view === "table") return <ChangedRows before={before} after={after} />;
  if (view === "unknown") return <Sniffed before={before} after={after} isSplit={isSplit} />;
  if (isTextKind(kind)) return <Texts before={before} after={after} isSplit={isSplit} />;
  if (view === "none") return <NotShown />;
  return (
    <div className="compare-sides">
      {[before, after].map((side) => (
        <figure key={side.artifact.version}>
          <figcaption className="meta">{side.artifact.version}</figcaption>
          <SingleFile {...side} kind={kind} />
        </figure>
      ))}
    </div>
  );
}

function Sniffed(props: Omit<ChangeProps, "kind">) {
  const [isTextBefore, isTextAfter] = [useIsText(props.before.file), useIsText(props.after.file)];
  if (isTextBefore === null || isTextAfter === null) return <SkeletonRows n={12} height={18} />;
  return isTextBefore && isTextAfter ? <Texts {...props} /> : <NotShown />;
}

function NotShown() {
  return (
    <EmptyState icon="file" title="The contents differ">
      Files of this type are not shown. Both can be downloaded.
    </EmptyState>
  );
}

function Texts({ before, after, isSplit }: Omit<ChangeProps, "kind">) {
  const side = ({ artifact, file }: Side) => ({ file: withHash(file), owner: artifact.version ?? "" });
  return <TextDiff name={after.file.path} before={side(before)} after={side(after)} isSplit={isSplit} />;
}

/** The file at an address that names its hash, which the browser may cache. */
function withHash(file: ShownFile): ShownFile {
  return { ...file, url: `${file.url}?sha256=${file.sha256}` };
}

/** The rows that only one of the two has. */
function ChangedRows({ before, after }: { before: Side; after: Side }) {
  return (
    <div className="compare-rows">
      <Rows title={`Only in ${after.artifact.version}`} side={after} other={before} />
      <Rows title={`Only in ${before.artifact.version}`} side={before} other={after} />
    </div>
  );
}

function Rows({ title, side, other }: { title: string; side: Side; other: Side }) {
  const source = useVersionSource(side.artifact);
  const { name, version } = other.artifact;
  const [minus] = useState({ artifact: `${name}:${version}`, path: other.file.path });
  return (
    <section aria-label={title}>
      <h3 className="meta">{title}</h3>
      <FileSourceContext value={source}>
        <TablePreview file={withHash(side.file)} minus={minus} />
      </FileSourceContext>
    </section>
  );
}

function SingleFile({ artifact, file, kind }: Side & { readonly kind: PreviewKind }): ReactNode {
  const source = useVersionSource(artifact);
  if (file.state !== "stored")
    return (
      <EmptyState icon="link" title={file.reference ? "Kept elsewhere" : "No content"}>
        <span className="mono">{file.reference}</span>
      </EmptyState>
    );
  return (
    <FileSourceContext value={source}>
      <PreviewContent file={file} kind={kind} isSource={false} />
    </FileSourceContext>
  );
}
