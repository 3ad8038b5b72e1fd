/**
 * The code of a run: its script, its cells and what `log_code` found, alone, or as the difference from its
 * commit or from another run.
 */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { codeFilesQuery, type StoredFile } from "@/api/files/files";
import { runQuery } from "@/api/runs/run";
import { type CodeFile, codeFiles, codeName } from "@/data/environment/code-files";
import { Button } from "@/ui/controls/button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { EmptyState } from "@/ui/signs/empty-state";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { useEnvironment } from "../environment/use-environment";
import { useShownRun } from "../shown-run";
import { AgainstPicker } from "./against-picker";
import { CodeDiff } from "./code-diff";
import { CodeList } from "./code-list";
import { COMMIT, useCodeUrl } from "./code-url";
import { OneFile } from "./one-file";
import { PatchView } from "./patch-view";
import "@/ui/parts/parts.css";
import "./code.css";

const LOOKS = [
  { value: "split", label: "Side by side" },
  { value: "one", label: "One column" },
] as const;

export function CodeTab() {
  const { project, run } = useShownRun();
  const [url, change] = useCodeUrl();
  const otherId = url.against === COMMIT ? "" : url.against;
  const { facts, stored, why } = useEnvironment();
  const own = useQuery(codeFilesQuery(project, run.id));
  const other = useQuery({ ...runQuery(project, otherId), enabled: otherId !== "" });
  const others = useQuery({ ...codeFilesQuery(project, otherId), enabled: otherId !== "" });
  const isOther = otherId !== "";
  const files = useMemo(
    () => codeFiles(own.data ?? [], isOther ? (others.data ?? null) : null),
    [own.data, isOther, others.data],
  );
  const chosen = chosenFile(files, url.file, facts.code, isOther);
  const problem = own.error ?? (isOther ? (other.error ?? others.error) : null);
  return (
    <section className="parts code-tab" aria-label="Code">
      <div className="part-head code-tools">
        <AgainstPicker
          against={url.against}
          run={isOther ? (other.data ?? null) : null}
          onChange={(against) => change({ against })}
        />
        <span className="grow" />
        {isOther && chosen?.change === "changed" && (
          <SegmentedControl
            label="Look"
            value={url.isSplit ? "split" : "one"}
            options={LOOKS}
            onChange={(look) => change({ isSplit: look === "split" })}
          />
        )}
      </div>
      {content()}
    </section>
  );

  function content() {
    if (url.against === COMMIT) {
      if (!stored) return <SkeletonRows n={12} height={18} />;
      const none = why("changes");
      return stored.patches.length > 0 ? (
        <PatchView patches={stored.patches} />
      ) : (
        <EmptyState title={none.title}>{none.reason}</EmptyState>
      );
    }
    if (problem)
      return (
        <EmptyState
          icon="warn"
          title="The code could not be listed"
          action={
            <Button
              onClick={() => {
                for (const query of [own, other, others]) if (query.isError) void query.refetch();
              }}
            >
              Try again
            </Button>
          }
        >
          {problem.message}
        </EmptyState>
      );
    if (own.isPending || (isOther && others.isPending)) return <SkeletonRows n={12} height={18} />;
    if (files.length === 0) {
      const none = why("code");
      return <EmptyState title={none.title}>{none.reason}</EmptyState>;
    }
    return (
      <div className="code-parts">
        <CodeList
          files={files}
          isCompared={isOther}
          chosen={chosen?.name ?? null}
          onChoose={(file) => change({ file })}
        />
        {chosen === null ? (
          <EmptyState title="No difference">Both runs have the same code.</EmptyState>
        ) : chosen.change === "changed" && chosen.own && chosen.other ? (
          <CodeDiff
            name={chosen.name}
            own={chosen.own}
            other={chosen.other}
            otherName={other.data?.name ?? otherId}
            isSplit={url.isSplit}
          />
        ) : (
          <OneFile file={(chosen.own ?? chosen.other)!} change={chosen.change} />
        )}
      </div>
    );
  }
}

/** The file of the address; else the script, or in a comparison the first that has changed. */
function chosenFile(
  files: readonly CodeFile<StoredFile>[],
  name: string,
  script: string | null,
  isCompared: boolean,
): CodeFile<StoredFile> | null {
  const named = files.find((file) => file.name === name);
  if (named) return named;
  if (isCompared) return files.find(({ change }) => change !== "same") ?? null;
  return files.find((file) => script !== null && file.name === codeName(script)) ?? files[0] ?? null;
}
