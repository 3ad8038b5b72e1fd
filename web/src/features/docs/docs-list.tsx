import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { type DocumentGroup, type SectionMatch, spansIn } from "@/data/documents";
import { Button } from "@/ui/controls/button";
import { useAwaited } from "@/ui/hooks/use-awaited";
import { usePageKeys } from "@/ui/keys/use-page-keys";
import { EmptyState } from "@/ui/signs/empty-state";
import { Fault } from "@/ui/signs/fault";
import { Icon } from "@/ui/signs/icons";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { Marked } from "@/ui/text/marked";
import { DocumentLink, useOpenDocument } from "./document-link";
import { useIsGuest } from "./use-is-guest";
import { useSectionSearch } from "./use-section-search";

interface DocsListProps {
  readonly groups: readonly DocumentGroup[];
  /** Of the document that is shown. */
  readonly name: string;
  /** The first text of the search. */
  readonly search: string;
}

export function DocsList({ groups, name, search }: DocsListProps) {
  const [typed, setTyped] = useState(search);
  // on a narrow page the list is folded away until it is asked for
  const [isOpen, setOpen] = useState(search !== "");
  const isSearching = typed.trim() !== "";
  const clear = () => {
    field.current?.focus();
    setTyped("");
    setOpen(false);
  };
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLElement>(null);
  const openDocument = useOpenDocument();
  const entries = useMemo(() => groups.flatMap((group) => group.entries), [groups]);
  const { sections, isLooking, error } = useSectionSearch(entries, typed);
  usePageKeys((key) => {
    if (key !== "/") return false;
    field.current?.focus();
    field.current?.select();
    return true;
  });

  const stepFocus = (step: number) => {
    const stops = [...(list.current?.querySelectorAll<HTMLElement>("input, section a") ?? [])];
    stops[stops.indexOf(document.activeElement as HTMLElement) + step]?.focus();
  };
  // the list of the text before is about to go, and the focus with it
  const enterList = useAwaited(!isLooking, () => {
    if (document.activeElement === field.current) stepFocus(1);
  });
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      if (step > 0 && event.target === field.current) enterList();
      else stepFocus(step);
    } else if (event.key === "Escape" && typed !== "") clear();
  };
  const entered = useRef("");
  const openFirst = useAwaited(!isLooking, () => {
    const [first] = sections;
    if (!first || entered.current !== typed) return;
    openDocument(first.entry.name, hashOf(first));
    setOpen(false);
  });
  return (
    <nav
      className="docs-list"
      aria-label="Documents"
      ref={list}
      onKeyDown={onKey}
      data-open={isOpen || undefined}
      onClick={({ target }) => {
        if (target instanceof Element && target.closest("section a")) setOpen(false);
      }}
    >
      <Button
        look="quiet"
        className="docs-fold"
        icon={isOpen && !isSearching ? "up" : "down"}
        aria-expanded={isOpen && !isSearching}
        onClick={() => {
          setTyped("");
          setOpen(!isOpen || isSearching);
        }}
      >
        All documents
      </Button>
      <div className="inp">
        <Icon name="search" isSmall />
        <input
          ref={field}
          type="text"
          placeholder="Search documents"
          aria-label="Search documents"
          spellCheck={false}
          autoComplete="off"
          value={typed}
          onChange={({ target }) => {
            setTyped(target.value);
            setOpen(target.value.trim() !== "");
          }}
          onFocus={() => setOpen(isSearching)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            entered.current = typed;
            openFirst();
          }}
        />
        {typed && (
          <button type="button" className="btn q sm ico" aria-label="Clear search" onClick={clear}>
            <Icon name="x" isSmall />
          </button>
        )}
      </div>
      <SignInNote />
      <div className="scroll">
        {!isSearching ? (
          groups.map((group) => (
            <section key={group.title} aria-label={group.title}>
              <h2>{group.title}</h2>
              {group.entries.map((entry) => (
                <DocumentLink
                  key={entry.name}
                  name={entry.name}
                  current={entry.name === name ? "page" : undefined}
                >
                  {entry.title}
                </DocumentLink>
              ))}
            </section>
          ))
        ) : error ? (
          <Fault title="The documents could not be read" error={error} />
        ) : sections.length > 0 ? (
          <SectionMatches sections={sections} typed={typed} />
        ) : isLooking ? (
          <SkeletonRows n={6} label="Reading the documents" />
        ) : (
          <EmptyState icon="search" title={`No document has ${typed.trim()}`} />
        )}
      </div>
    </nav>
  );
}

function SectionMatches({ sections, typed }: { sections: readonly SectionMatch[]; typed: string }) {
  return (
    <section className="found" aria-label="What was found">
      {sections.map((section) => {
        const title = hashOf(section) === "" || !section.heading ? section.entry.title : section.heading.text;
        return (
          <DocumentLink
            key={`${section.entry.name}#${section.heading?.id}`}
            name={section.entry.name}
            hash={hashOf(section)}
          >
            <b>
              <Marked text={title} spans={spansIn(title, typed)} />
            </b>
            {title !== section.entry.title && <span className="muted"> {section.entry.title}</span>}
            <span className="excerpt">
              <Marked text={section.excerpt} spans={section.spans} />
            </span>
          </DocumentLink>
        );
      })}
    </section>
  );
}

/** The title of a document is its beginning. */
function hashOf({ heading }: SectionMatch): string {
  return !heading || heading.level === 1 ? "" : heading.id;
}

/** Documents are open to everyone, the other pages are not. */
function SignInNote() {
  if (!useIsGuest()) return null;
  return (
    <p className="muted">
      You are not signed in. <a href="/">Sign in</a>
    </p>
  );
}
