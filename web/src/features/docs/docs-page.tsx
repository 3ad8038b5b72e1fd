/** The documents for users, as they came with the server: a list, a text, its headings. */

import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { contentsQuery, documentQuery } from "@/api/documents";
import { CONTENTS, type DocumentEntry, type Heading, headingsOf } from "@/data/documents";
import { TEXT_FIELDS } from "@/ui/keys/page-keys";
import { PageFault } from "@/ui/signs/fault";
import { Icon } from "@/ui/signs/icons";
import { PageProblem } from "@/ui/signs/page-problem";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { tellPageStatus } from "../page-status";
import { DocsList } from "./docs-list";
import { DocumentLink } from "./document-link";
import { DocumentText } from "./document-text";
import { useIsGuest } from "./use-is-guest";
import "./docs.css";

/** The frame of all documents: what is typed into the search stays from one to the next. */
export function DocsPage() {
  const contents = useQuery(contentsQuery);
  useEffect(() => {
    // after going back, the browser would scroll to the heading that the address names
    window.history.scrollRestoration = "manual";
    return () => {
      window.history.scrollRestoration = "auto";
    };
  }, []);
  const isGuest = useIsGuest();
  useEffect(() => {
    if (!isGuest) return;
    return () => {
      // the sign-in page comes from the server
      if (!window.location.pathname.startsWith("/docs")) window.location.reload();
    };
  }, [isGuest]);
  const { document: name = "" }: { document?: string } = useParams({ strict: false });
  const { find = "" }: { find?: string } = useSearch({ strict: false });
  if (contents.error && !contents.data)
    return (
      <PageFault title="The documents could not be read" error={contents.error} onRetry={contents.refetch} />
    );
  return (
    <div className="docs">
      <DocsList key={find} groups={contents.data ?? []} name={name} search={find} />
      <Outlet />
    </div>
  );
}

/** One document; without a name in the address, the list of all as a text. */
export function DocumentPage() {
  const groups = useQuery(contentsQuery).data;
  const { document, _splat }: { document?: string; _splat?: string } = useParams({ strict: false });
  const name = document ?? _splat ?? "";
  const all = useMemo(() => [CONTENTS, ...(groups ?? []).flatMap((group) => group.entries)], [groups]);
  const at = all.findIndex((entry) => entry.name === name);
  if (!groups) return <SkeletonRows n={8} label="Loading the document" />;
  const entry = all[at];
  if (!entry) return <NoSuchDocument name={name} />;
  return <DocumentShown key={entry.path} entry={entry} all={all} at={at} />;
}

function NoSuchDocument({ name }: { name: string }) {
  useEffect(() => tellPageStatus({ title: "No such document" }), []);
  return (
    <PageProblem icon="search" title={`There is no document ${name}`}>
      <span>The link may be cut off or from a newer version of weft.</span>
      <Link to="/docs" className="btn sm">
        All documents
      </Link>
    </PageProblem>
  );
}

interface DocumentShownProps {
  readonly entry: DocumentEntry;
  readonly all: readonly DocumentEntry[];
  readonly at: number;
}

function DocumentShown({ entry, all, at }: DocumentShownProps) {
  const { data: text, error, refetch } = useQuery(documentQuery(entry));
  const headings = useMemo(() => headingsOf(text ?? ""), [text]);
  const scroller = useRef<HTMLElement>(null);
  const active = useActiveHeading(scroller, headings);
  useScrollPosition(scroller, entry, text !== undefined);
  useEffect(() => tellPageStatus({ title: entry === CONTENTS ? null : entry.title }), [entry]);
  if (error && text === undefined)
    return <PageFault title="The document could not be read" error={error} onRetry={refetch} />;
  const before = all[at - 1];
  const after = all[at + 1];
  return (
    <main className="doc" ref={scroller} tabIndex={-1}>
      <article className="md">
        {text === undefined ? (
          <SkeletonRows n={8} label="Loading the document" />
        ) : (
          <DocumentText entry={entry} text={text} headings={headings} all={all} />
        )}
        <nav className="around" aria-label="Documents before and after">
          {before && (
            <DocumentLink name={before.name}>
              <Icon name="left" isSmall />
              {before.title}
            </DocumentLink>
          )}
          <span className="grow" />
          <a href={`/docs/${entry.path}`} target="_blank" rel="noopener noreferrer">
            As Markdown
          </a>
          <span className="grow" />
          {after && (
            <DocumentLink name={after.name}>
              {after.title}
              <Icon name="right" isSmall />
            </DocumentLink>
          )}
        </nav>
      </article>
      <Outline entry={entry} headings={headings} active={active} />
    </main>
  );
}

interface OutlineProps {
  readonly entry: DocumentEntry;
  readonly headings: readonly Heading[];
  readonly active: string | null;
}

function Outline({ entry, headings, active }: OutlineProps) {
  const shown = headings.filter((heading) => heading.level === 2 || heading.level === 3);
  if (shown.length < 2) return null;
  return (
    <nav className="outline" aria-label="On this page">
      <h2>On this page</h2>
      {shown.map((heading) => (
        <DocumentLink
          key={heading.id}
          name={entry.name}
          hash={heading.id}
          className={heading.level === 3 ? "deep" : undefined}
          current={heading.id === active ? "location" : undefined}
        >
          {heading.text}
        </DocumentLink>
      ))}
    </nav>
  );
}

/** From a heading's top to the top of the page, where it counts as read. */
const READ_PX = 96;

/** The id of the last heading of the outline above what is read now. */
function useActiveHeading(scroller: React.RefObject<HTMLElement | null>, headings: readonly Heading[]) {
  const [active, setActive] = useState<string | null>(null);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const look = () => {
      const top = element.getBoundingClientRect().top + READ_PX;
      const read = headings.filter(({ id, level }) => {
        const heading = level === 2 || level === 3 ? document.getElementById(id) : null;
        return heading !== null && heading.getBoundingClientRect().top <= top;
      });
      setActive(read.at(-1)?.id ?? null);
    };
    look();
    element.addEventListener("scroll", look, { passive: true });
    return () => element.removeEventListener("scroll", look);
  }, [scroller, headings]);
  return active;
}

/** Scroll positions of visited documents, by the key of their entry in the browser's history. */
const scrolled = new Map<string, number>();

/** Shows the heading that the address names, and after going back what was seen before. */
function useScrollPosition(
  scroller: React.RefObject<HTMLElement | null>,
  { name }: DocumentEntry,
  hasText: boolean,
): void {
  // the address is already the next one's while this document is still on screen
  const isHere = useLocation({ select: ({ pathname }) => pathname === (name ? `/docs/${name}` : "/docs") });
  const hash = useLocation({ select: (location) => location.hash });
  const key = useLocation({ select: (location) => location.state.__TSR_key ?? "" });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || !isHere || !hasText) return;
    const lastTop = scrolled.get(key);
    const heading = hash === "" ? null : document.getElementById(decodeURIComponent(hash));
    if (lastTop !== undefined) element.scrollTop = lastTop;
    else if (heading) heading.scrollIntoView();
    else element.scrollTop = 0;
    // the keys that scroll then scroll the text; what is being typed is not interrupted
    if (!document.activeElement?.matches(TEXT_FIELDS)) (heading ?? element).focus({ preventScroll: true });
    const note = () => scrolled.set(key, element.scrollTop);
    element.addEventListener("scroll", note, { passive: true });
    return () => element.removeEventListener("scroll", note);
  }, [scroller, isHere, hasText, hash, key]);
}
