/** Code being written, with its language. */

import { NodeViewContent, type NodeViewProps, NodeViewWrapper } from "@tiptap/react";
import { CopyButton } from "@/ui/controls/copy-button";

/** Those whose colors are drawn; a document may name others. */
const LANGUAGES = [
  "python",
  "bash",
  "json",
  "yaml",
  "toml",
  "javascript",
  "typescript",
  "html",
  "css",
  "c++",
  "cuda",
  "markdown",
  "julia",
  "r",
  "dockerfile",
  "diff",
];

export function CodeView({ node, updateAttributes }: NodeViewProps) {
  const language: string = node.attrs.language ?? "";
  const languages = language && !LANGUAGES.includes(language) ? [language, ...LANGUAGES] : LANGUAGES;
  return (
    <NodeViewWrapper className="code-block">
      <span className="figcaption" contentEditable={false}>
        <select
          aria-label="Language"
          value={language}
          onChange={(event) => updateAttributes({ language: event.target.value || null })}
        >
          <option value="">Plain text</option>
          {languages.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <CopyButton text={node.textContent} label="Copy code" isIcon />
      </span>
      <pre>
        <NodeViewContent<"code"> as="code" />
      </pre>
    </NodeViewWrapper>
  );
}
