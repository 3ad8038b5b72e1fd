/**
 * A plot of Bokeh, in the look of the app. It may hold code, so it is drawn in a frame with an origin of its own.
 */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { contentQuery, type MediaFile } from "@/api/files/media";
import { onTokensChange, token } from "@/charts/tokens";
import { plotFault, plotInLook, readPlot } from "@/data/media/plots/bokeh";
import { nameOf } from "../grid/media-groups";
import { ContentFault } from "./content-fault";
import type { ContentProps } from "./content-props";

/** The state that the frame reports: see `public/frames/bokeh.html`. */
interface FrameMessage {
  readonly state: "ready" | "lacks widgets" | "drawn" | "failed";
  readonly reason?: string;
}

/** Parts of BokehJS; the frame, with no origin, can't load them itself. */
const PLAIN = ["bokeh"];
const WIDGETS = ["bokeh-widgets", "bokeh-tables"];

async function scriptsOf(names: readonly string[]): Promise<readonly string[]> {
  const answers = await Promise.all(names.map((name) => fetch(`/frames/${name}.min.js`)));
  if (!answers.every(({ ok }) => ok)) throw new Error("The code that draws plots of Bokeh did not load");
  return Promise.all(answers.map((answer) => answer.text()));
}

function plotQuery(file: MediaFile) {
  return contentQuery(file, "bokeh", async (answer) => readPlot(await answer.json()));
}

function look() {
  return {
    text: token("text-2"),
    strongText: token("text"),
    grid: token("grid"),
    axis: token("axis"),
    background: token("surface"),
    font: token("font"),
  };
}

export default function BokehContent({ item, isLarge = false }: ContentProps) {
  const { data: plot, error } = useQuery(plotQuery(item.file));
  const element = useRef<HTMLIFrameElement>(null);
  /** Scripts that the frame waits for; null before it asks for any. */
  const [lacking, setLacking] = useState<readonly string[] | null>(null);
  const [isDrawn, setDrawn] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const problem =
    error?.message ??
    (plot === null ? "The file is not a Bokeh document" : null) ??
    (plot ? plotFault(plot) : null) ??
    fault;
  useEffect(() => {
    const onMessage = ({ source, data }: MessageEvent<FrameMessage>) => {
      if (source !== element.current?.contentWindow) return;
      if (data.state === "ready") setLacking(PLAIN);
      else if (data.state === "lacks widgets") setLacking(WIDGETS);
      else if (data.state === "drawn") setDrawn(true);
      else setFault(data.reason ?? "The plot can't be drawn");
    };
    window.addEventListener("message", onMessage);
    return () => window.removeEventListener("message", onMessage);
  }, []);
  useEffect(() => {
    const frame = element.current?.contentWindow;
    if (!plot || !lacking || !frame || problem) return;
    let isGone = false;
    let forget = () => {};
    const draw = (scripts: readonly string[]) => {
      const own = look();
      // widgets have colours for white only
      const shown =
        lacking === WIDGETS
          ? { plot, background: "#fff" }
          : { plot: plotInLook(plot, own, isLarge), background: own.background };
      frame.postMessage({ scripts, font: own.font, ...shown }, "*");
    };
    const begin = (scripts: readonly string[]) => {
      if (isGone) return;
      draw(scripts);
      forget = onTokensChange(() => draw([]));
    };
    scriptsOf(lacking).then(begin, (trouble: Error) => setFault(trouble.message));
    return () => {
      isGone = true;
      forget();
    };
  }, [plot, lacking, isLarge, problem]);
  if (problem) return <ContentFault item={item} reason={problem} />;
  return (
    <iframe
      ref={element}
      className="media-fill media-figure"
      src="/frames/bokeh.html"
      title={nameOf(item)}
      sandbox="allow-scripts"
      data-drawn={isDrawn || undefined}
    />
  );
}
