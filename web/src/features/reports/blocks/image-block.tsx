/** Images and videos. Those of other hosts are links: reading a report calls no one. */

import type { Image } from "@/data/report/document";
import { Icon } from "@/ui/signs/icons";
import { TextLink } from "./inline-text";

export function ImageBlock({ image: { url, alt, caption, widthPx } }: { image: Image }) {
  return (
    <figure className="image-block">
      {url?.startsWith("/") ? (
        <img src={url} alt={alt} loading="lazy" style={{ width: widthPx ?? undefined }} />
      ) : (
        <div className="media-link">
          <Icon name="image" />
          {url === null ? (
            <span>{alt || "An image"}: this version of weft cannot show it.</span>
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
