/** Text in Markdown, with tables, task lists and formulas; what is HTML in it stays text. */

import Markdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import remarkMath from "remark-math";
import { Formula } from "./formula";
import { keepPrices } from "./prices";
import "./markdown-text.css";

interface MarkdownTextProps {
  readonly text: string;
  /** Components that draw an element instead of the element itself. */
  readonly components?: Components;
}

export default function MarkdownText({ text, components = COMPONENTS }: MarkdownTextProps) {
  return (
    <Markdown remarkPlugins={PLUGINS} components={{ ...FORMULAS, ...components }}>
      {text}
    </Markdown>
  );
}

const PLUGINS = [remarkGfm, remarkMath, keepPrices];

const MATH = /\bmath-(inline|display)\b/;

const FORMULAS: Components = {
  code: ({ className = "", children, node, ...rest }) => {
    const math = MATH.exec(className);
    if (math) return <Formula latex={String(children)} isBlock={math[1] === "display"} />;
    return (
      <code className={className || undefined} {...rest}>
        {children}
      </code>
    );
  },
  // a formula of its own line is no code
  pre: ({ children, node }) => {
    const [code] = node?.children ?? [];
    const isFormula = code?.type === "element" && MATH.test(String(code.properties.className));
    return isFormula ? children : <pre>{children}</pre>;
  },
};

/** Images of other hosts are links: reading a text calls no one. The page's content security policy says the same. */
function TextImage({ src, alt }: { src?: unknown; alt?: string }) {
  const address = typeof src === "string" ? src : "";
  if (!/^([a-z][a-z0-9+.-]*:)?\/\//i.test(address)) return <img src={address} alt={alt ?? ""} />;
  return (
    <a href={address} target="_blank" rel="noopener noreferrer" title={`Not loaded: an image at ${address}`}>
      {alt || address}
    </a>
  );
}

const COMPONENTS = {
  img: TextImage,
  // the page stays: a text is no place to leave it from
  a: ({ href, children }: { href?: string; children?: React.ReactNode }) => (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  ),
};
