/** The sweeps of a project: a table of them, or how to create the first one. */

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { isOpen, sweepsQuery } from "@/api/sweeps/sweeps";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { CopyButton } from "@/ui/controls/copy-button";
import { PageFault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { tellPageStatus } from "../page-status";
import { useRights } from "../use-rights";
import { NewSweep } from "./new-sweep";
import { SweepsTable } from "./sweeps-table";
import "./sweeps.css";

export function SweepsPage() {
  const params: { entity?: string; project?: string } = useParams({ strict: false });
  const { entity = "", project = "" } = params;
  const ref = useMemo(() => ({ entity, project }), [entity, project]);
  const { new: newParam }: { new?: string } = useSearch({ strict: false });
  const navigate = useNavigate();
  const { mayWrite } = useRights(ref);
  const query = useQuery(sweepsQuery(ref));
  const sweeps = query.data?.sweeps;
  const nOpen = sweeps?.filter(isOpen).length ?? 0;
  useEffect(() => tellPageStatus({ title: "Sweeps" }), []);
  const openForm = (isMaking: boolean) =>
    void navigate({
      to: "/$entity/$project/sweeps",
      params: ref,
      search: (isMaking ? { new: "" } : {}) as never,
    });
  if (query.error && !query.data)
    return <PageFault title="The sweeps could not be listed" error={query.error} onRetry={query.refetch} />;
  return (
    <main className="sweeps" aria-label="Sweeps">
      {sweeps?.length !== 0 && (
        <div className="sweeps-bar">
          {sweeps && (
            <span className="muted tn">{formatNoun(query.data?.total ?? sweeps.length, "sweep")}</span>
          )}
          {nOpen > 0 && <span className="muted tn">{nOpen} open</span>}
          <span className="grow" />
          {mayWrite && (
            <Button look="ink" icon="plus" onClick={() => openForm(true)}>
              New sweep
            </Button>
          )}
        </div>
      )}
      {!sweeps ? (
        <SkeletonRows n={12} height={34} />
      ) : sweeps.length === 0 ? (
        <NoSweeps project={ref} onNew={mayWrite ? () => openForm(true) : undefined} />
      ) : (
        <SweepsTable project={ref} sweeps={sweeps} />
      )}
      <NewSweep project={ref} isOpen={mayWrite && newParam !== undefined} onClose={() => openForm(false)} />
    </main>
  );
}

function NoSweeps({ project: ref, onNew }: { project: ProjectRef; onNew: (() => void) | undefined }) {
  const code = `import weft

sweep_id = weft.sweep({
    "method": "bayes",
    "metric": {"name": "loss", "goal": "minimize"},
    "run_cap": 40,
    "parameters": {
        "lr": {"distribution": "log_uniform_values", "min": 1e-4, "max": 0.1},
        "batch_size": {"values": [16, 32, 64]},
    },
}, entity=${JSON.stringify(ref.entity)}, project=${JSON.stringify(ref.project)})
weft.agent(sweep_id, function=train)`;
  return (
    <div className="no-sweeps">
      <h2>No sweeps yet</h2>
      <p>
        A sweep searches for the best parameters: it hands out parameter sets, and agents run your code with
        them. Create one in Python, or here from YAML.
      </p>
      <figure>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
        <pre className="code" tabIndex={0}>
          {code}
        </pre>
        <CopyButton text={code} label="Copy code" isIcon />
      </figure>
      <div className="row">
        {onNew && (
          <Button look="ink" icon="plus" onClick={onNew}>
            New sweep
          </Button>
        )}
        <Link to="/docs/$document" params={{ document: "sweeps" } as never} className="btn">
          How sweeps work
        </Link>
      </div>
    </div>
  );
}
