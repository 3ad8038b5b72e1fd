/** Loads what comments add to a report, where it has some or may get some. */

import { later } from "@/ui/parts/later";
import { useComments } from "./comments-context";

const Layer = later(() => import("./comments-layer").then((file) => file.default));

interface CommentsHereProps {
  /** The report with its bar; null before it is there. */
  readonly report: HTMLElement | null;
  readonly isEditor?: boolean;
}

export function CommentsHere({ report, isEditor = false }: CommentsHereProps) {
  const comments = useComments();
  const isNeeded = comments && (comments.mayComment || comments.isOpen || comments.threads.length > 0);
  return report && isNeeded ? <Layer report={report} isEditor={isEditor} /> : null;
}
