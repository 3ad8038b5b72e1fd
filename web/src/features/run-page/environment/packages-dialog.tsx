/** The packages of a run in a dialog. Their list is loaded only when it is opened. */

import { useMemo, useState } from "react";
import { formatCount, formatNoun } from "@/data/text/format";
import { matcherFor } from "@/data/text/text-match";
import { CardSearch } from "@/ui/cards/card-search";
import { CopyButton } from "@/ui/controls/copy-button";
import { Dialog } from "@/ui/overlays/dialog";
import { EmptyState } from "@/ui/signs/empty-state";
import { StoredText } from "../../files/stored-text";
import { SourceLinesView } from "../code/source-lines-view";
import { useEnvironment } from "./use-environment";

export function PackagesDialog({ onClosed }: { onClosed(): void }) {
  const [isOpen, setOpen] = useState(true);
  const { stored, why } = useEnvironment();
  const file = stored?.packages;
  const none = why("packages");
  return (
    <Dialog title="Packages" isOpen={isOpen} width={480} onClose={() => setOpen(false)} onClosed={onClosed}>
      <div className="source-dialog">
        {file ? (
          <StoredText file={file}>{(text) => <Packages url={file.url} text={text} />}</StoredText>
        ) : (
          <EmptyState title={none.title}>{none.reason}</EmptyState>
        )}
      </div>
    </Dialog>
  );
}

function Packages({ url, text }: { url: string; text: string }) {
  const [search, setSearch] = useState("");
  const packages = useMemo(() => text.split("\n").filter((line) => line !== ""), [text]);
  const matches = useMemo(() => {
    const matcher = matcherFor(search.trim(), false);
    return packages.filter((line) => matcher.test?.(line));
  }, [packages, search]);
  const lines = useMemo(
    () => matches.map((line) => ({ text: line, kind: "plain" as const, number: null })),
    [matches],
  );
  return (
    <>
      <div className="source-tools">
        <span className="tn" role="status">
          {search
            ? `${formatCount(matches.length)} of ${formatNoun(packages.length, "package")}`
            : formatNoun(packages.length, "package")}
        </span>
        <span className="grow" />
        <CopyButton text={text} />
        <a className="btn sm" href={url} download="requirements.txt">
          Download
        </a>
      </div>
      <CardSearch label="Search packages" value={search} hasFirstFocus onChange={setSearch} />
      <SourceLinesView label="Packages" lines={lines} />
    </>
  );
}
