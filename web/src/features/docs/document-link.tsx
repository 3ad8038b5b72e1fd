/** A link to the page of a document, or to a heading of it. */

import { useNavigate } from "@tanstack/react-router";
import type { MouseEvent, ReactNode } from "react";

interface DocumentLinkProps {
  /** "" is the list of all. */
  readonly name: string;
  /** The id of a heading; "" is the beginning. */
  readonly hash?: string;
  readonly className?: string;
  readonly current?: "page" | "location";
  readonly isMouseOnly?: boolean;
  readonly children: ReactNode;
}

/** No `Link` of the router: that marks all links to headings of the page on screen as the current page. */
export function DocumentLink(props: DocumentLinkProps) {
  const { name, hash = "", className, current, isMouseOnly, children } = props;
  const openDocument = useOpenDocument();
  const open = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    openDocument(name, hash);
  };
  return (
    <a
      href={`/docs${name && `/${name}`}${hash && `#${hash}`}`}
      className={className}
      aria-current={current}
      tabIndex={isMouseOnly ? -1 : undefined}
      onClick={open}
    >
      {children}
    </a>
  );
}

export function useOpenDocument() {
  const navigate = useNavigate();
  return (name: string, hash: string): void => {
    // the page finds the heading itself, once the text is there
    const at = { hash, hashScrollIntoView: false };
    if (name === "") void navigate({ to: "/docs", ...at });
    else void navigate({ to: "/docs/$document", params: { document: name }, ...at });
  };
}
