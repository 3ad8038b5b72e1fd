/** Blocks one below another, each drawn by its kind. */

import { memo, type ReactNode } from "react";
import type { Block } from "@/data/report/document";
import { Icon } from "@/ui/signs/icons";
import { Formula } from "@/ui/text/formula";
import { useFigures } from "../figures/figures-context";
import { GridBlock } from "../grid/grid-block";
import { useReport } from "../report-context";
import { CALLOUT_ICONS } from "./callout-icons";
import { CardBlock } from "./card-block";
import { CodeBlock } from "./code-block";
import { ImageBlock, VideoBlock } from "./image-block";
import { InlineText } from "./inline-text";
import { ListBlock, TableBlock } from "./nested-blocks";

export function BlockList({ blocks }: { blocks: readonly Block[] }) {
  return blocks.map((block) => <BlockView key={block.id} block={block} />);
}

const BlockView = memo(function BlockView({ block }: { block: Block }) {
  return (
    <div className="block" id={block.id} data-kind={block.kind}>
      {contentOf(block)}
    </div>
  );
});

function contentOf(block: Block): ReactNode {
  switch (block.kind) {
    case "paragraph":
      return (
        <p>
          <InlineText text={block.text} />
        </p>
      );
    case "heading":
      return <HeadingBlock block={block} />;
    case "list":
      return <ListBlock list={block} draw={draw} />;
    case "quote":
      return (
        <blockquote>
          <BlockList blocks={block.blocks} />
        </blockquote>
      );
    case "callout":
      return (
        <div className={`callout ${block.tone}`} role="note">
          <Icon name={CALLOUT_ICONS[block.tone]} />
          <div>
            <BlockList blocks={block.blocks} />
          </div>
        </div>
      );
    case "code":
      return <CodeBlock code={block.code} language={block.language} />;
    case "table":
      return <TableBlock rows={block.rows} draw={draw} />;
    case "collapsible":
      return <CollapsibleBlock block={block} />;
    case "columns":
      return (
        <div
          className="columns"
          style={{
            gridTemplateColumns: block.columns.map(({ share }) => `minmax(0, ${share}fr)`).join(" "),
          }}
        >
          {block.columns.map((column, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: columns are places
            <div key={i}>
              <BlockList blocks={column.blocks} />
            </div>
          ))}
        </div>
      );
    case "divider":
      return <hr />;
    case "math":
      return <Formula latex={block.latex} isBlock />;
    case "image":
      return <ImageBlock image={block} />;
    case "video":
      return <VideoBlock url={block.url} caption={block.caption} />;
    case "contents":
      return <ContentsBlock />;
    case "card":
      return <CardBlock card={block} />;
    case "grid":
      return <GridBlock id={block.id} grid={block} />;
    case "unknown":
      return <UnknownBlock of={block.of} />;
  }
}

function draw(blocks: readonly Block[]): ReactNode {
  return <BlockList blocks={blocks} />;
}

/** Open while figures are stored: panels that are not drawn ask for nothing. */
function CollapsibleBlock({ block }: { block: Extract<Block, { kind: "collapsible" }> }) {
  const { mode } = useFigures();
  return (
    <details open={block.isOpen || mode === "store"}>
      <summary>
        <InlineText text={block.summary} />
      </summary>
      <BlockList blocks={block.blocks} />
    </details>
  );
}

function HeadingBlock({ block }: { block: Extract<Block, { kind: "heading" }> }) {
  const { outline } = useReport();
  const anchor = outline.find(({ id }) => id === block.id)?.anchor;
  // the title of the report is the page's first heading
  const Tag = (["h2", "h3", "h4", "h5", "h6", "h6"] as const)[block.level - 1] ?? "h6";
  return (
    <>
      <Tag id={anchor}>
        <InlineText text={block.text} />
      </Tag>
      {anchor && (
        <a className="anchor" href={`#${anchor}`} aria-label="Link to this heading">
          <Icon name="link" isSmall />
        </a>
      )}
    </>
  );
}

function ContentsBlock() {
  const { outline } = useReport();
  return (
    <nav className="contents" aria-label="Contents">
      <OutlineList />
      {outline.length === 0 && <p className="muted">The report has no headings.</p>}
    </nav>
  );
}

/** The headings of the report, as links to them. */
export function OutlineList() {
  const { outline } = useReport();
  return (
    <ul className="report-toc">
      {outline.map(({ id, anchor, level, text }) => (
        <li key={id} data-level={level}>
          <a href={`#${anchor}`}>{text}</a>
        </li>
      ))}
    </ul>
  );
}

function UnknownBlock({ of }: { of: string }) {
  return (
    <div className="report-unknown">
      <Icon name="info" />
      <span>
        {of ? (
          <>
            A block of the kind <code>{of}</code>, which this version of weft cannot show.
          </>
        ) : (
          "A block that this version of weft cannot show."
        )}{" "}
        It stays in the report.
      </span>
    </div>
  );
}
