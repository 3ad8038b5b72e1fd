/**
 * Text in Markdown, with tables and task lists; what is HTML in it stays text.
 */

import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import "./markdown-text.css";

interface MarkdownTextProps {
  readonly text: string;
  /** What draws an element, where that is not the element itself. */
  readonly components?: Components;
}

export default function MarkdownText({ text, components = COMPONENTS }: MarkdownTextProps) {
  return (
    <Markdown remarkPlugins={PLUGINS} components={components}>
      {text}
    </Markdown>
  );
}

const PLUGINS = [remarkGfm];

const COMPONENTS = {
  // the page stays: a text is no place to leave it from
  a: ({ href, children }: { href?: string; children?: React.ReactNode }) => (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  ),
};
