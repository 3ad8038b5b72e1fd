import type { ReactNode } from "react";
import { CopyButton } from "@/ui/controls/copy-button";
import { Icon, type IconName } from "@/ui/signs/icons";

interface CopiedCardProps {
  readonly title: string;
  readonly icon: IconName;
  /** Null: there are only the children. */
  readonly text: string | null;
  /** Noun of the text: "command line". */
  readonly noun: string;
  /** Below the text. */
  readonly children?: ReactNode;
}

export function CopiedCard({ title, icon, text, noun, children }: CopiedCardProps) {
  return (
    <section className="card" aria-label={title}>
      <h2>
        <Icon name={icon} isSmall />
        {title}
        <span className="grow" />
        {text !== null && <CopyButton text={text} label={`Copy ${noun}`} isIcon />}
      </h2>
      <div className="command">
        {text !== null && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
          <pre className="code" tabIndex={0} role="group" aria-label={`Text of the ${noun}`}>
            {text}
          </pre>
        )}
        {children}
      </div>
    </section>
  );
}
