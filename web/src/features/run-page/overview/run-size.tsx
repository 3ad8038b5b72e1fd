import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { MOST_SIZES, metricSizesQuery, type RunSizes } from "@/api/runs/run-details";
import { formatBytes, formatNoun } from "@/data/text/format";
import { CardSearch } from "@/ui/cards/card-search";
import { Popover } from "@/ui/overlays/popover";
import { Icon } from "@/ui/signs/icons";
import { useShownRun } from "../shown-run";

/** The size of a run on the server's disk; a click on it opens the metrics that take most of it. */
export function RunSize({ sizes }: { sizes: RunSizes }) {
  return (
    <Popover
      label="Size by metric"
      width={340}
      isForTyping
      target={
        <button
          type="button"
          className="btn q sm size-btn"
          aria-label={`${formatBytes(sizes.n_bytes)}, by metric`}
          title="By metric"
        >
          {formatBytes(sizes.n_bytes)} <Icon name="down" isSmall className="caret" />
        </button>
      }
    >
      <Sizes sizes={sizes} />
    </Popover>
  );
}

function Sizes({ sizes }: { sizes: RunSizes }) {
  const { project, run } = useShownRun();
  const [search, setSearch] = useState("");
  const { data, error } = useQuery(metricSizesQuery(project, run.id, search));
  const parts = [
    ["Files", sizes.file_bytes],
    ["Console", sizes.console_bytes],
    ["Steps and times of all metrics", sizes.shared_bytes],
    ["The newest rows, not divided by metric yet", sizes.fresh_bytes],
  ] as const;
  return (
    <div className="sizes">
      <CardSearch label="Search metrics" value={search} onChange={setSearch} />
      <ul aria-label="Sizes">
        {search === "" &&
          parts
            .filter(([, nBytes]) => nBytes > 0)
            .map(([name, nBytes]) => (
              <li key={name}>
                <span className="ell muted">{name}</span>
                <span className="tn">{formatBytes(nBytes)}</span>
              </li>
            ))}
        {data?.metrics.map(({ key, n_bytes }) => (
          <li key={key}>
            <span className="ell" title={key}>
              {key}
            </span>
            <span className="tn">{formatBytes(n_bytes)}</span>
          </li>
        ))}
      </ul>
      {data && data.total > data.metrics.length && (
        <p className="meta">
          The largest {MOST_SIZES} of {formatNoun(data.total, "metric")}. Search finds the others.
        </p>
      )}
      {data?.total === 0 && search !== "" && (
        <p className="meta" role="status">
          No metric's name has {search}.
        </p>
      )}
      {error && <p className="meta">The sizes could not be read: {error.message}</p>}
    </div>
  );
}
