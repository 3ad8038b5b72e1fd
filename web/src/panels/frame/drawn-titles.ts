/**
 * The titles that panels show where their data make them, by panel: `loss min against lr`. A search finds them.
 *
 * Kept while the page is there: a panel that a search leaves out is not drawn, and must be found by the next one.
 */

const titles = new Map<string, string>();

export function noteDrawnTitle(panel: string, title: string): void {
  titles.set(panel, title);
}

export function drawnTitles(): ReadonlyMap<string, string> {
  return titles;
}
