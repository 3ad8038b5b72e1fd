/** A link that works once, to copy and pass on: it is not shown again. */

import type { OneTimeLink } from "@/api/people/invitations";
import { formatDay } from "@/data/text/format";
import { CopyButton } from "@/ui/controls/copy-button";
import { IconButton } from "@/ui/controls/icon-button";
import { Icon } from "@/ui/signs/icons";
import "./people.css";

interface LinkShownProps {
  /** What it is for: "The invitation of bob@lab.org". */
  readonly title: string;
  readonly link: OneTimeLink;
  onClose(): void;
}

export function LinkShown({ title, link, onClose }: LinkShownProps) {
  return (
    <section className="card shown-key" aria-label={title}>
      <div className="row" role="status">
        <Icon name="check" isSmall />
        <b className="ell">{title}</b>
        <span className="grow t2 ell">
          {link.is_mailed ? "It was mailed, too." : "Copy it and pass it on."} It works once, until{" "}
          {formatDay(link.expires_micros)}.
        </span>
        <IconButton icon="x" label="Close" isSmall onClick={onClose} />
      </div>
      <div className="key-line">
        <code className="mono grow">{link.link}</code>
        <CopyButton text={link.link} label="Copy link" />
      </div>
      {link.mail_problem && <p role="alert">No mail was sent: {link.mail_problem}</p>}
    </section>
  );
}
