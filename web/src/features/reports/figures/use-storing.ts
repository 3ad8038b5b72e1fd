/** Stores the figures of a version: counts the parts, and tells when all of them are done. */

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { FigureRecorder, type ReportVersion, sourcedClient, storeFigure } from "@/api/reports/figures";
import { refreshReports } from "@/api/reports/reports";
import type { ProjectRef } from "@/api/types";
import type { ReportDocument } from "@/data/report/document";
import { type References, referencesOf } from "@/data/report/outline";
import { formatNoun } from "@/data/text/format";
import { showDone, showFailed } from "@/ui/overlays/toasts";
import { valuesQuery } from "../report-values";
import { type ReportFigures, valuesPart } from "./figures-context";
import { partsOf, withoutFigure } from "./project-figures";

interface Storing {
  readonly nDone: number;
  readonly nParts: number;
  onStored(part: string, error: Error | null): void;
}

/**
 * @param version the version that is being stored; null: none is. Its grids have to be drawn meanwhile
 * @param onEnd called when all parts are stored, or could not be; stable
 */
export function useStoring(
  version: ReportVersion | null,
  document: ReportDocument,
  figuresOf: ReportFigures["figuresOf"],
  onEnd: () => void,
): Storing {
  const client = useQueryClient();
  const [ends, setEnds] = useState(NO_ENDS);
  const onStored = useCallback(
    (part: string, error: Error | null) => setEnds((before) => new Map(before).set(part, error)),
    [],
  );
  const references = referencesOf(document);
  const missing = version ? missingParts(document, version.project, figuresOf) : NO_PARTS;
  const isOver = version !== null && missing.every((part) => ends.has(part));
  useValues(version, references, missing, onStored);
  const isTold = useRef(false);
  useEffect(() => {
    if (!version) {
      // it may be tried again
      isTold.current = false;
      setEnds(NO_ENDS);
    } else if (isOver && !isTold.current) {
      isTold.current = true;
      tellEnd(version, [...ends.values()]);
      void refreshReports(client, version.project).then(onEnd);
    }
  }, [client, version, isOver, ends, onEnd]);
  return { nDone: missing.filter((part) => ends.has(part)).length, nParts: missing.length, onStored };
}

const NO_PARTS: readonly string[] = [];
const NO_ENDS: ReadonlyMap<string, Error | null> = new Map();

/** The parts that lack a figure. */
function missingParts(
  document: ReportDocument,
  own: ProjectRef,
  figuresOf: ReportFigures["figuresOf"],
): readonly string[] {
  const parts = partsOf(document, own);
  return parts
    .filter(({ part, projects }) => withoutFigure(figuresOf(part), own, projects).length > 0)
    .map(({ part }) => part);
}

function tellEnd({ version }: ReportVersion, ends: readonly (Error | null)[]): void {
  const errors = ends.filter((error) => error !== null);
  if (errors.length > 0) showFailed(`${formatNoun(errors.length, "figure")} could not be stored`, errors[0]);
  else if (ends.length > 0) showDone(`Stored the figures of version ${version}`);
}

/** Stores the values in the text, which are asked for whether they are in view or not. */
function useValues(
  version: ReportVersion | null,
  references: readonly References[],
  missing: readonly string[],
  onStored: (part: string, error: Error | null) => void,
): void {
  const begun = useRef(new Set<string>());
  useEffect(() => {
    if (!version) begun.current.clear();
    else
      for (const reference of references) {
        const part = valuesPart(reference);
        if (begun.current.has(part) || !missing.includes(part)) continue;
        begun.current.add(part);
        const recorder = new FigureRecorder();
        sourcedClient(recorder.source)
          .fetchQuery(valuesQuery(reference))
          .then(() => storeFigure(version, part, reference, recorder, {}))
          .then(
            () => onStored(part, null),
            (error: unknown) => onStored(part, error as Error),
          );
      }
  });
}
