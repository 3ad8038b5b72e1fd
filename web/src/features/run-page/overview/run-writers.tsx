import type { Writer } from "@/api/runs/run-details";
import { formatCount, formatDuration, formatExact, formatNoun } from "@/data/text/format";
import { Popover } from "@/ui/overlays/popover";
import { Icon } from "@/ui/signs/icons";
import { Ago } from "@/ui/text/ago";

/** A smaller difference is the way of the answer. */
const CLOCK_MICROS = 50_000;

/**
 * The processes that wrote a run, `8  rank 0 to 7, on 2 machines`; a click opens the list of all, each with its machine, its
 * times and its clock.
 */
export function RunWriters({ writers }: { writers: readonly Writer[] }) {
  const scripts = writers.filter((writer) => writer.parent === null);
  const ranks = scripts
    .map((writer) => Number(writer.labels.rank))
    .filter((rank) => Number.isInteger(rank))
    .sort((a, b) => a - b);
  const hosts = new Set(scripts.map((writer) => writer.host).filter((host) => host !== null));
  const nWrong = scripts.filter(isClockWrong).length;
  const words = [
    ranks.length > 1 && `rank ${ranks[0]} to ${ranks.at(-1)}`,
    hosts.size > 1 && `on ${formatNoun(hosts.size, "machine")}`,
    nWrong > 0 &&
      `${nWrong === 1 && scripts.length === 1 ? "its clock is" : `${formatNoun(nWrong, "clock")}`} wrong`,
  ].filter((word) => word !== false);
  return (
    <Popover
      label="Writers"
      width={520}
      target={
        <button
          type="button"
          className="btn q sm size-btn"
          aria-label={`${formatNoun(scripts.length, "writer")}: list`}
        >
          {formatCount(scripts.length)} <Icon name="down" isSmall className="caret" />
          <span className="muted">{words.join(", ")}</span>
        </button>
      }
    >
      <div className="writers">
        <table>
          <thead>
            <tr>
              <th>Process</th>
              <th>Machine</th>
              <th>Started</th>
              <th>Ended</th>
              <th className="num">Clock</th>
            </tr>
          </thead>
          <tbody>
            {scripts.map((writer) => (
              <tr key={writer.writer}>
                <td title={writer.writer}>{nameOf(writer)}</td>
                <td className="mono ell" title={writer.host ?? undefined}>
                  {writer.host}
                </td>
                <td>
                  {writer.started_micros !== null && <Ago micros={writer.started_micros} suffix=" ago" />}
                </td>
                <td>{endOf(writer)}</td>
                <td className="num tn">{isClockWrong(writer) ? clockText(writer) : "right"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Popover>
  );
}

/** `rank 3`, or its labels, or its id. */
function nameOf({ labels, writer }: Writer): string {
  if (labels.rank !== undefined) return `rank ${labels.rank}`;
  const named = Object.entries(labels).map(([name, value]) => `${name} ${value}`);
  return named.join(", ") || writer;
}

function endOf({ ended_micros, exit_code, heartbeat_micros }: Writer) {
  if (ended_micros !== null)
    return (
      <span title={formatExact(ended_micros)}>
        {exit_code === null || exit_code === 0 ? (
          <Ago micros={ended_micros} suffix=" ago" />
        ) : (
          `exit code ${exit_code}`
        )}
      </span>
    );
  if (heartbeat_micros === null) return "unknown";
  return (
    <span className="muted">
      heard of <Ago micros={heartbeat_micros} suffix=" ago" />
    </span>
  );
}

function isClockWrong({ offset_micros }: Writer): boolean {
  return Math.abs(offset_micros) >= CLOCK_MICROS;
}

/** The shift of its times tells how late or early its clock is. */
function clockText({ offset_micros }: Writer): string {
  const length = formatDuration(Math.abs(offset_micros) / 1e6);
  return offset_micros > 0 ? `${length} late` : `${length} early`;
}
