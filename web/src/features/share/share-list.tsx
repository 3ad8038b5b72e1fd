/** The links of a project, or of one of its reports, each with a way to copy and to revoke it. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { revokeShare, type Share, sharesQuery } from "@/api/shares";
import type { ProjectRef } from "@/api/types";
import { formatDay, formatNoun } from "@/data/text/format";
import { copyText } from "@/ui/browser/copy-text";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";
import { attempt } from "@/ui/overlays/toasts";
import { Ago } from "@/ui/text/ago";
import { addressOf, frameHtml } from "./share-link";

function partsOf({ shows_files, shows_console, shows_runs, shows_pages }: Share): string {
  const parts = [
    shows_runs && (shows_pages ? "its runs and their pages" : "its runs"),
    shows_files && "files",
    shows_console && "console",
  ].filter(Boolean);
  return parts.length > 0 ? ` with ${parts.join(" and ")}` : "";
}

function endOf({ expires_micros, has_expired }: Share): string {
  if (expires_micros === null) return ", never ends";
  return `, ${has_expired ? "ended" : "ends"} ${formatDay(expires_micros)}`;
}

/** Without a title, its kind and its day. */
function titleOf({ name, kind, created_micros: created }: Share): string {
  return name || `${kind} of ${formatDay(created)}`;
}

interface ShareListProps {
  readonly project: ProjectRef;
  /** Id of a report, whose links alone are listed; null: all. */
  readonly report: string | null;
}

export function ShareList({ project, report }: ShareListProps) {
  const client = useQueryClient();
  const { data = [] } = useQuery(sharesQuery(project));
  const shares = report === null ? data : data.filter((share) => share.report === report);
  const [doomed, setDoomed] = useState<Share | null>(null);
  if (shares.length === 0) return null;
  const revoke = async (share: Share) => {
    setDoomed(null);
    await attempt("Could not revoke it", () => revokeShare(client, project, share.id));
  };
  return (
    <section
      className="share-list"
      aria-label={report === null ? "Shares of this project" : "Links to this report"}
    >
      <h3>{report === null ? "Shared from this project" : "Links to this report"}</h3>
      <ul>
        {shares.map((share) => (
          <li key={share.id}>
            <span className="what">
              <b dir="auto">{titleOf(share)}</b>
              <small>
                {share.kind}
                {partsOf(share)}
                {share.user && <>, by {share.user}</>}, <Ago micros={share.created_micros} suffix=" ago" />
                {endOf(share)}
                {share.may_embed && ", may be embedded"}, opened {formatNoun(share.n_opened, "time")}
                {share.opened_micros !== null && (
                  <>
                    , last <Ago micros={share.opened_micros} suffix=" ago" />
                  </>
                )}
              </small>
            </span>
            {share.may_embed && (
              <IconButton
                icon="code"
                label={`Copy the HTML that embeds ${titleOf(share)}`}
                isSmall
                onClick={() => void copyText(frameHtml(share), "the HTML")}
              />
            )}
            <IconButton
              icon="link"
              label={`Copy the link of ${titleOf(share)}`}
              isSmall
              onClick={() => void copyText(addressOf(share), "the link")}
            />
            <Button isSmall onClick={() => setDoomed(share)}>
              Revoke
            </Button>
          </li>
        ))}
      </ul>
      <ConfirmDialog
        title={`Revoke the link to ${doomed ? doomed.name || doomed.kind : ""}?`}
        isOpen={doomed !== null}
        action="Revoke link"
        onClose={() => setDoomed(null)}
        onConfirm={() => doomed && void revoke(doomed)}
      >
        <p className="dialog-text">
          Readers who have the link, and pages that embed it, see nothing more at once. Nothing restores the
          link: a new share has another one.
        </p>
      </ConfirmDialog>
    </section>
  );
}
