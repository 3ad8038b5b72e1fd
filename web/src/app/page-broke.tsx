/** In the place of a page that broke: what happened, and ways out. The rail and the top bar stay. */

import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { faultText } from "@/data/text/fault-text";
import { tellPageStatus } from "@/features/page-status";
import { Button } from "@/ui/controls/button";
import { CopyButton } from "@/ui/controls/copy-button";
import { PageProblem } from "@/ui/signs/page-problem";

/** Messages of browsers for a part of the app that is gone because the server has another version since. */
const MISSING_PART =
  /dynamically imported module|Importing a module script failed|error loading dynamically|Unable to preload/i;

export function PageBroke({ error }: { error: unknown }) {
  const text = faultText(error);
  if (MISSING_PART.test(text)) {
    return (
      <PageProblem icon="warn" title="This page could not be loaded">
        <span>The server does not answer, or has a newer version of weft. Load the page again.</span>
        <Button isSmall onClick={() => window.location.reload()}>
          Load again
        </Button>
      </PageProblem>
    );
  }
  const report = error instanceof Error ? `${error.stack ?? text}\n${window.location.href}` : text;
  return (
    <PageProblem icon="warn" title="This page broke">
      <span className="mono broke">{text}</span>
      <span>
        Your runs are not touched. If loading it again does not help, the report says where it broke.
      </span>
      <span className="row">
        <Button isSmall onClick={() => window.location.reload()}>
          Load again
        </Button>
        <Link to="/" className="btn sm" reloadDocument>
          Go to Home
        </Link>
        <CopyButton text={report} label="Copy report" />
      </span>
    </PageProblem>
  );
}

export function NoSuchPage() {
  useEffect(() => tellPageStatus({ title: "No such page" }), []);
  return (
    <PageProblem icon="search" title="There is no such page">
      <span>The link may be cut off or from a newer version of weft.</span>
      <Link to="/" className="btn sm">
        Go to Home
      </Link>
    </PageProblem>
  );
}
