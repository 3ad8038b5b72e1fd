/** The trash of a project: its deleted runs, views and reports, each to be restored or deleted now. */

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { runKey, undeleteRun } from "@/api/runs/run";
import { runsKey } from "@/api/runs/run-rows";
import { deleteRunForGood, emptyTrash, refreshTrash, type TrashedRun, trashedRunsQuery } from "@/api/trash";
import type { ProjectRef } from "@/api/types";
import { formatBytes, formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { PageFault } from "@/ui/signs/fault";
import { StateIcon } from "@/ui/signs/state-icon";
import { tellPageStatus } from "../page-status";
import { useRights } from "../use-rights";
import { AskDialog } from "./ask-dialog";
import { DeletedReports } from "./deleted-reports";
import { DeletedViews } from "./deleted-views";
import { TrashFrame } from "./trash-frame";
import { DeletedActs, DeletedCells, DeletedHeads } from "./trash-row";
import { useTrashWork } from "./use-trash-work";

export function TrashPage() {
  const { entity, project } = useParams({ from: "/$entity/$project/trash" });
  return <RunTrash key={`${entity}/${project}`} entity={entity} project={project} />;
}

function RunTrash({ entity, project }: ProjectRef) {
  const ref = { entity, project };
  const query = useInfiniteQuery(trashedRunsQuery(ref));
  const client = useQueryClient();
  const trash = useTrashWork();
  const { mayWrite } = useRights(ref);
  const { busy, question, ask, work } = trash;
  useEffect(() => tellPageStatus({ title: "Trash" }), []);

  if (query.error && !query.data)
    return <PageFault title="The trash could not be read" error={query.error} onRetry={query.refetch} />;
  const [first] = query.data?.pages ?? [];
  const runs = (query.data?.pages ?? []).flatMap((page) => page.runs);
  const refresh = async (id: string | null) => {
    await Promise.all([
      refreshTrash(client),
      client.invalidateQueries({ queryKey: runsKey(ref) }),
      id !== null && client.invalidateQueries({ queryKey: runKey(ref, id) }),
    ]);
  };
  const restore = (run: TrashedRun) =>
    work(run.id, `restore ${run.name}`, async () => {
      await undeleteRun(ref, run.id);
      await refresh(run.id);
      return `${run.name} is restored`;
    });
  const deleteNow = (run: TrashedRun) =>
    ask({
      title: `Delete ${run.name} permanently?`,
      text: `Its metrics, config and files are deleted from the server: ${formatBytes(run.n_bytes)}.`,
      button: "Delete permanently",
      run: () =>
        work(run.id, `delete ${run.name}`, async () => {
          await deleteRunForGood(ref, run.id);
          await refresh(null);
          return `${run.name} is deleted permanently`;
        }),
    });
  const total = first?.total ?? 0;
  const views = first?.views ?? [];
  const reports = first?.reports ?? [];
  const others = [
    views.length > 0 && formatNoun(views.length, "view"),
    reports.length > 0 && formatNoun(reports.length, "report"),
  ].filter((words) => words !== false);
  const all = (total > 0 ? [formatNoun(total, "run"), ...others] : others).join(", ");
  const empty = () =>
    ask({
      title: "Empty the trash?",
      text: `All that is in it is deleted from the server permanently: ${all}.`,
      button: "Empty trash",
      run: () =>
        work("", "empty the trash", async () => {
          await emptyTrash(ref);
          await refresh(null);
          return `${all} deleted permanently`;
        }),
    });
  return (
    <TrashFrame
      of="run"
      total={total}
      nBytes={first?.n_bytes ?? 0}
      nEmptied={total + views.length + reports.length}
      isPending={query.isPending}
      isBusy={busy !== null}
      onEmpty={mayWrite ? empty : undefined}
      others={
        <>
          <DeletedViews project={ref} views={views} trash={trash} />
          <DeletedReports project={ref} reports={reports} trash={trash} />
        </>
      }
      othersText={others.join(", ")}
      dialog={<AskDialog question={question} onClose={() => ask(null)} />}
      foot={
        query.hasNextPage && (
          <Button isSmall disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show more
          </Button>
        )
      }
    >
      <table className="data-table trash">
        <thead>
          <tr>
            <th>Run</th>
            <DeletedHeads />
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <td>
                <span className="row">
                  <StateIcon state={run.state} />
                  <Link
                    to="/$entity/$project/runs/$run"
                    params={{ ...ref, run: run.id }}
                    className="plain w5 ell"
                    title={`${run.name} (${run.id})`}
                  >
                    {run.name}
                  </Link>
                </span>
              </td>
              <DeletedCells {...run} />
              <td className="acts">
                {mayWrite && (
                  <DeletedActs
                    name={run.name}
                    isBusy={busy !== null}
                    onRestore={() => void restore(run)}
                    onDelete={() => deleteNow(run)}
                  />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TrashFrame>
  );
}
