/**
 * Which state of the URL is this tab's own default view, so that a reload goes on with it.
 *
 * The same text in another tab is a link: what somebody else sees must not become one's default.
 */

import type { ProjectRef } from "@/api/types";

interface OwnView {
  /** The URL's part that is the view's. */
  readonly text: string;
  /** Of the default view on the server that it was made from. */
  readonly version: number;
}

function nameOf({ entity, project }: ProjectRef): string {
  return `weft.view.${entity}/${project}`;
}

export function readOwnView(ref: ProjectRef): OwnView | null {
  try {
    const text = sessionStorage.getItem(nameOf(ref));
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

export function writeOwnView(ref: ProjectRef, own: OwnView): void {
  try {
    sessionStorage.setItem(nameOf(ref), JSON.stringify(own));
  } catch {
    // storage is full or off: a reload then shows the view as a link
  }
}
