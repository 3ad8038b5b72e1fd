/** Images and videos. Those of other hosts are links: reading a report calls no one. */

import { useState } from "react";
import type { Image } from "@/data/report/document";
import { Icon } from "@/ui/signs/icons";
import { useReport } from "../report-context";
import { TextLink } from "./inline-text";

export function ImageBlock({ image }: { image: Image }) {
  const { url, alt, caption, widthPx } = image;
  const { isShared } = useReport();
  const source = useSource(image);
  const [failed, setFailed] = useState<string | null>(null);
  const isDrawn = source !== null && source !== failed;
  if (isEmpty(image) && !isShared) return null;
  return (
    <figure className="image-block">
      {isDrawn ? (
        <img
          src={source}
          alt={alt}
          loading="lazy"
          style={{ width: widthPx ?? undefined }}
          onError={() => setFailed(source)}
        />
      ) : (
        <div className="media-link">
          <Icon name="image" />
          {image.sha256 === null && url !== null && !url.startsWith("/") ? (
            <TextLink to={url}>{alt || hostOf(url)}</TextLink>
          ) : (
            <Absent image={image} isLost={source !== null} />
          )}
        </div>
      )}
      {caption && <figcaption>{caption}</figcaption>}
    </figure>
  );
}

/** The address from which the page draws an image; null: it draws none. */
function useSource({ sha256, url }: Image): string | null {
  const { isStatic, images, imageOf } = useReport();
  if (sha256 !== null) return imageOf(sha256);
  if (url === null) return null;
  if (isStatic) return images?.[url] ?? null;
  return url.startsWith("/") ? url : null;
}

/** One that no one has chosen yet, and said nothing about. */
function isEmpty({ sha256, url, alt, caption }: Image): boolean {
  return sha256 === null && url === null && alt === "" && caption === "";
}

function Absent({ image: { alt, sha256, url }, isLost }: { image: Image; isLost: boolean }) {
  const { isShared, isStatic } = useReport();
  const isNamed = sha256 !== null || url !== null;
  return (
    <span>
      {alt || "An image"}:{" "}
      {isLost
        ? "it could not be loaded."
        : isStatic && isNamed
          ? "not in this file."
          : isShared
            ? "it is not shown by a link."
            : "no one has chosen it yet."}
    </span>
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
