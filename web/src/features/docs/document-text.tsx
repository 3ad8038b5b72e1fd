/** The text of a document: headings with anchors, links to other pages, code that can be copied. */

import { type ComponentProps, createContext, type ReactNode, use, useMemo } from "react";
import type { Components, ExtraProps } from "react-markdown";
import type { DocumentEntry, Heading } from "@/data/documents";
import { CopyButton } from "@/ui/controls/copy-button";
import MarkdownText from "@/ui/text/markdown-text";
import { useTheme } from "@/ui/theme";
import { DocumentLink } from "./document-link";

interface Around {
  readonly entry: DocumentEntry;
  /** The id of the heading in a line. */
  readonly ids: ReadonlyMap<number, string>;
  /** The name of the document at a path. */
  readonly names: ReadonlyMap<string, string>;
}

const AroundContext = createContext<Around | null>(null);

interface DocumentTextProps {
  readonly entry: DocumentEntry;
  readonly text: string;
  readonly headings: readonly Heading[];
  readonly all: readonly DocumentEntry[];
}

export function DocumentText({ entry, text, headings, all }: DocumentTextProps) {
  const around = useMemo<Around>(
    () => ({
      entry,
      ids: new Map(headings.map((heading) => [heading.line, heading.id])),
      names: new Map(all.map((entry) => [entry.path, entry.name])),
    }),
    [entry, headings, all],
  );
  // notes to writers; their lines stay, as headings are found by line
  const shown = text.replace(/^<!--.*-->$/gm, "");
  return (
    <AroundContext value={around}>
      <MarkdownText text={shown} components={COMPONENTS} />
    </AroundContext>
  );
}

function useAround(): Around {
  const around = use(AroundContext);
  if (!around) throw new Error("this is no part of a document");
  return around;
}

function HeadingWithAnchor({ node, children }: { children?: ReactNode } & ExtraProps) {
  const { entry, ids } = useAround();
  const Tag = (node?.tagName ?? "h2") as "h2";
  const id = ids.get(node?.position?.start.line ?? 0);
  return (
    <Tag id={id} tabIndex={-1}>
      {children}
      {id && Tag !== ("h1" as string) && (
        // with keys, the outline leads here
        <span className="anchor" aria-hidden="true">
          <DocumentLink name={entry.name} hash={id} isMouseOnly>
            #
          </DocumentLink>
        </span>
      )}
    </Tag>
  );
}

function TextLink({ href = "", children }: { href?: string; children?: ReactNode }) {
  const { entry, names } = useAround();
  const url = new URL(href, `${window.location.origin}/docs/${entry.path}`);
  const name = url.origin === window.location.origin ? names.get(url.pathname.slice("/docs/".length)) : null;
  if (name !== undefined && name !== null) {
    return (
      <DocumentLink name={name} hash={decodeURIComponent(url.hash.slice(1))}>
        {children}
      </DocumentLink>
    );
  }
  // the server has scripts as texts
  const address = url.pathname.endsWith(".py") ? `${url.href}.txt` : url.href;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

function Code({ node, children }: { children?: ReactNode } & ExtraProps) {
  const code = node?.children[0];
  const text = code?.type === "element" ? code.children[0] : undefined;
  return (
    <div className="code-block">
      <pre>{children}</pre>
      <CopyButton isIcon label="Copy this code" text={text?.type === "text" ? text.value : ""} />
    </div>
  );
}

function TableFrame({ children }: { children?: ReactNode }) {
  return (
    <div className="table">
      <table>{children}</table>
    </div>
  );
}

/** A column without a name has no head. */
function ColumnHead({ children }: { children?: ReactNode }) {
  return children === undefined ? <td /> : <th>{children}</th>;
}

/** Pictures of pages are there in both themes. */
function Picture({ src = "", alt }: ComponentProps<"img">) {
  const { entry } = useAround();
  const theme = useTheme((state) => state.theme);
  const { pathname } = new URL(src, `${window.location.origin}/docs/${entry.path}`);
  return <img src={pathname.replace("-light-", `-${theme}-`)} alt={alt} loading="lazy" />;
}

const COMPONENTS: Components = {
  h1: HeadingWithAnchor,
  h2: HeadingWithAnchor,
  h3: HeadingWithAnchor,
  h4: HeadingWithAnchor,
  a: TextLink,
  pre: Code,
  table: TableFrame,
  th: ColumnHead,
  img: Picture,
};
