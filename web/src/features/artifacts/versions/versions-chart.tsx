/** A value of the metadata over the versions of an artifact; a dot leads to its version by Enter. */

import { useMemo, useState } from "react";
import type { Artifact } from "@/api/artifacts/artifacts";
import type { RunHover } from "@/charts/run-pointer";
import { ScatterChart, type ScatterContent } from "@/charts/scatter/scatter";
import type { VersionRow } from "@/data/artifacts/version-columns";
import { versionNumber } from "@/data/artifacts/versions";
import { formatExact, formatExactly, formatNoun } from "@/data/text/format";
import { CanvasPlot } from "@/panels/over-runs/canvas-plot";
import { FactTip } from "@/panels/over-runs/tip/fact-tip";
import { Select } from "@/ui/controls/select";
import "@/panels/over-runs/over-runs.css";

/** Versions have no colours of their own. */
const COLOR = 1;

interface VersionsChartProps {
  readonly rows: readonly VersionRow<Artifact>[];
  readonly drawn: string;
  /** Of all metadata that is numbers. */
  readonly names: readonly string[];
  onDraw(name: string): void;
}

export function VersionsChart({ rows, drawn, names, onDraw }: VersionsChartProps) {
  const [hover, setHover] = useState<RunHover | null>(null);
  const content = useMemo(
    (): ScatterContent => ({
      points: rows.map(({ artifact, values }) => ({
        id: artifact.version ?? "",
        name: artifact.version ?? "",
        color: COLOR,
        isShown: true,
        x: versionNumber(artifact.version),
        y: values.get(drawn),
      })),
      view: {
        xScale: "linear",
        yScale: "auto",
        isParameterX: false,
        isParameterY: false,
        isParameterTint: false,
        levelColors: {},
        xLabel: "version",
        tintLabel: null,
        hasFit: false,
      },
    }),
    [rows, drawn],
  );
  const hovered = rows.find(({ artifact }) => artifact.version === hover?.id);
  const n = rows.filter(({ values }) => typeof values.get(drawn) === "number").length;
  return (
    <section className="card" aria-label="Over versions">
      <h2>
        <Select
          label="Metadata"
          isQuiet
          value={drawn}
          options={names.map((name) => ({ value: name, label: name }))}
          onChange={onDraw}
        />
        <span className="muted">over versions</span>
      </h2>
      <div className="versions-chart">
        <CanvasPlot
          label={`${drawn} over versions: ${formatNoun(n, "version")}`}
          keys="Left and right go from version to version"
          content={content}
          make={(element) => new ScatterChart(element, setHover)}
        />
      </div>
      {hover && hovered && (
        <FactTip
          name={hovered.artifact.version ?? ""}
          color={null}
          facts={[
            [drawn, formatExactly(Number(hovered.values.get(drawn)))],
            ["Logged", formatExact(hovered.artifact.created_micros)],
            ...(hovered.artifact.aliases.length > 0
              ? [["Aliases", hovered.artifact.aliases.join(", ")] as const]
              : []),
          ]}
          left={hover.left}
          top={hover.top}
        />
      )}
    </section>
  );
}
