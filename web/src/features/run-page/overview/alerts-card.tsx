import { useQuery } from "@tanstack/react-query";
import { alertsQuery } from "@/api/runs/run-details";
import { formatCount } from "@/data/text/format";
import { Icon } from "@/ui/signs/icons";
import { Ago } from "@/ui/text/ago";
import { useShownRun } from "../shown-run";

const SHOWN = 20;

export function AlertsCard() {
  const { run } = useShownRun();
  const alerts = useQuery({ ...alertsQuery(run), enabled: run.n_alerts > 0 }).data;
  if (run.n_alerts === 0) return null;
  return (
    <section className="card" aria-label="Alerts">
      <h2>
        Alerts<span className="badge">{formatCount(run.n_alerts)}</span>
      </h2>
      <ul className="alerts">
        {[...(alerts ?? [])]
          .reverse()
          .slice(0, SHOWN)
          .map((alert) => (
            <li key={`${alert.time_micros} ${alert.title}`} className={alert.level.toLowerCase()}>
              <Icon name={alert.level === "INFO" ? "info" : "warn"} isSmall />
              <span className="ell" title={alert.title}>
                <span className="sr">{alert.level.toLowerCase()}: </span>
                {alert.title}
              </span>
              <span className="meta">
                <Ago micros={alert.time_micros} />
              </span>
              {alert.text && <p>{alert.text}</p>}
            </li>
          ))}
      </ul>
    </section>
  );
}
