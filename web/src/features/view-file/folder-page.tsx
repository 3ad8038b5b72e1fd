/** The first page of a project in files: its description, its views and reports, its runs. */

import type { Run } from "@/api/types";
import MarkdownText from "@/ui/text/markdown-text";
import { PanelScroll } from "../board/board-states";
import { SharedTable } from "../shared-runs/shared-table";
import type { FileFolder } from "./file-view";

interface FolderPageProps {
  readonly runs: readonly Run[];
  readonly folder: FileFolder;
}

export function FolderPage({ runs, folder }: FolderPageProps) {
  const kinds = [...new Set(folder.links.map(({ kind }) => kind))];
  return (
    <section className="panels file-runs" aria-label="Project">
      <PanelScroll>
        {folder.description && (
          <section className="card file-text md" aria-label="Description">
            <MarkdownText text={folder.description} />
          </section>
        )}
        {kinds.map((kind) => (
          <section key={kind} className="file-links" aria-label={kind}>
            <h2>{kind}</h2>
            <ul>
              {folder.links
                .filter((link) => link.kind === kind)
                .map(({ title, href }) => (
                  <li key={href}>
                    <a href={href}>{title}</a>
                  </li>
                ))}
            </ul>
          </section>
        ))}
        <SharedTable runs={runs} first={[]} looks={{}} hrefs={folder.runs} />
      </PanelScroll>
    </section>
  );
}
