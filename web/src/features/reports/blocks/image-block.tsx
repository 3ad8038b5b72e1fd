/** Images and videos. Those of other hosts are links: reading a report calls no one. */

import type { Image } from "@/data/report/document";
import { Icon } from "@/ui/signs/icons";
import { useReport } from "../report-context";
import { TextLink } from "./inline-text";

export function ImageBlock({ image: { url, alt, caption, widthPx } }: { image: Image }) {
  const { isShared, isStatic, images } = useReport();
  const source = isStatic ? images?.[url ?? ""] : url?.startsWith("/") && url;
  return (
    <figure className="image-block">
      {source ? (
        <img src={source} alt={alt} loading="lazy" style={{ width: widthPx ?? undefined }} />
      ) : (
        <div className="media-link">
          <Icon name="image" />
          {url?.startsWith("/") ? (
            <span>{alt || "An image"}: not in this file.</span>
          ) : url === null ? (
            <span>
              {alt || "An image"}:{" "}
              {isShared ? "it is not shown by a link." : "this version of weft cannot show it."}
            </span>
          ) : (
            <TextLink to={url}>{alt || hostOf(url)}</TextLink>
          )}
        </div>
      )}
      {caption && <figcaption>{caption}</figcaption>}
    </figure>
  );
}

export function VideoBlock({ url, caption }: { url: string; caption: string }) {
  return (
    <figure className="image-block">
      <div className="media-link">
        <Icon name="play" />
        <TextLink to={url}>Video: {hostOf(url)}</TextLink>
      </div>
      {caption && <figcaption>{caption}</figcaption>}
    </figure>
  );
}

function hostOf(url: string): string {
  return /^https?:\/\/([^/?#]+)/i.exec(url)?.[1] ?? url;
}
