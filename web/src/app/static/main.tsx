/** A report or a view in a file of its own: drawn by the code of the web app, with answers that are in the file. */

// first, so that styles of components come before those of features, as on pages of a server
import "@/ui/ui-provider";
import { notifyManager, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { type AnswerSource, setPageSource } from "@/api/answers";
import { withFileRuns } from "@/api/files/file-runs";
import { figureSource, sourcedClient } from "@/api/reports/figures";
import { StaticPage } from "@/features/reports/static/static-page";
import { ViewFilePage } from "@/features/view-file/view-file-page";
import { UiProvider } from "@/ui/ui-provider";
import { ThemeMenu } from "../theme-menu";
import { embeddedSource, readStaticReport, readStaticView, readViewFigure } from "./embedded";

notifyManager.setScheduler(queueMicrotask);

function draw(source: AnswerSource, page: ReactNode): void {
  setPageSource(source);
  createRoot(document.getElementById("root")!).render(
    <StrictMode>
      <QueryClientProvider client={sourcedClient(source)}>
        <UiProvider>{page}</UiProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}

async function start(): Promise<void> {
  const file = readStaticReport();
  if (file) {
    const { project, report, images, saved_micros: savedMicros } = file;
    const tools = <ThemeMenu />;
    draw(embeddedSource, <StaticPage {...{ project, report, images, savedMicros, tools }} />);
    return;
  }
  const viewFile = readStaticView();
  if (!viewFile) throw new Error("the file is incomplete");
  const { saved_micros: savedMicros, ...page } = viewFile;
  const { project } = page;
  const figure = await readViewFigure();
  const stored = figureSource([{ project, figure }], "This panel is not in the file.");
  const source = withFileRuns(project, page.runs, stored);
  draw(source, <ViewFilePage {...page} savedMicros={savedMicros} tools={<ThemeMenu />} />);
}

void start();
