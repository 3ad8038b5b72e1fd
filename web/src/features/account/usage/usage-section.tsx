/**
 * `/settings/usage` and `/teams/NAME/usage`: what an entity takes of its quota, by kind, week, project and person.
 */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type EntityUsage, type PersonUsage, type ProjectUsage, usageQuery } from "@/api/people/usage";
import { serverQuery } from "@/api/projects";
import { formatBytes, formatCount, formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { EmptyState } from "@/ui/signs/empty-state";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { SettingRow } from "../../people/setting-row";
import { Person } from "../../person";
import { useMayChange } from "../../use-rights";
import { SettingsHead } from "../settings-frame";
import { usePages } from "../use-pages";
import { QuotaDialog } from "./quota-dialog";
import { FileBar, KindBar, KindsCard, WeeksCard } from "./usage-bars";
import { saveUsage } from "./usage-csv";

interface UsageSectionProps {
  readonly entity: string;
  /** Whether one may set the quotas of its projects. */
  readonly mayManage: boolean;
}

export function UsageSection({ entity, mayManage }: UsageSectionProps) {
  const { data: usage, error, refetch } = useQuery(usageQuery(entity));
  const { data: isAdmin = false } = useQuery({ ...serverQuery, select: (server) => server.is_admin });
  const mayChange = useMayChange();
  const [edited, setEdited] = useState<ProjectUsage | "entity" | null>(null);
  return (
    <>
      <SettingsHead
        title="Usage"
        action={
          usage && (
            <span className="row">
              <Button icon="download" onClick={() => saveUsage(usage)}>
                CSV
              </Button>
              {isAdmin && <Button onClick={() => setEdited("entity")}>Set quota</Button>}
            </span>
          )
        }
      >
        What <b>{entity}</b> has on this server; each content counts once, the trash included.
        {usage && usage.people.length > 0 && " In the list of people it counts for each run that has it."}
      </SettingsHead>
      {error && !usage ? (
        <section className="card">
          <Fault title="The usage could not be read" error={error} onRetry={refetch} />
        </section>
      ) : usage === undefined ? (
        <section className="card">
          <SkeletonRows n={4} label="Loading the usage" />
        </section>
      ) : (
        <>
          <Total usage={usage} isWhole={mayManage || isAdmin} />
          {usage.projects.length > 0 && <KindsCard usage={usage} isWhole={mayManage || isAdmin} />}
          <WeeksCard weeks={usage.weeks} />
          <Projects usage={usage} onEdit={mayManage && mayChange ? setEdited : null} />
          {usage.people.length > 0 && <People people={usage.people} />}
        </>
      )}
      {usage && edited && (
        <QuotaDialog
          entity={entity}
          project={edited === "entity" ? null : edited.project}
          quota={edited === "entity" ? usage : edited}
          onClose={() => setEdited(null)}
        />
      )}
    </>
  );
}

interface TotalProps {
  readonly usage: EntityUsage;
  /** Whether its amounts are those of all projects, of which the quota is. Others see a part. */
  readonly isWhole: boolean;
}

function Total({ usage, isWhole }: TotalProps) {
  const { quota_bytes, quota_runs } = usage;
  if (!isWhole)
    return (
      <section className="card" aria-label="Quota">
        <h2>Quota</h2>
        <SettingRow name="In the projects that you see">
          <span className="tn">
            {formatBytes(usage.n_bytes)}, {formatNoun(usage.n_runs, "run")}
          </span>
        </SettingRow>
        {(quota_bytes !== null || quota_runs !== null) && (
          <SettingRow name="Quota of all projects" hint="Admins see how much of it is used.">
            <span className="tn">{quotaText(usage)}</span>
          </SettingRow>
        )}
        {usage.warning && <p role="status">{usage.warning}</p>}
      </section>
    );
  return (
    <section className="card" aria-label="Quota">
      <h2>Quota</h2>
      <SettingRow name="Stored">
        <Share label="Stored" amount={usage.n_bytes} quota={usage.quota_bytes} format={formatBytes} />
      </SettingRow>
      <SettingRow name="Runs">
        <Share label="Runs" amount={usage.n_runs} quota={usage.quota_runs} format={formatCount} />
      </SettingRow>
      {usage.warning && <p role="status">{usage.warning}</p>}
    </section>
  );
}

interface ShareProps {
  readonly label: string;
  readonly amount: number;
  /** Null: no limit. */
  readonly quota: number | null;
  format(amount: number): string;
}

/** From here on the server warns, too. */
const NEARLY_FULL = 0.8;

function Share({ label, amount, quota, format }: ShareProps) {
  if (quota === null) return <span className="tn">{format(amount)}</span>;
  const share = quota === 0 ? 1 : Math.min(amount / quota, 1);
  const fullness = share >= 1 ? "full" : share >= NEARLY_FULL ? "nearly-full" : "";
  return (
    <>
      <span
        className={`meter quota ${fullness}`}
        role="meter"
        aria-label={label}
        aria-valuenow={Math.round(share * 100)}
        aria-valuetext={`${format(amount)} of ${format(quota)}`}
      >
        <i style={{ width: `${share * 100}%` }} />
      </span>
      <span className="tn">
        {format(amount)} of {format(quota)}
      </span>
    </>
  );
}

interface ProjectsProps {
  readonly usage: EntityUsage;
  /** Null: one may not. */
  readonly onEdit: ((project: ProjectUsage) => void) | null;
}

function Projects({ usage: { entity, projects }, onEdit }: ProjectsProps) {
  const largest = Math.max(0, ...projects.map(({ n_bytes }) => n_bytes));
  return (
    <section className="card table-card" aria-label="Projects">
      {projects.length === 0 ? (
        <EmptyState icon="layers" title="No projects yet">
          Those that you may see are listed here, the largest first.
        </EmptyState>
      ) : (
        <table className="data-table people-table usage">
          <thead>
            <tr>
              <th>Project</th>
              <th className="number runs">Runs</th>
              <th className="bar">
                <span className="sr">By kind</span>
              </th>
              <th className="number stored">Stored</th>
              <th className="number kind">Quota</th>
              {onEdit && (
                <th className="acts">
                  <span className="sr">Quota</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {projects.map((project) => (
              <tr key={project.project}>
                <td className="w5">
                  <Link
                    to="/$entity/$project"
                    params={{ entity, project: project.project }}
                    className="plain"
                  >
                    {project.project}
                  </Link>
                </td>
                <td className="number runs">{formatCount(project.n_runs)}</td>
                <td className="bar">
                  <KindBar bytes={project} whole={largest} />
                </td>
                <td className="number stored">{formatBytes(project.n_bytes)}</td>
                <td className="number kind">{quotaText(project)}</td>
                {onEdit && (
                  <td className="acts">
                    <Button
                      isSmall
                      look="quiet"
                      aria-label={`Set the quota of ${project.project}`}
                      onClick={() => onEdit(project)}
                    >
                      Set quota
                    </Button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function quotaText({ quota_bytes, quota_runs }: Pick<ProjectUsage, "quota_bytes" | "quota_runs">): string {
  const limits = [
    quota_bytes !== null && formatBytes(quota_bytes),
    quota_runs !== null && `${formatCount(quota_runs)} runs`,
  ].filter(Boolean);
  return limits.join(", ") || "–";
}

function People({ people }: { people: readonly PersonUsage[] }) {
  const { first, foot } = usePages(people);
  const largest = Math.max(0, ...people.map(({ file_bytes }) => file_bytes));
  return (
    <section className="card table-card" aria-label="People">
      <table className="data-table people-table usage">
        <thead>
          <tr>
            <th>Who logged it</th>
            <th className="number runs">Runs</th>
            <th className="bar">
              <span className="sr">Files</span>
            </th>
            <th className="number stored">Files</th>
          </tr>
        </thead>
        <tbody>
          {first.map(({ user, n_runs, file_bytes }) => (
            <tr key={user}>
              <td>{user ? <Person user={user} /> : "The server's own user"}</td>
              <td className="number runs">{formatCount(n_runs)}</td>
              <td className="bar">
                <FileBar n={file_bytes} whole={largest} />
              </td>
              <td className="number stored">{formatBytes(file_bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {foot}
    </section>
  );
}
