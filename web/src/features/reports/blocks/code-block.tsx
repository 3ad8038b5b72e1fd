/** Code with its language; its colors come once the highlighter is there. */

import { lazy, Suspense } from "react";
import { CopyButton } from "@/ui/controls/copy-button";

const ColoredCode = lazy(() => import("@/ui/code/colored-code"));

interface CodeBlockProps {
  readonly code: string;
  readonly language: string | null;
}

export function CodeBlock({ code, language }: CodeBlockProps) {
  return (
    <figure className="code-block" aria-label={language ? `Code in ${language}` : "Code"}>
      <figcaption>
        {language && <span>{language}</span>}
        <CopyButton text={code} label="Copy code" isIcon />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
      <pre tabIndex={0}>
        <code>
          {language ? (
            <Suspense fallback={code}>
              <ColoredCode code={code} language={language} />
            </Suspense>
          ) : (
            code
          )}
        </code>
      </pre>
    </figure>
  );
}
